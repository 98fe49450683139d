import { Button, Group, Paper, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useFailure } from '../../parts/failure.tsx';
import { TypedQuestion, useQuestion } from '../../parts/question.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import type { PartProps } from './organization-page.tsx';

/** Suspended and resumed, deleted and restored. */
export function Existence({ organization, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const failed = useFailure();
  const ask = useQuestion();
  const org = organization.slug;
  const done = { onSuccess: onChanged, onError: failed };
  const suspend = useMutation({
    mutationFn: (calls: 'end' | 'keep') => api.suspendOrganization({ params: { org }, body: { calls } }),
    ...done,
  });
  const resume = useMutation({ mutationFn: () => api.unsuspendOrganization({ params: { org } }), ...done });
  const restore = useMutation({ mutationFn: () => api.restoreOrganization({ params: { org } }), ...done });
  const save = useMutation({ mutationFn: () => saveExport(org), onError: failed });
  const [calls, setCalls] = useState<'keep' | 'end'>('keep');
  if (organization.deletedAt !== null) {
    return (
      <Act title={t('existence.restore')} text={t('existence.restoreText')}>
        <Button loading={restore.isPending} onClick={() => restore.mutate()}>
          {t('existence.restore')}
        </Button>
        <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
          {t('existence.export')}
        </Button>
      </Act>
    );
  }
  return (
    <Stack maw={760}>
      {organization.isSuspended ? (
        <Act title={t('existence.resume')} text={t('existence.resumeText')}>
          <Button loading={resume.isPending} onClick={() => resume.mutate()}>
            {t('existence.resume')}
          </Button>
        </Act>
      ) : (
        <Act title={t('existence.suspend')} text={t('existence.suspendText')}>
          <Radio.Group
            label={t('existence.calls')}
            value={calls}
            onChange={(value) => setCalls(value as 'keep' | 'end')}
            w="100%"
          >
            <Group mt={6}>
              <Radio value="keep" label={t('existence.keep')} />
              <Radio value="end" label={t('existence.end')} />
            </Group>
          </Radio.Group>
          <Button
            variant="default"
            loading={suspend.isPending}
            onClick={() =>
              ask({
                title: t('existence.suspendTitle', { name: organization.name }),
                text: t('existence.suspendText'),
                action: t('existence.suspend'),
                onYes: () => suspend.mutate(calls),
              })
            }
          >
            {t('existence.suspend')}
          </Button>
        </Act>
      )}
      <Act title={t('existence.export')} text={t('existence.exportText')}>
        <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
          {t('existence.export')}
        </Button>
      </Act>
      <Deletion organization={organization} onChanged={onChanged} />
    </Stack>
  );
}

function Deletion({ organization, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const [isAsked, setAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.deleteOrganization({ params: { org: organization.slug }, query: { confirm: organization.slug } }),
    onSuccess: () => {
      setAsked(false);
      onChanged();
    },
  });
  const refusal = useRefusal(remove.error).beside();
  return (
    <Act title={t('existence.delete')} text={t('existence.deleteText')}>
      <Button color="red" variant="light" onClick={() => setAsked(true)}>
        {t('existence.delete')}
      </Button>
      <TypedQuestion
        opened={isAsked}
        onClose={() => setAsked(false)}
        title={t('existence.deleteTitle', { name: organization.name })}
        text={t('existence.deleteText')}
        action={t('existence.delete')}
        word={organization.slug}
        isPending={remove.isPending}
        refusal={refusal}
        onYes={remove.mutate}
      />
    </Act>
  );
}

function Act({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Stack gap="sm" align="flex-start">
        <div>
          <Text fw={600}>{title}</Text>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </div>
        <Group gap="sm">{children}</Group>
      </Stack>
    </Paper>
  );
}

/** As a file of the browser's. */
async function saveExport(org: string): Promise<void> {
  const content = await api.exportOrganization({ params: { org } });
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${org}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
