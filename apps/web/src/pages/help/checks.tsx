import type { DeviceAnswer, ExtensionAnswer } from '@littlepbx/contract';
import { Group, List, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconBulb, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';

interface ChecksProps {
  device: DeviceAnswer;
  org: string;
  canReadExtensions: boolean;
}

/** What keeps a phone from ringing, looked at now. */
export function Checks({ device, org, canReadExtensions }: ChecksProps) {
  const { t } = useTranslation('help');
  const { registration } = device;
  const { extensionId } = useOrganization();
  const extension = useQuery({
    queryKey: ['extension', org, device.extensionId],
    queryFn: () => api.getExtension({ params: { org, extension: device.extensionId } }),
    enabled: canReadExtensions,
    retry: false,
  });
  const suspended = useQuery({
    queryKey: ['extension', org, device.extensionId, 'suspension'],
    queryFn: () => api.getExtensionSuspension({ params: { org, extension: device.extensionId } }),
    enabled: canReadExtensions && extensionId === null,
    retry: false,
  });
  const isSuspended = device.suspension !== null || (suspended.data?.suspension ?? null) !== null;
  return (
    <Stack gap="sm" role="list" aria-live="polite">
      {registration === null ? (
        <Check state="bad" title={t('checks.away')}>
          <List size="sm" spacing={4}>
            {(['power', 'values', 'password', 'network', 'banned'] as const).map((reason) => (
              <List.Item key={reason}>{t(`checks.why.${reason}`)}</List.Item>
            ))}
          </List>
        </Check>
      ) : (
        <Check
          state={registration.isSilent ? 'look' : 'good'}
          title={t(registration.isSilent ? 'checks.silent' : 'checks.here')}
        >
          {t(registration.isSilent ? 'checks.silentText' : 'checks.hereText', {
            address: registration.address.replace(/:\d+$/, ''),
            model: registration.userAgent,
          })}
        </Check>
      )}
      <Check
        state={isSuspended ? 'bad' : 'good'}
        title={isSuspended ? t('checks.suspended') : t('checks.notSuspended')}
      >
        {isSuspended && t('checks.suspendedText')}
      </Check>
      {extension.data && <FlowCheck extension={extension.data} />}
      <Check state="look" title={t('checks.phoneItself')}>
        {t('checks.phoneItselfText')}
      </Check>
      <Check state="look" title={t('checks.test')}>
        {t('checks.testText')}
      </Check>
    </Stack>
  );
}

/** Whether calls are meant to ring here at all. */
function FlowCheck({ extension }: { extension: ExtensionAnswer }) {
  const { t } = useTranslation('help');
  const to = extension.forwardAlways;
  if (to !== null) {
    return (
      <Check state="warn" title={t('checks.forwarded')}>
        {to === 'voicemail' ? t('checks.toVoicemail') : t('checks.toNumber', { number: to })}
      </Check>
    );
  }
  if (extension.doNotDisturb) {
    return (
      <Check state="warn" title={t('checks.undisturbed')}>
        {t('checks.undisturbedText')}
      </Check>
    );
  }
  return (
    <Check state="good" title={t('checks.notForwarded')}>
      {t('checks.ringTime', { seconds: extension.ringTimeInS })}
    </Check>
  );
}

const LOOKS = {
  good: { color: 'teal', icon: IconCheck },
  bad: { color: 'red', icon: IconX },
  warn: { color: 'orange', icon: IconAlertTriangle },
  look: { color: 'indigo', icon: IconBulb },
} as const;

function Check({ state, title, children }: { state: keyof typeof LOOKS; title: string; children?: ReactNode }) {
  const { color, icon: Icon } = LOOKS[state];
  return (
    <Group align="flex-start" gap="sm" wrap="nowrap" role="listitem">
      <ThemeIcon color={color} variant="light" radius="xl" size={26} aria-hidden>
        <Icon size={16} />
      </ThemeIcon>
      <div>
        <Text fw={600}>{title}</Text>
        {children && (
          <Text size="sm" component="div">
            {children}
          </Text>
        )}
      </div>
    </Group>
  );
}
