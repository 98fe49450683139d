import { Alert, Button, Group, List, Modal, Paper, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useReasonText } from '../../parts/refusal.ts';
import { Changes } from './changes.tsx';
import { type Change, useChanges } from './data.ts';
import classes from './phones.module.css';

const ALL = ['extensions', 'numbers', 'devices', 'draft', 'revisions'];

/** Tells how many changes wait, shows them, and puts them into effect or takes them back. */
export default function ApplyBar({ changes }: { changes: Change[] }) {
  const { t } = useTranslation('phones');
  const { slug: org, may } = useOrganization();
  const { read } = useChanges(org);
  const [isShown, shown] = useDisclosure();
  const failed = useFailure();
  const params = { org };

  const apply = useMutation({
    mutationFn: () => api.applyDraft({ params, body: {} }),
    onSuccess: ({ number }) => {
      notifications.show({ color: 'green', message: t('apply.applied', { number }), role: 'status' });
      shown.close();
    },
    onError: (error) => {
      if (problemOf(error)?.id === 'draft-invalid') shown.open();
      else failed(error);
    },
    onSettled: () => read(...ALL),
  });
  const discard = () =>
    modals.openConfirmModal({
      title: t('apply.discardTitle'),
      children: <Text size="sm">{t('apply.discardText')}</Text>,
      labels: { confirm: t('apply.discard'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => {
        api
          .discardDraft({ params })
          .catch(failed)
          .finally(() => {
            shown.close();
            read(...ALL);
          });
      },
    });

  const canWrite = may('revisions:write');
  const buttons = canWrite && (
    <Group gap="xs">
      <Button variant="default" onClick={discard} disabled={apply.isPending}>
        {t('apply.discard')}
      </Button>
      <Button loading={apply.isPending} onClick={() => apply.mutate()}>
        {t('apply.apply')}
      </Button>
    </Group>
  );
  const refusals = problemOf(apply.error)?.id === 'draft-invalid' ? problemOf(apply.error)!.fields : [];
  return (
    <>
      <Paper className={classes.bar} shadow="md" p="sm" component="section" aria-label={t('apply.title')}>
        <Group justify="space-between" gap="sm">
          <Group gap="sm">
            <Text fw={500} role="status">
              {t('apply.waiting', { count: changes.length })}
            </Text>
            <Button variant="subtle" size="compact-sm" onClick={shown.open}>
              {t('apply.show')}
            </Button>
          </Group>
          {buttons}
        </Group>
      </Paper>
      <Modal
        opened={isShown}
        onClose={shown.close}
        size="lg"
        title={t('apply.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Stack>
          {refusals.length > 0 && (
            <Alert color="red" role="alert" title={t('apply.refused')}>
              <List size="sm">
                {refusals.map(({ field, reason }) => (
                  <List.Item key={field}>
                    <Refusal field={field} reason={reason} />
                  </List.Item>
                ))}
              </List>
            </Alert>
          )}
          <Changes changes={changes} />
          <Text size="sm" c="dimmed">
            {t('apply.effect')}
          </Text>
          <Group justify="flex-end">{buttons}</Group>
        </Stack>
      </Modal>
    </>
  );
}

/** `extensions.101.forwardBusy` and what is wrong with it. */
function Refusal({ field, reason }: { field: string; reason: string }) {
  const { t } = useTranslation('phones');
  const reasonText = useReasonText();
  const [what, name = '', member = ''] = field.split('.');
  const extension = `${t('changes.extension', { name })}, ${t(`members.${member}` as 'members.name')}`;
  return (
    <>
      {what === 'extensions' ? extension : name}: {reasonText(reason)}
    </>
  );
}
