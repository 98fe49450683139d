import type { MailServerAnswer, QueuedMailAnswer } from '@littlepbx/contract';
import { Alert, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconMailCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useMe } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Form } from '../../parts/form.tsx';
import { useWritten } from '../../parts/moment.ts';
import { useQuestion } from '../../parts/question.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { mailQuery, mailQueueQuery } from './data.ts';
import { MailServerForm } from './mail-server.tsx';
import { Section } from './section.tsx';

/** How mail goes out: the server, whether it works, and what has not gone. */
export function Mail() {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const mail = useQuery(mailQuery);
  const read = () => void queries.invalidateQueries({ queryKey: ['mail'] });
  if (mail.isPending) return <ListSkeleton rows={4} height={60} />;
  if (isUnread(mail)) return <Failed error={mail.error} retry={() => void mail.refetch()} />;
  const { server } = mail.data;
  return (
    <Stack gap="xl">
      <Section title={t('mail.server')} text={server === null ? t('mail.none') : t('mail.text')}>
        <MailServerForm key={server === null ? 'none' : 'there'} server={server} onChanged={read} />
        {server !== null && <Removal server={server} onGone={read} />}
      </Section>
      {server !== null && (
        <Section title={t('mail.test')} text={t('mail.testText')}>
          <Test />
        </Section>
      )}
      {server !== null && (
        <Section title={t('mail.queue')}>
          <Queue />
        </Section>
      )}
    </Stack>
  );
}

function Removal({ server, onGone }: { server: MailServerAnswer; onGone: () => void }) {
  const { t } = useTranslation('system');
  const ask = useQuestion();
  const failed = useFailure();
  const remove = useMutation({ mutationFn: () => api.removeMailServer(), onSuccess: onGone, onError: failed });
  const question = () =>
    ask({
      title: t('mail.removeTitle', { host: server.host }),
      text: t('mail.removeText'),
      action: t('mail.remove'),
      onYes: remove.mutate,
    });
  return (
    <Group>
      <Button variant="light" color="red" size="xs" loading={remove.isPending} onClick={question}>
        {t('mail.remove')}
      </Button>
    </Group>
  );
}

/** A mail now, and what the server said to it. */
function Test() {
  const { t } = useTranslation('system');
  const me = useMe();
  const [to, setTo] = useState(me.email);
  const test = useMutation({ mutationFn: (address: string) => api.testMail({ body: { to: address } }) });
  const isRefusedThere = problemOf(test.error)?.id === 'mail-not-sent';
  const refused = useRefusal(isRefusedThere ? null : test.error);
  const beside = refused.beside('to');
  return (
    <Form onSend={() => test.mutate(to.trim())} failure={isRefusedThere ? null : test.error}>
      <Stack gap="sm" maw={760}>
        <Group gap="sm" align="flex-start">
          <TextInput
            type="email"
            label={t('mail.to')}
            flex="1 1 240px"
            maw={360}
            value={to}
            error={refused.at('to')}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" mt={24} loading={test.isPending}>
            {t('mail.send')}
          </Button>
        </Group>
        <div role="status">
          {test.isSuccess && (
            <Alert color="teal" icon={<IconCheck aria-hidden />}>
              <Text fw={600} size="sm">
                {t('mail.sent', { to: test.variables })}
              </Text>
              {t('mail.sentText')}
            </Alert>
          )}
        </div>
        {isRefusedThere && <NotSent error={test.error} />}
        <RefusalAlert text={beside} />
      </Stack>
    </Form>
  );
}

const FAULTS = ['host', 'security', 'verifyCertificate', 'password', 'fromAddress', 'to'] as const;

/** Why, in words, and what the server said, for whoever looks after it. */
function NotSent({ error }: { error: unknown }) {
  const { t } = useTranslation('system');
  const problem = problemOf(error);
  const fault = FAULTS.find((name) => name === problem?.fields[0]?.field);
  const said = problem?.message.replace(/^.*?did not take it: /, '') ?? '';
  return (
    <Alert color="red" role="alert" title={t('mail.notSent')}>
      {fault && <Text size="sm">{t(`mail.faults.${fault}`)}</Text>}
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {t('mail.said', { said })}
      </Text>
    </Alert>
  );
}

/** What waits, and what was given up. */
function Queue() {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const queue = useQuery(mailQueueQuery);
  const read = () => void queries.invalidateQueries({ queryKey: ['mail'] });
  if (queue.isPending) return <ListSkeleton rows={2} />;
  if (isUnread(queue)) return <Failed error={queue.error} retry={() => void queue.refetch()} />;
  if (queue.data.items.length === 0) return <Empty icon={IconMailCheck} title={t('mail.allSent')} />;
  return (
    <Stack gap="xs" role="list">
      {queue.data.items.map((mail) => (
        <Row key={mail.id} mail={mail} onChanged={read} />
      ))}
      {queue.data.nextCursor !== null && <Text size="sm">{t('mail.more')}</Text>}
    </Stack>
  );
}

function Row({ mail, onChanged }: { mail: QueuedMailAnswer; onChanged: () => void }) {
  const { t } = useTranslation('system');
  const { ago, moment } = useWritten();
  const failed = useFailure();
  const params = { mail: mail.id };
  const done = { onSuccess: onChanged, onError: failed };
  const retry = useMutation({ mutationFn: () => api.retryMail({ params }), ...done });
  const drop = useMutation({ mutationFn: () => api.deleteMail({ params }), ...done });
  const { failedAt, createdAt, attempts, nextAttemptAt, lastError } = mail;
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="xs" align="flex-start">
        <Stack gap={2} miw={0} flex="1 1 260px">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {mail.subject}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {[
              mail.to.join(', '),
              moment(createdAt),
              t('mail.tried', { count: attempts }),
              failedAt === null ? t('mail.next', { ago: ago(nextAttemptAt) }) : t('mail.givenUp'),
            ].join(' · ')}
          </Text>
          {lastError !== null && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {t('mail.said', { said: lastError })}
            </Text>
          )}
        </Stack>
        <Group gap="xs">
          <Button variant="default" size="xs" loading={retry.isPending} onClick={() => retry.mutate()}>
            {t('mail.retry')}
          </Button>
          <Button variant="light" color="red" size="xs" loading={drop.isPending} onClick={() => drop.mutate()}>
            {t('mail.drop')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
