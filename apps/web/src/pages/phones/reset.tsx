import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRestore } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { allAnswered } from '../../parts/typed-fields.ts';
import { useChanges } from './data.ts';

/** Gives the draft what an office has that never set anything. */
export function Reset() {
  const { t } = useTranslation('phones');
  const { slug: org } = useOrganization();
  const { read } = useChanges(org);
  const question = useQuestion();
  const reset = useMutation({
    async mutationFn() {
      await allAnswered();
      return api.resetDraft({ params: { org } });
    },
    onSuccess: () => notifications.show({ message: t('reset.done'), role: 'status' }),
    onError: useFailure(),
    onSettled: () => read('extensions', 'numbers', 'music', 'draft'),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconRestore size={16} aria-hidden />}
      loading={reset.isPending}
      onClick={() =>
        question({
          title: t('reset.title'),
          text: t('reset.text'),
          action: t('reset.button'),
          onYes: () => reset.mutate(),
        })
      }
    >
      {t('reset.button')}
    </Button>
  );
}
