/** One call: who, when, how it went, and step by step why. */
import { Anchor, Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Timeline, Title } from '@mantine/core';
import {
  IconArrowForwardUp,
  IconArrowLeft,
  IconBellRinging,
  IconCheck,
  IconCircleDot,
  IconDownload,
  IconMicrophone,
  IconPhone,
  IconPhoneOff,
  IconPlayerPause,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { lengthOf, useClock, useNow } from '../../parts/clock.ts';
import { dayOf } from '../../parts/day.ts';
import { useWritten } from '../../parts/moment.ts';
import { useNames } from '../../parts/names.ts';
import { PageFrame } from '../../parts/page.tsx';
import { fileSound, SoundPlayer } from '../../parts/sound-player.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { type Cdr, callQuery, endedByQuery, type LiveCall, liveCallQuery, recordingsQuery } from './data.ts';
import { LiveActions } from './live-actions.tsx';
import { Party, ResultBadge } from './parties.tsx';
import { endOf, phoneOfAnswer, type StoryOf, type Told, tell } from './story.ts';

/** Milliseconds. */
const RECORD_AGAIN = 1_000;

type Trace = StoryOf['trace'];

/** While it lasts what happens is shown as it happens; once it is over, its record. */
export default function CallPage() {
  const { t } = useTranslation('calls');
  const { slug, may } = useOrganization();
  const { call = '' } = useParams({ strict: false }) as { call?: string };
  const [wasLive, setWasLive] = useState(false);
  const isMissing = (error: unknown) => problemOf(error)?.id === 'not-found';
  const found = useQuery({
    ...callQuery(slug, call),
    // It has just ended, and its record is on its way.
    refetchInterval: ({ state }) => (wasLive && state.status === 'error' ? RECORD_AGAIN : false),
  });
  const live = useQuery({ ...liveCallQuery(slug, call), enabled: found.isError && isMissing(found.error) });
  useEffect(() => {
    if (live.isSuccess) setWasLive(true);
  }, [live.isSuccess]);
  const { data: endedBy = null } = useQuery({
    ...endedByQuery(slug, call),
    enabled: found.data?.cdr.reason === 'hung-up-by-admin' && may('audit:read'),
  });
  const shown = live.isSuccess && !found.data ? live.data : null;
  const isWaiting = found.isPending || (isMissing(found.error) && (live.isPending || wasLive));
  const back = (
    <Button
      variant="subtle"
      size="xs"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
      renderRoot={(props) => <Link to={`/o/${slug}/calls`} {...props} />}
    >
      {t('call.back')}
    </Button>
  );
  return (
    <PageFrame title={t('call.title')} actions={back}>
      {found.data ? (
        <>
          <Facts call={found.data} endedBy={endedBy} />
          <Story call={{ ...found.data, endedBy }} startedAt={found.data.cdr.startedAt} />
        </>
      ) : shown ? (
        <>
          <LiveFacts call={shown.call} trace={shown.trace} />
          <Story call={{ cdr: shown.call, trace: shown.trace }} startedAt={shown.call.startedAt} />
        </>
      ) : isWaiting ? (
        <ListSkeleton rows={6} height={40} />
      ) : isMissing(found.error) && isMissing(live.error) ? (
        <Empty icon={IconPhoneOff} title={t('call.gone')}>
          {t('call.goneText')}
        </Empty>
      ) : (
        <Failed
          error={isMissing(found.error) ? live.error : found.error}
          retry={() => void (isMissing(found.error) ? live : found).refetch()}
        />
      )}
    </PageFrame>
  );
}

/** A call in progress, and what may be done to it. */
function LiveFacts({ call, trace }: { call: LiveCall; trace: Trace }) {
  const { t } = useTranslation('calls');
  const clock = useClock();
  const names = useNames();
  const now = useNow();
  return (
    <Paper p="md">
      <Stack>
        <Group gap="xs">
          <Badge variant="dot" color="teal" tt="none" fw={500}>
            {t(`live.states.${call.state}`)}
          </Badge>
          {call.isRecorded && <Text size="sm">{t('live.recorded')}</Text>}
        </Group>
        <SimpleGrid component="dl" m={0} cols={{ base: 1, xs: 2, md: 4 }} spacing="md" verticalSpacing="sm">
          <WhoAndWhom call={call} />
          {call.with !== null && (
            <Fact name={call.state === 'ringing' ? t('call.lastTried') : t('call.answeredBy')}>
              <Party number={call.with} names={names} />
              {call.state !== 'ringing' && <Phone name={phoneOfAnswer(trace, call.with, names)} />}
            </Fact>
          )}
          <Fact name={t('call.began')}>{clock.exactTime(call.startedAt)}</Fact>
          <Fact name={call.answeredAt === null ? t('call.waited') : t('call.talked')}>
            {lengthOf(now - (call.answeredAt ?? call.startedAt))}
          </Fact>
        </SimpleGrid>
        <Group gap="xs">
          <LiveActions call={call} names={names} />
        </Group>
        <Recordings call={call.id} />
      </Stack>
    </Paper>
  );
}

interface FactsProps {
  call: { cdr: Cdr; trace: Trace };
  endedBy: string | null;
}

function Facts({ call: { cdr, trace }, endedBy }: FactsProps) {
  const { t } = useTranslation('calls');
  const clock = useClock();
  const names = useNames();
  const written = useWritten();
  const isAnswered = cdr.answeredAt !== null;
  return (
    <Paper p="md">
      <Stack>
        <Group gap="xs">
          <ResultBadge result={cdr.result} />
          <Text size="sm">{endOf(cdr.reason, endedBy, t)}</Text>
        </Group>
        <SimpleGrid component="dl" m={0} cols={{ base: 1, xs: 2, md: 4 }} spacing="md" verticalSpacing="sm">
          <WhoAndWhom call={cdr} />
          {cdr.answeredBy !== null && cdr.result !== 'voicemail' && (
            <Fact name={isAnswered ? t('call.answeredBy') : t('call.lastTried')}>
              <Party number={cdr.answeredBy} names={names} />
              {isAnswered && <Phone name={phoneOfAnswer(trace, cdr.answeredBy, names)} />}
            </Fact>
          )}
          <Fact name={t('call.began')}>
            {clock.day(dayOf(cdr.startedAt, clock.timeZone))}, {clock.exactTime(cdr.startedAt)}
          </Fact>
          <Fact name={t('call.waited')}>{lengthOf(cdr.ringDuration)}</Fact>
          {isAnswered && <Fact name={t('call.talked')}>{lengthOf(cdr.talkDuration)}</Fact>}
          {cdr.currency !== null && <Fact name={t('call.cost')}>{written.money(cdr.cost, cdr.currency)}</Fact>}
        </SimpleGrid>
        <Recordings call={cdr.id} />
      </Stack>
    </Paper>
  );
}

/** On which of several phones. */
function Phone({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
      {name}
    </Text>
  );
}

function WhoAndWhom({ call }: { call: Pick<Cdr, 'from' | 'fromName' | 'did' | 'to'> }) {
  const { t } = useTranslation('calls');
  const names = useNames();
  return (
    <>
      <Fact name={t('call.from')}>
        <Party number={call.from} name={call.fromName} names={names} />
      </Fact>
      <Fact name={t('call.to')}>
        <Party number={call.did ?? call.to} names={names} />
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} size="sm">
        {children}
      </Text>
    </div>
  );
}

