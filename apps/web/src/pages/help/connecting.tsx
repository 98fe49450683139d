import type { DeviceAnswer } from '@littlepbx/contract';
import { Alert, Anchor, Code, List, Stack, Table, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Copyable } from '../../parts/copyable.tsx';
import { filledFields, GUIDES, type Phone } from './guides.ts';

interface ConnectingProps {
  phone: Phone;
  device: DeviceAnswer;
  org: string;
  canReset: boolean;
}

/** Step by step, with what this device needs in the fields of this phone. */
export function Connecting({ phone, device, org, canReset }: ConnectingProps) {
  const { t } = useTranslation('help');
  const guide = GUIDES[phone];
  return (
    <Stack gap="md">
      <List type="ordered" spacing={6} size="sm">
        {guide.kind === 'desk' && <List.Item>{t('connect.address')}</List.Item>}
        <List.Item>{t(`steps.${phone}.open`)}</List.Item>
        <List.Item>{t('connect.fillIn')}</List.Item>
        <List.Item>{t(`steps.${phone}.save`)}</List.Item>
      </List>
      <Table aria-label={t('connect.fields', { phone: guide.name })} layout="auto">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="38%">{t('connect.field')}</Table.Th>
            <Table.Th>{t('connect.value')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {filledFields(guide, device).map(({ label, text, isChoice }) => (
            <Table.Tr key={label}>
              <Table.Th scope="row" fw={500} style={{ overflowWrap: 'anywhere' }}>
                {label}
              </Table.Th>
              <Table.Td>
                {text === null ? (
                  <Text size="sm">
                    {t('connect.password')}{' '}
                    {canReset && (
                      <Anchor
                        inherit
                        underline="always"
                        renderRoot={(props) => <Link to={`/o/${org}/phones`} {...props} />}
                      >
                        {t('connect.newPassword')}
                      </Anchor>
                    )}
                  </Text>
                ) : isChoice ? (
                  <Code fz="sm">{text}</Code>
                ) : (
                  <Copyable value={text} name={label} />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {device.connection.transport === 'tls' && (
        <Alert icon={<IconLock aria-hidden />} color="indigo">
          {t('connect.tls')}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {t('connect.oneEach')}
      </Text>
    </Stack>
  );
}
