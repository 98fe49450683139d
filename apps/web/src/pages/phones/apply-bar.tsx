import { Alert, Button, Group, Menu, Modal, Paper, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconChevronDown, IconClockHour4 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useMe, useOrganization } from '../../app/session.ts';
import { tellFailure, useFailure, useReasonText } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { useRefusals } from '../../parts/refusal.ts';
import {
  allAnswered,
  allStored,
  countRefused,
  forgetRefused,
  goTo,
  NotStored,
  useRefusedFields,
} from '../../parts/typed-fields.ts';
import { APPLY_BAR, type Draft, useChanges } from './data.ts';
import { mark, seek, unmarkAll } from './marks.ts';
import classes from './phones.module.css';
import { WhatWaits } from './what-waits.tsx';

const ALL = ['extensions', 'numbers', 'devices', 'music', 'draft', 'revisions'];
const DEADLINES_IN_H = [1, 8, 24];
/** Waiting for fields that are on their way is told after this. Milliseconds. */
const LONG = 1_000;

/** Tells how many changes wait, shows them, and puts them into effect (now, or when nobody talks) or takes them back. */
export default function ApplyBar({ draft }: { draft: Draft }) {
  const { t } = useTranslation('phones');
  const { moment } = useWritten();
  const { slug: org, may } = useOrganization();
  const me = useMe();
  const { read } = useChanges(org);
  const [isShown, shown] = useDisclosure();
  const failed = useFailure();
  const inWords = useReasonText();
  const refusalOf = useRefusals();
  const [isStoring, setStoring] = useState(false);
  const red = useRefusedFields();
  const params = { org };
  // Nothing waits any more.
  useEffect(() => unmarkAll, []);

  const refused = (error: unknown) => {
    if (error instanceof NotStored) return notStored(error);
    const problem = problemOf(error);
    if (problem?.id !== 'draft-invalid') return failed(error);
    mark(new Map(problem.fields.map(({ field, reason }) => [field, inWords(reason)])));
    if (problem.fields[0]) seek(problem.fields[0].field);
    shown.open();
  };
  const notStored = ({ field }: NotStored) => {
    const { name, edit } = field;
    // Over the page the dialog tells it.
    if (!isShown) goTo(field);
    const message = edit.torn === null ? refusalOf(edit.failure).beside() : t('apply.torn');
    const title = t('apply.notStored', { name });
    tellFailure(edit.failure, message, title);
  };
  /** Waits for what is on its way, and says so when that takes long. */
  const until = async (isOver: () => Promise<void>) => {
    const timer = setTimeout(() => setStoring(true), LONG);
    try {
      await isOver();
    } finally {
      clearTimeout(timer);
      setStoring(false);
    }
  };
  const apply = useMutation({
    async mutationFn() {
      await until(allStored);
      return api.applyDraft({ params, body: {} });
    },
    onSuccess: ({ number }) => {
      const message = t('apply.applied', { number });
      // Somebody reads this who believes that all on the page acts now.
      const count = countRefused();
      const but = count === 0 ? {} : { color: 'orange', title: t('apply.redFields', { count }), autoClose: false };
      notifications.show({ id: message, color: 'green', message, role: 'status', ...but });
      unmarkAll();
      shown.close();
    },
    onError: refused,
    onSettled: () => read(...ALL),
  });
  const applyWhenIdle = useMutation({
    async mutationFn(hours: number) {
      await until(allStored);
      return api.applyWhenIdle({ params, body: { deadlineInS: hours * 3600, email: me.email } });
    },
    onSuccess: shown.close,
    onError: refused,
    onSettled: () => read(...ALL),
  });
  const stop = useMutation({
    mutationFn: () => api.stopApply({ params }),
    onError: failed,
    onSettled: () => read(...ALL),
  });
  const discard = useMutation({
    async mutationFn() {
      await until(allAnswered);
      await api.discardDraft({ params });
    },
    onSuccess: forgetRefused,
    onError: failed,
    onSettled() {
      shown.close();
      read(...ALL);
    },
  });
  const askToDiscard = () =>
    modals.openConfirmModal({
      title: t('apply.discardTitle'),
      children: <Text size="sm">{t('apply.discardText')}</Text>,
      labels: { confirm: t('apply.discard'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => discard.mutate(),
    });

  const { changes, waiting } = draft;
  const isApplying = apply.isPending || applyWhenIdle.isPending;
  const buttons = may('revisions:write') && (
    <Group gap="xs">
      {waiting === null ? (
        <Button variant="default" onClick={askToDiscard} loading={discard.isPending} disabled={isApplying}>
          {t('apply.discard')}
        </Button>
      ) : (
        <Button variant="default" onClick={() => stop.mutate()} loading={stop.isPending}>
          {t('apply.stop')}
        </Button>
      )}
      <Button.Group>
        <Button loading={isApplying} disabled={discard.isPending} onClick={() => apply.mutate()}>
          {waiting === null ? t('apply.apply') : t('apply.now')}
        </Button>
        {waiting === null && (
          <Menu position="top-end" withinPortal>
            <Menu.Target>
              <Button px={8} aria-label={t('apply.later')} disabled={isApplying || discard.isPending} ml={1}>
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
      <Paper
        id={APPLY_BAR}
        tabIndex={-1}
        className={classes.bar}
        shadow="md"
        p="sm"
        component="section"
        aria-label={t('apply.title')}
      >
        <Group justify="space-between" gap="sm">
          <Group gap="sm">
            <Text fw={500} role="status">
              {isStoring ? t('apply.storing') : t('apply.waiting', { count: changes.length })}
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
            {red.length > 0 && (
              <Button
                variant="light"
                color="red"
                size="compact-sm"
                leftSection={<IconAlertTriangle size={14} aria-hidden />}
                onClick={() => red[0] && goTo(red[0])}
              >
                {t('apply.redFields', { count: red.length })}
              </Button>
            )}
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
        {red.length > 0 && (
          <Alert color="red" mb="md" icon={<IconAlertTriangle aria-hidden />}>
            {t('apply.redFields', { count: red.length })}
          </Alert>
        )}
        <WhatWaits draft={draft} refusals={refusal?.id === 'draft-invalid' ? refusal.fields : []} />
        <Group justify="flex-end" mt="md">
          {buttons}
        </Group>
      </Modal>
    </>
  );
}
