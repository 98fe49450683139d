import { Alert, Button, Code, CopyButton, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload, IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Shown this once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept(): void }) {
  const { t } = useTranslation('account');
  const text = codes.join('\n');
  return (
    <Stack>
      <Alert color="orange" icon={<IconEyeOff aria-hidden />}>
        {t('recovery.warning')}
      </Alert>
      <Text size="sm">{t('recovery.text')}</Text>
      <SimpleGrid cols={2} spacing="xs" role="list">
        {codes.map((code) => (
          <Code key={code} fz="sm" ta="center" role="listitem">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group grow>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
            >
              {copied ? t('recovery.copied') : t('recovery.copy')}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          renderRoot={(props) => (
            <a
              {...props}
              href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
              download="littlepbx-recovery-codes.txt"
            />
          )}
        >
          {t('recovery.download')}
        </Button>
      </Group>
      <Button onClick={onKept}>{t('recovery.kept')}</Button>
    </Stack>
  );
}
