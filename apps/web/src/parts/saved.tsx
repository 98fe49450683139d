import { Group, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Beside a button that stores: whether it has. Heard by whoever does not see it. @param failure null: it was not refused */
export function Saved({ isSaved, failure = null }: { isSaved: boolean; failure?: unknown }) {
  const { t } = useTranslation('parts');
  return (
    <div role="status">
      {isSaved && (
        <Group gap={4}>
          <IconCheck size={18} aria-hidden />
          <Text size="sm">{t('saved')}</Text>
        </Group>
      )}
      {failure != null && (
        <Text size="sm" c="var(--mantine-color-error)">
          {t('notSaved')}
        </Text>
      )}
    </div>
  );
}
