/** A carrier's table of prices: looked through first, and taken over whole or not at all. */
import { Alert, Button, FileButton, Group, List, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { type BadLine, badLines } from './bad-lines.ts';

interface DeckUploadProps {
  org: string;
  trunk: string;
  currency: string | null;
  hasRates: boolean;
  onImported(): void;
}

export function DeckUpload({ org, trunk, currency: before, hasRates, onImported }: DeckUploadProps) {
  const { t } = useTranslation('rates');
  const [currency, setCurrency] = useState(before ?? '');
  const [file, setFile] = useState<{ name: string; csv: string } | null>(null);
  const send = (csv: string, isDryRun: boolean) =>
    api.importRates({ params: { org, trunk }, body: { currency: currency.trim().toUpperCase(), csv, isDryRun } });
  const look = useMutation({
    mutationFn: async (chosen: File) => {
      const csv = await chosen.text();
      setFile({ name: chosen.name, csv });
      return send(csv, true);
    },
  });
  const take = useMutation({
    mutationFn: (csv: string) => send(csv, false),
    onSuccess: () => {
      setFile(null);
      look.reset();
      onImported();
    },
  });
  const failure = take.error ?? look.error;
  const bad = badLines(problemOf(failure)?.fields ?? []);
  const refused = useRefusal(failure);
  const choose = (chosen: File | null) => {
    take.reset();
    if (chosen) look.mutate(chosen);
  };
  return (
    <Paper p="md" component="section" aria-label={t('upload.title')}>
      <Stack gap="sm">
        <div>
          <Text fw={600}>{t('upload.title')}</Text>
          <Text size="sm" c="dimmed">
            {t('upload.text')}
          </Text>
        </div>
        <Group gap="sm" align="flex-start">
          <TextInput
            label={t('currency')}
            placeholder="EUR"
            w={110}
            maxLength={3}
            value={currency}
            error={refused.at('currency')}
            onChange={(event) => setCurrency(event.currentTarget.value)}
          />
          <FileButton accept=".csv,text/csv,text/plain" onChange={choose}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                mt={24}
                leftSection={<IconUpload size={18} aria-hidden />}
                loading={look.isPending}
              >
                {t('upload.choose')}
              </Button>
            )}
          </FileButton>
        </Group>
        <Stack gap="sm" role="status">
          {look.isSuccess && file !== null && (
            <Alert color="teal" icon={<IconCheck aria-hidden />}>
              <Stack gap="sm" align="flex-start">
                <Text fw={600} size="sm">
                  {t('upload.good', { count: look.data.count, name: file.name })}
                </Text>
                {hasRates && <Text size="sm">{t('upload.replaces')}</Text>}
                <Button size="xs" loading={take.isPending} onClick={() => take.mutate(file.csv)}>
                  {t('upload.take')}
                </Button>
              </Stack>
            </Alert>
          )}
          {take.isSuccess && <Text size="sm">{t('upload.taken', { count: take.data.count })}</Text>}
        </Stack>
        {failure !== null && bad.length > 0 && <Bad lines={bad} name={file?.name ?? ''} />}
        {failure !== null && bad.length === 0 && refused.at('currency') === undefined && (
          <RefusalAlert text={refused.beside('currency')} />
        )}
      </Stack>
    </Paper>
  );
}

function Bad({ lines, name }: { lines: BadLine[]; name: string }) {
  const { t } = useTranslation('rates');
  return (
    <Alert color="red" role="alert" title={t('upload.bad', { name })}>
      <Stack gap="xs">
        <Text size="sm">{t('upload.badText')}</Text>
        <List size="sm">
          {lines.map(({ line, column, reason, values }) => (
            <List.Item key={`${line} ${column} ${reason}`}>
              {line !== null && (
                <b>{column === null ? t('upload.line', { line }) : t('upload.lineColumn', { line, column })}</b>
              )}{' '}
              {reason === 'other' ? values.text : t(`upload.reasons.${reason}`, { replace: values })}
            </List.Item>
          ))}
        </List>
      </Stack>
    </Alert>
  );
}
