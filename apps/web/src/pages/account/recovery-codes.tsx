import { Alert, Button, Code, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconDownload, IconEyeOff } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../parts/copying.tsx';

/** Shown this once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept(): void }) {
  const { t } = useTranslation('account');
  const shown = useRef<HTMLDivElement>(null);
  const text = codes.join('\n');
  return (
    <Stack>
      <Alert color="orange" icon={<IconEyeOff aria-hidden />}>
        {t('recovery.warning')}
      </Alert>
      <Text size="sm">{t('recovery.text')}</Text>
      <SimpleGrid ref={shown} cols={2} spacing="xs" role="list">
        {codes.map((code) => (
          <Code key={code} fz="sm" ta="center" role="listitem">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group grow>
        <CopyButton variant="default" value={text} shown={shown} label={t('recovery.copy')} />
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
