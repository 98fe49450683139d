/** What may be done to a call in progress: send it on, record it, end it. Each refusal says what can be done instead. */
import { Button } from '@mantine/core';
import { IconArrowForwardUp, IconPhoneOff, IconPlayerRecord, IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import type { Names } from '../../parts/names.ts';
import { useQuestion } from '../../parts/question.tsx';
import { type LiveCall, liveCallsQuery } from './data.ts';
import { tell, useLiveFailure } from './live-failure.ts';
import { partiesOf } from './parties.tsx';
import { TransferDialog } from './transfer-dialog.tsx';

interface LiveActionsProps {
  call: LiveCall;
  names: Names;
}

export function LiveActions({ call, names }: LiveActionsProps) {
  const { may, extensionId } = useOrganization();
  if (!may('calls:write')) return null;
  // Who sees one extension alone may end its calls.
  if (extensionId !== null) return <HangUp call={call} names={names} />;
  return (
    <>
      {call.state !== 'ringing' && <Transfer call={call} names={names} />}
      {call.state !== 'ringing' && <Record call={call} names={names} />}
      <HangUp call={call} names={names} />
    </>
  );
}

function Transfer({ call, names }: LiveActionsProps) {
  const { t } = useTranslation('calls');
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconArrowForwardUp size={14} aria-hidden />}
        aria-label={t('live.transferCall', partiesOf(call, names, t))}
        onClick={() => setOpen(true)}
      >
        {t('live.transfer')}
      </Button>
      <TransferDialog call={call} names={names} opened={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}

function Record({ call, names }: LiveActionsProps) {
  const { t } = useTranslation('calls');
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const failed = useLiveFailure();
  const parties = partiesOf(call, names, t);
  const record = useMutation({
    mutationFn: (action: 'start' | 'stop') => api.recordCall({ params: { org, call: call.id }, body: { action } }),
    onSuccess: (_, action) => tell(action === 'start' ? t('live.recordingBegan') : t('live.recordingEnded')),
    onError: (error) => failed(error, t('live.recordNotNow')),
    onSettled: () => void queries.invalidateQueries({ queryKey: liveCallsQuery(org).queryKey }),
  });
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={
        call.isRecorded ? <IconPlayerStop size={14} aria-hidden /> : <IconPlayerRecord size={14} aria-hidden />
      }
      loading={record.isPending}
      aria-label={call.isRecorded ? t('live.stopRecordingCall', parties) : t('live.recordCall', parties)}
      onClick={() => record.mutate(call.isRecorded ? 'stop' : 'start')}
    >
      {call.isRecorded ? t('live.stopRecording') : t('live.record')}
    </Button>
  );
}

function HangUp({ call, names }: LiveActionsProps) {
  const { t } = useTranslation('calls');
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const failed = useLiveFailure();
  const parties = partiesOf(call, names, t);
  const hangUp = useMutation({
    mutationFn: () => api.hangUpCall({ params: { org, call: call.id } }),
    onSuccess: () => tell(t('live.hungUp')),
    onError: (error) => failed(error, t('live.hungUpBefore')),
    onSettled: () => void queries.invalidateQueries({ queryKey: liveCallsQuery(org).queryKey }),
  });
  const question = useQuestion();
  const ask = () =>
    question({
      title: t('live.hangUpTitle'),
      text: t('live.hangUpText', parties),
      action: t('live.hangUp'),
      onYes: () => hangUp.mutate(),
    });
  return (
    <Button
      size="xs"
      variant="light"
      color="red"
      leftSection={<IconPhoneOff size={14} aria-hidden />}
      loading={hangUp.isPending}
      aria-label={t('live.hangUpCall', parties)}
      onClick={ask}
    >
      {t('live.hangUp')}
    </Button>
  );
}
