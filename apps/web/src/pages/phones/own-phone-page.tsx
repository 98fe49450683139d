import { SimpleGrid, Stack, Text } from '@mantine/core';
import { IconPhoneOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../app/api.ts';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { colleaguesQuery, devicesQuery } from '../../parts/extensions.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Section } from '../../parts/section.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { Forward, RingTime } from './call-flow.tsx';
import { type Colleague, type Extension, ownExtensionQuery } from './data.ts';
import { Devices } from './devices.tsx';
import { Undisturbed } from './undisturbed.tsx';
import { Voicemail } from './voicemail.tsx';

const NOBODY: Colleague[] = [];

/** The extension of who may see one alone: where its calls go, its phones, its voicemail. All acts at once. */
export default function OwnPhonePage() {
  const { t } = useTranslation('phones');
  const { slug, extensionId } = useOrganization();
  const extension = useQuery({
    ...ownExtensionQuery(slug, extensionId ?? ''),
    refetchInterval: usePollWithout(20_000),
  });
  return (
    <PageFrame title={t('own.title')}>
      {extension.isPending && <ListSkeleton rows={3} height={120} />}
      {isUnread(extension) &&
        (problemOf(extension.error)?.id === 'not-found' ? (
          <Empty icon={IconPhoneOff} title={t('own.gone')}>
            {t('own.goneText')}
          </Empty>
        ) : (
          <Failed error={extension.error} retry={() => void extension.refetch()} />
        ))}
      {extension.data && <OwnExtension extension={extension.data} />}
    </PageFrame>
  );
}

function OwnExtension({ extension }: { extension: Extension }) {
  const { t } = useTranslation('phones');
  const { slug } = useOrganization();
  const devices = useQuery({ ...devicesQuery(slug), refetchInterval: usePollWithout(15_000) });
  // Numbers can be typed without it.
  const { data: colleagues = NOBODY } = useQuery(colleaguesQuery(slug));
  const others = useMemo(
    () => colleagues.filter(({ number }) => number !== extension.number),
    [colleagues, extension.number],
  );
  return (
    <Stack maw={860} gap="lg">
      <Text size="lg" style={{ overflowWrap: 'anywhere' }}>
        {extension.name}{' '}
        <Text span inherit c="dimmed">
          {extension.number}
        </Text>
      </Text>
      <Section title={t('own.calls')} text={t('own.callsText')}>
        <Undisturbed extension={extension} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <RingTime extension={extension} hasLabel />
          <Forward extension={extension} all={others} field="forwardNoAnswer" hasLabel />
          <Forward extension={extension} all={others} field="forwardBusy" hasLabel />
          <Forward extension={extension} all={others} field="forwardAlways" hasLabel />
        </SimpleGrid>
      </Section>
      <Section title={t('devices.title')} text={t('own.phonesText')}>
        {devices.isPending && <ListSkeleton rows={1} />}
        {isUnread(devices) && <Failed error={devices.error} retry={() => void devices.refetch()} />}
        {devices.data && <Devices extension={extension} devices={devices.data} />}
      </Section>
      <Section title={t('voicemail.title')}>
        <Voicemail extension={extension} />
      </Section>
    </Stack>
  );
}
