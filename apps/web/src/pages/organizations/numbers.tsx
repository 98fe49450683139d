import type { NumberAnswer } from '@littlepbx/contract';
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconHash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { allExtensions } from '../../parts/extensions.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Form } from '../../parts/form.tsx';
import { readable } from '../../parts/phone-number.ts';
import { useQuestion } from '../../parts/question.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import type { PartProps } from './organization-page.tsx';

/** Numbers that people outside dial: given to the organization and taken back. */
export function Numbers({ organization: { slug: org }, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const queries = useQueryClient();
  const queryKey = ['numbers', org];
  const numbers = useQuery({
    queryKey,
    queryFn: () => everyPage((query) => api.listNumbers({ params: { org }, query })),
  });
  const changed = () => {
    void queries.invalidateQueries({ queryKey });
    onChanged();
  };
  return (
    <Stack maw={760}>
      <Text c="dimmed" size="sm">
        {t('numbers.about')}
      </Text>
      <Assign org={org} onDone={changed} />
      {numbers.isPending && <ListSkeleton rows={3} />}
      {isUnread(numbers) && <Failed error={numbers.error} retry={() => void numbers.refetch()} />}
      {numbers.data?.length === 0 && <Empty icon={IconHash} title={t('numbers.empty')} />}
      <Stack gap="xs" role="list">
        {numbers.data?.map((number) => (
          <Row key={number.number} org={org} number={number} onGone={changed} />
        ))}
      </Stack>
    </Stack>
  );
}

function Assign({ org, onDone }: { org: string; onDone: () => void }) {
  const { t } = useTranslation('organizations');
  const [number, setNumber] = useState('');
  const [extension, setExtension] = useState('');
  const extensions = useQuery({
    queryKey: ['extensions', org, 'all'],
    queryFn: () => allExtensions(org),
  });
  const assign = useMutation({
    mutationFn: () =>
      api.assignNumber({ params: { org }, body: { number, ...(extension === '' ? {} : { extension }) } }),
    onSuccess: () => {
      setNumber('');
      onDone();
    },
  });
  const refused = useRefusal(assign.error);
  const beside = refused.beside('number', 'extension');
  return (
    <Form onSend={() => assign.mutate()} failure={assign.error}>
      <RefusalAlert text={beside} mb="sm" />
      <Group gap="sm" align="flex-start">
        <TextInput
          type="tel"
          label={t('numbers.number')}
          placeholder="+442079460100"
          required
          value={number}
          error={refused.at('number')}
          onChange={(event) => setNumber(event.currentTarget.value)}
          flex="1 1 200px"
        />
        <NativeSelect
          label={t('numbers.leadsTo')}
          value={extension}
          error={refused.at('extension')}
          data={[
            { value: '', label: t('numbers.nowhere') },
            ...(extensions.data ?? []).map((one) => ({ value: one.number, label: `${one.number} ${one.name}` })),
          ]}
          onChange={(event) => setExtension(event.currentTarget.value)}
          flex="1 1 200px"
        />
        <Button type="submit" loading={assign.isPending} mt={24}>
          {t('numbers.assign')}
        </Button>
      </Group>
    </Form>
  );
}

function Row({ org, number, onGone }: { org: string; number: NumberAnswer; onGone: () => void }) {
  const { t } = useTranslation('organizations');
  const ask = useQuestion();
  const failed = useFailure();
  const release = useMutation({
    mutationFn: () => api.releaseNumber({ params: { org, number: number.number } }),
    onSuccess: onGone,
    onError: failed,
  });
  const question = () =>
    ask({
      title: t('numbers.releaseTitle', { number: readable(number.number) }),
      text: t('numbers.releaseText'),
      action: t('numbers.release'),
      onYes: release.mutate,
    });
  const { extension, appliedExtension } = number;
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="xs">
        <div>
          <Text fw={600}>{readable(number.number)}</Text>
          <Text size="sm" c="dimmed">
            {appliedExtension === null
              ? t('numbers.leadsNowhere')
              : t('numbers.leads', { extension: appliedExtension })}
            {extension !== appliedExtension &&
              ` · ${extension === null ? t('numbers.willLeadNowhere') : t('numbers.willLead', { extension })}`}
          </Text>
        </div>
        <Button variant="light" color="red" size="xs" loading={release.isPending} onClick={question}>
          {t('numbers.release')}
        </Button>
      </Group>
    </Paper>
  );
}
