import { Group, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Beside a button that stores: that it has. Heard by whoever does not see it. */
export function Saved({ isSaved }: { isSaved: boolean }) {
  const { t } = useTranslation('parts');
  return (
    <div role="status">
      {isSaved && (
        <Group gap={4}>
          <IconCheck size={18} aria-hidden />
          <Text size="sm">{t('saved')}</Text>
        </Group>
      )}
    </div>
  );
}
