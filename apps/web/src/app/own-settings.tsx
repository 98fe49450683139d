import { Button, Divider, Input, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFailure } from '../parts/failure.tsx';
import { api } from './api.ts';
import { LANGUAGES } from './i18n.ts';
import { queryClient } from './query.ts';
import { logOut, meQuery, type Person, useMe } from './session.ts';

const THEMES = ['light', 'dark', 'system'] as const;

/** Language, theme and log out of the person who is logged in. */
export default function OwnSettings() {
  const { t } = useTranslation('shell');
  const me = useMe();
  const failed = useFailure();
  const change = useMutation({
    mutationFn: (body: Partial<Pick<Person, 'language' | 'theme'>>) => api.updateMe({ body }),
    // At once: the page follows what is known of the person.
    onMutate: (body) => queryClient.setQueryData(meQuery.queryKey, (was) => (was ? { ...was, ...body } : was)),
    onError: failed,
  });
  const leave = useMutation({ mutationFn: logOut, onError: failed });
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600} truncate>
          {me.name}
        </Text>
        <Text size="sm" c="dimmed" truncate>
          {me.email}
        </Text>
      </div>
      <Divider />
      <Input.Wrapper label={t('language')} labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label={t('language')}
          value={me.language}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          onChange={(language) => change.mutate({ language: language as Person['language'] })}
        />
      </Input.Wrapper>
      <Input.Wrapper label={t('theme')} labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label={t('theme')}
          value={me.theme}
          data={THEMES.map((value) => ({ value, label: t(`themes.${value}`) }))}
          onChange={(theme) => change.mutate({ theme: theme as Person['theme'] })}
        />
      </Input.Wrapper>
      <Divider />
      <Button
        variant="subtle"
        color="gray"
        justify="flex-start"
        leftSection={<IconLogout size={18} aria-hidden />}
        loading={leave.isPending}
        onClick={() => leave.mutate()}
      >
        {t('logOut')}
      </Button>
    </Stack>
  );
}
