import { Anchor, Button, Group, Kbd, NativeSelect, Paper, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconDeviceLandlinePhone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { allDevices } from '../../parts/extensions.ts';
import { PageFrame } from '../../parts/page.tsx';
import { beginningLike } from '../../parts/phone-number.ts';
import { SectionHead } from '../../parts/section.tsx';
import { Empty, Failed } from '../../parts/states.tsx';
import { Checks } from './checks.tsx';
import { Connecting } from './connecting.tsx';
import { GUIDES, PHONES, type Phone } from './guides.ts';

/** Registrations come and go without a change of the configuration. Milliseconds. */
const LOOK_AGAIN = 5_000;

export default function HelpPage() {
  const { t } = useTranslation('help');
  const { slug, may } = useOrganization();
  const devices = useQuery({
    queryKey: ['devices', slug],
    queryFn: () => allDevices(slug),
    enabled: may('devices:read'),
    refetchInterval: LOOK_AGAIN,
  });
  const [username, setUsername] = useState('');
  const [phone, setPhone] = useState<Phone>('yealink');
  const sorted = [...(devices.data ?? [])].sort((a, b) =>
    a.extension.localeCompare(b.extension, 'en', { numeric: true }),
  );
  const device = sorted.find((one) => one.username === username) ?? sorted[0];
  const toPhones = (
    <Button variant="light" renderRoot={(props) => <Link to={`/o/${slug}/phones`} {...props} />}>
      {t('toPhones')}
    </Button>
  );
  return (
    <PageFrame title={t('title')} isTimeless>
      <Section title={t('connect.title')} text={t('connect.text')}>
        {devices.isPending && devices.fetchStatus !== 'idle' && <Skeleton height={200} radius="md" role="status" />}
        {isUnread(devices) && <Failed error={devices.error} retry={() => void devices.refetch()} />}
        {devices.data?.length === 0 && (
          <Empty icon={IconDeviceLandlinePhone} title={t('connect.none')} action={may('devices:write') && toPhones}>
            {t('connect.noneText')}
          </Empty>
        )}
        {device && (
          <>
            <Group gap="sm" grow preventGrowOverflow={false} wrap="wrap">
              <NativeSelect
                label={t('connect.device')}
                value={device.username}
                onChange={(event) => setUsername(event.currentTarget.value)}
                data={sorted.map((one) => ({ value: one.username, label: `${one.extension} · ${one.name}` }))}
              />
              <NativeSelect
                label={t('connect.phone')}
                value={phone}
                onChange={(event) => setPhone(event.currentTarget.value as Phone)}
                data={(['desk', 'app'] as const).map((kind) => ({
                  group: t(`connect.kinds.${kind}`),
                  items: PHONES.filter((one) => GUIDES[one].kind === kind).map((value) => ({
                    value,
                    label: GUIDES[value].name,
                  })),
                }))}
              />
            </Group>
            <Connecting phone={phone} device={device} org={slug} canReset={may('devices:write')} />
          </>
        )}
      </Section>
      {device && (
        <Section title={t('checks.title')} text={t('checks.text', { phone: `${device.extension} · ${device.name}` })}>
          <Checks device={device} org={slug} canReadExtensions={may('extensions:read')} />
        </Section>
      )}
      <Section title={t('codes.title')}>
        <Codes />
      </Section>
      <Section title={t('talking.title')} text={t('talking.text')}>
        <Stack gap="xs">
          {(['hold', 'blind', 'attended'] as const).map((what) => (
            <div key={what}>
              <Text fw={600}>{t(`talking.${what}.title`)}</Text>
              <Text size="sm">{t(`talking.${what}.text`)}</Text>
            </div>
          ))}
        </Stack>
      </Section>
      <Text size="sm" c="dimmed">
        {t('programs')}{' '}
        <Anchor href="/api/docs" target="_blank" rel="noreferrer" inherit underline="always">
          {t('programsLink')}
        </Anchor>
      </Text>
    </PageFrame>
  );
}

function Section({ children, ...head }: { title: string; text?: string; children: ReactNode }) {
  return (
    <Paper p={{ base: 'sm', sm: 'lg' }} component="section">
      <Stack gap="md">
        <SectionHead {...head} maw={720} />
        {children}
      </Stack>
    </Paper>
  );
}

const CODES = ['*97', '*98', '*43'] as const;

function Codes() {
  const { t } = useTranslation('help');
  const { slug, may } = useOrganization();
  // As numbers are where the office is, whatever the reader's language.
  const { data: own } = useQuery({
    queryKey: ['organization', slug, 'own-number'],
    queryFn: async () => {
      const { defaultNumber, numbers } = await api.getOrganization({ params: { org: slug } });
      return defaultNumber ?? numbers[0] ?? null;
    },
    enabled: may('organizations:read'),
  });
  const rows: [string, string][] = [
    ...CODES.map((code): [string, string] => [code, t(`codes.${code.slice(1) as '97'}`)]),
    [t('codes.extensionExample'), t('codes.extension')],
    [own ? beginningLike(own) : '+…', t('codes.outside')],
  ];
  return (
    <Table aria-label={t('codes.title')}>
      <Table.Tbody>
        {rows.map(([code, text]) => (
          <Table.Tr key={code}>
            <Table.Th scope="row" w={130}>
              <Kbd>{code}</Kbd>
            </Table.Th>
            <Table.Td>{text}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
