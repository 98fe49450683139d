import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../app/api.ts';
import { useFailure } from './failure.tsx';
import { forgetOwnChange, forgetOwnChanges, useLatestOwnChange } from './own-changes.ts';
import { storing } from './typed-fields.ts';

/** Takes back what this person changed last on the page. What somebody else has changed since stays as they wrote it. */
export function Undo() {
  const { t } = useTranslation('parts');
  const failed = useFailure();
  const latest = useLatestOwnChange();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => forgetOwnChanges, []);

  const takeBack = async () => {
    if (latest === undefined || isBusy) return;
    const { name } = latest;
    setBusy(true);
    try {
      await storing(latest.takeBack());
      forgetOwnChange(latest);
      notifications.show({ message: t('undo.done', { name }), role: 'status' });
    } catch (error) {
      const problem = problemOf(error);
      if (problem?.id !== 'stale') failed(error);
      else {
        forgetOwnChange(latest);
        const who = problem.fields[0]?.changedBy?.name ?? t('torn.somebody');
        notifications.show({ color: 'yellow', message: t('undo.notMine', { name, who }), role: 'alert' });
      }
    }
    setBusy(false);
  };
  // In a field the browser's own undo takes back what was typed.
  useHotkeys([['mod+Z', () => void takeBack()]]);
  if (latest === undefined) return null;
  return (
    <Button
      variant="default"
      leftSection={<IconArrowBackUp size={16} aria-hidden />}
      loading={isBusy}
      aria-label={t('undo.what', { name: latest.name })}
      onClick={() => void takeBack()}
    >
      {t('undo.button')}
    </Button>
  );
}
