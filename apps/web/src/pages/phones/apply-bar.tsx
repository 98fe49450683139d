import { Button, Group, Menu, Modal, Paper, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconClockHour4 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useMe, useOrganization } from '../../app/session.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { type Draft, useChanges } from './data.ts';
import classes from './phones.module.css';
import { WhatWaits } from './what-waits.tsx';

const ALL = ['extensions', 'numbers', 'devices', 'music', 'draft', 'revisions'];
const DEADLINES_IN_H = [1, 8, 24];

/** Tells how many changes wait, shows them, and puts them into effect (now, or when nobody talks) or takes them back. */
export default function ApplyBar({ draft }: { draft: Draft }) {
  const { t } = useTranslation('phones');
  const { moment } = useWritten();
  const { slug: org, may } = useOrganization();
  const me = useMe();
  const { read } = useChanges(org);
  const [isShown, shown] = useDisclosure();
  const failed = useFailure();
  const params = { org };

  const refused = (error: unknown) => {
    if (problemOf(error)?.id === 'draft-invalid') shown.open();
    else failed(error);
  };
  const apply = useMutation({
    mutationFn: () => api.applyDraft({ params, body: {} }),
    onSuccess: ({ number }) => {
      const message = t('apply.applied', { number });
      notifications.show({ id: message, color: 'green', message, role: 'status' });
      shown.close();
    },
    onError: refused,
    onSettled: () => read(...ALL),
  });
  const applyWhenIdle = useMutation({
    mutationFn: (hours: number) => api.applyWhenIdle({ params, body: { deadlineInS: hours * 3600, email: me.email } }),
    onSuccess: shown.close,
    onError: refused,
    onSettled: () => read(...ALL),
  });
  const stop = useMutation({
    mutationFn: () => api.stopApply({ params }),
    onError: failed,
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

  const { changes, waiting } = draft;
  const isBusy = apply.isPending || applyWhenIdle.isPending;
  const buttons = may('revisions:write') && (
    <Group gap="xs">
      {waiting === null ? (
        <Button variant="default" onClick={discard} disabled={isBusy}>
          {t('apply.discard')}
        </Button>
      ) : (
        <Button variant="default" onClick={() => stop.mutate()} loading={stop.isPending}>
          {t('apply.stop')}
        </Button>
      )}
      <Button.Group>
        <Button loading={isBusy} onClick={() => apply.mutate()}>
          {waiting === null ? t('apply.apply') : t('apply.now')}
        </Button>
        {waiting === null && (
          <Menu position="top-end" withinPortal>
            <Menu.Target>
              <Button px={8} aria-label={t('apply.later')} disabled={isBusy} ml={1}>
                <IconChevronDown size={16} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t('apply.later')}</Menu.Label>
              {DEADLINES_IN_H.map((hours) => (
                <Menu.Item key={hours} onClick={() => applyWhenIdle.mutate(hours)}>
                  {t('apply.within', { count: hours })}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </Button.Group>
    </Group>
  );
  const refusal = problemOf(apply.error ?? applyWhenIdle.error);
  return (
    <>
      <Paper className={classes.bar} shadow="md" p="sm" component="section" aria-label={t('apply.title')}>
        <Group justify="space-between" gap="sm">
          <Group gap="sm">
            <Text fw={500} role="status">
              {t('apply.waiting', { count: changes.length })}
            </Text>
            {waiting !== null && (
              <Group gap={4}>
                <IconClockHour4 size={16} aria-hidden />
                <Text size="sm">{t('apply.whenIdle', { deadline: moment(waiting.deadline) })}</Text>
              </Group>
            )}
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
        <WhatWaits draft={draft} refusals={refusal?.id === 'draft-invalid' ? refusal.fields : []} />
        <Group justify="flex-end" mt="md">
          {buttons}
        </Group>
      </Modal>
    </>
  );
}
