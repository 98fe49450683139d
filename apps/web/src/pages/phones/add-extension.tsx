import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem, api, problemOf } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { isSame } from '../../parts/difference.ts';
import { useFocusReturn } from '../../parts/focus-return.ts';
import { tookEffect } from '../../parts/own-changes.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { type Extension, useChanges } from './data.ts';

/** The next one after the highest, or 101. */
function freeNumber(taken: Extension[]): string {
  const numbers = new Set(taken.map(({ number }) => number));
  let next = Math.max(100, ...[...numbers].map(Number).filter((n) => n < 100_000)) + 1;
  while (numbers.has(String(next))) next += 1;
  return String(next);
}

export default function AddExtension({ onClose, taken }: { onClose: () => void; taken: Extension[] }) {
  useFocusReturn();
  const { t } = useTranslation('phones');
  const { slug: org } = useOrganization();
  const { read } = useChanges(org);
  const [number, setNumber] = useState(() => freeNumber(taken));
  const [name, setName] = useState('');
  /** With what else was changed of it taken back before, it is as it was made, unless somebody else had a hand in it. */
  const takeBack = async (made: Extension): Promise<void> => {
    const params = { org, extension: made.id };
    const now = await api.getExtension({ params }).catch((error: unknown) => {
      if (problemOf(error)?.id === 'not-found') return null;
      throw error;
    });
    if (now !== null && !isSame(now, made)) {
      throw new ApiProblem({ id: 'stale', status: 409, detail: 'somebody else has changed it' });
    }
    if (now !== null) await api.deleteExtension({ params });
    read('extensions', 'numbers', 'devices', 'draft');
  };
  const add = useMutation({
    mutationFn: () => api.createExtension({ params: { org }, body: { number: number.trim(), name } }),
    onSuccess: (made) => {
      read('extensions', 'draft');
      tookEffect({ name: t('extension.addition', { number: made.number }), takeBack: () => takeBack(made) });
      onClose();
    },
  });
  const refusal = useRefusal(add.error);
  const other = refusal.beside('number', 'name');
  const send = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={t('extensions.add')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={send}>
        <Stack>
          <TextInput
            label={t('extension.number')}
            description={t('add.numberText')}
            inputMode="numeric"
            required
            withAsterisk={false}
            value={number}
            error={refusal.at('number')}
            onChange={(event) => setNumber(event.currentTarget.value)}
          />
          <TextInput
            label={t('extension.name')}
            description={t('add.nameText')}
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            error={refusal.at('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {other !== null && (
            <Text size="sm" c="red" role="alert">
              {other}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('add.button')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