function Recordings({ call }: { call: string }) {
  const { t } = useTranslation('calls');
  const { slug, may } = useOrganization();
  const { data: recordings = [] } = useQuery({ ...recordingsQuery(slug, call), enabled: may('files:read') });
  const clock = useClock();
  return recordings.map(({ id, duration, createdAt }) => {
    const sound = fileSound(slug, id);
    return (
      <Stack key={id} gap={4}>
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            {t('call.recording')}
          </Text>
          <Anchor href={sound} download={`${t('call.recording')} ${clock.inFileName(createdAt)}.wav`} size="xs">
            <Group gap={4}>
              <IconDownload size={14} aria-hidden />
              {t('call.download')}
            </Group>
          </Anchor>
        </Group>
        <SoundPlayer src={sound} label={t('call.listen')} duration={duration} />
      </Stack>
    );
  });
}

const ICONS: Record<string, typeof IconPhone> = {
  'call-began': IconPhone,
  ringing: IconBellRinging,
  rang: IconBellRinging,
  answered: IconCheck,
  forwarded: IconArrowForwardUp,
  'transfer-began': IconArrowForwardUp,
  transferred: IconArrowForwardUp,
  'voicemail-calls-back': IconArrowForwardUp,
  voicemail: IconMicrophone,
  'message-began': IconMicrophone,
  'message-left': IconMicrophone,
  held: IconPlayerPause,
  'not-answered': IconX,
  refused: IconX,
  ended: IconPhoneOff,
};
const COLORS = { good: 'teal', bad: 'orange', plain: 'gray' };

function Story({ call, startedAt }: { call: StoryOf; startedAt: number }) {
  const { t } = useTranslation('calls');
  const clock = useClock();
  const story = tell(call, useNames(), t);
  return (
    <Stack gap="sm" component="section" aria-labelledby="story">
      <Title order={2} size="h4" id="story">
        {t('call.story')}
      </Title>
      {story.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('call.noStory')}
        </Text>
      ) : (
        <Paper p="md" pl="lg">
          <Timeline bulletSize={26} lineWidth={2} active={story.length}>
            {story.map((told, i) => (
              // A story does not change, and two steps of it may be alike.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <Timeline.Item key={i} bullet={<Bullet told={told} />} color={COLORS[told.mood]}>
                <Text size="sm" fw={500}>
                  {told.text}
                </Text>
                {told.why !== null && <Text size="sm">{told.why}</Text>}
                <Text size="xs" c="dimmed">
                  {clock.exactTime(told.at)}
                  {told.at - startedAt >= 1000 && ` · ${t('call.after', { length: lengthOf(told.at - startedAt) })}`}
                </Text>
              </Timeline.Item>
            ))}
          </Timeline>
        </Paper>
      )}
    </Stack>
  );
}

function Bullet({ told }: { told: Told }) {
  const Icon = ICONS[told.step] ?? IconCircleDot;
  return <Icon size={14} aria-hidden />;
}
