/** Language and theme of the person who is logged in. The page follows at once. */
import { Input, SegmentedControl } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFailure } from '../parts/failure.tsx';
import { api } from './api.ts';
import { LANGUAGES } from './i18n.ts';
import { queryClient } from './query.ts';
import { meQuery, type Person, useMe } from './session.ts';

const THEMES = ['light', 'dark', 'system'] as const;

function useTaste() {
  const failed = useFailure();
  return useMutation({
    mutationFn: (body: Partial<Pick<Person, 'language' | 'theme'>>) => api.updateMe({ body }),
    // At once: the page follows what is known of the person.
    onMutate: (body) => queryClient.setQueryData(meQuery.queryKey, (was) => (was ? { ...was, ...body } : was)),
    onError: failed,
  });
}

export function OwnLanguage() {
  const { t } = useTranslation('shell');
  const { language } = useMe();
  const change = useTaste();
  return (
    <Input.Wrapper label={t('language')} labelElement="div">
      <SegmentedControl
        fullWidth
        aria-label={t('language')}
        value={language}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        onChange={(chosen) => change.mutate({ language: chosen as Person['language'] })}
      />
    </Input.Wrapper>
  );
}

export function OwnTheme() {
  const { t } = useTranslation('shell');
  const { theme } = useMe();
  const change = useTaste();
  return (
    <Input.Wrapper label={t('theme')} labelElement="div">
      <SegmentedControl
        fullWidth
        aria-label={t('theme')}
        value={theme}
        data={THEMES.map((value) => ({ value, label: t(`themes.${value}`) }))}
        onChange={(chosen) => change.mutate({ theme: chosen as Person['theme'] })}
      />
    </Input.Wrapper>
  );
}
