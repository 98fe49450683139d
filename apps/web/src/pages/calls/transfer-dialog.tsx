/** Sends a call on: to whom, and what became of it. */
import { Autocomplete, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { Form } from '../../parts/form.tsx';
import type { Names } from '../../parts/names.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import type { LiveCall } from './data.ts';
import { tell, useLiveFailure } from './live-failure.ts';
import { partiesOf } from './parties.tsx';
import { reasonOf } from './story.ts';

/** Milliseconds from one look at what became of it to the next, and how often. */
const LOOK_AGAIN = 1_000;
const LOOKS = 60;

interface TransferDialogProps {
  call: LiveCall;
  names: Names;
  opened: boolean;
  onClose(): void;
}

export function TransferDialog({ opened, onClose, ...of }: TransferDialogProps) {
  const { t } = useTranslation('calls');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('transfer.title')}
      closeButtonProps={{ 'aria-label': t('transfer.cancel') }}
    >
      <TransferForm {...of} onClose={onClose} />
    </Modal>
  );
}

function TransferForm({ call, names, onClose }: Omit<TransferDialogProps, 'opened'>) {
  const { t } = useTranslation('calls');
  const { slug: org } = useOrganization();
  const failed = useLiveFailure();
  const [typed, setTyped] = useState('');
  const choices = names.extensions.map(({ number, name }) => ({ number, label: `${number} ${name}` }));
  const to = choices.find(({ label }) => label === typed)?.number ?? typed.trim();
  const params = { org, call: call.id };
  const follow = async (steps: number, label: string) => {
    const became = await outcomeOf(params, steps);
    if (became === 'over') tell(t('live.hungUpBefore'));
    else if (became === 'transferred') tell(t('transfer.done', { to: label }));
    else if (became !== 'unknown') {
      const message = t('transfer.failed', { to: label, why: reasonOf(became.reason, t) });
      notifications.show({ color: 'red', message, role: 'alert', autoClose: 12_000 });
    }
  };
  const transfer = useMutation({
    mutationFn: async () => {
      const { trace } = await api.getLiveCall({ params });
      await api.transferCall({ params, body: { to } });
      return trace.length;
    },
    onSuccess: (steps) => {
      onClose();
      tell(t('transfer.began', { to: names.label(to) }));
      void follow(steps, names.label(to));
    },
    onError: (error) => {
      const id = problemOf(error)?.id;
      if (id !== 'not-found' && id !== 'conflict') return;
      onClose();
      failed(error, t('transfer.notNow'));
    },
  });
  const refused = useRefusal(transfer.error);
  const send = () => {
    if (to !== '') transfer.mutate();
  };
  return (
    <Form onSend={send} failure={transfer.error}>
      <Stack>
        <Text size="sm">{t('transfer.text', partiesOf(call, names, t))}</Text>
        <RefusalAlert text={refused.beside('to')} />
        <Autocomplete
          label={t('transfer.to')}
          description={t('transfer.toText')}
          value={typed}
          error={refused.at('to')}
          data={choices.filter(({ number }) => number !== call.with).map(({ label }) => label)}
          limit={50}
          autoComplete="off"
          onChange={setTyped}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('transfer.cancel')}
          </Button>
          <Button type="submit" disabled={to === ''} loading={transfer.isPending}>
            {t('transfer.button')}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}

type Outcome = 'transferred' | 'over' | 'unknown' | { reason: unknown };

/** @param steps how many the call had before */
async function outcomeOf(params: { org: string; call: string }, steps: number): Promise<Outcome> {
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    try {
      const { trace } = await api.getLiveCall({ params });
      const step = trace.slice(steps).find((one) => one.step === 'transferred' || one.step === 'transfer-failed');
      if (step?.step === 'transferred') return 'transferred';
      if (step) return { reason: step.detail?.reason };
    } catch (error) {
      if (problemOf(error)?.id === 'not-found') return 'over';
    }
  }
  return 'unknown';
}
