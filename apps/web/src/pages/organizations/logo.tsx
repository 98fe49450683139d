import { Button, FileButton, Group, Image, Paper, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useFailureText } from '../../parts/failure.tsx';
import type { PartProps } from './organization-page.tsx';

/** What stands beside the company's name; taken over at once. */
export function Logo({ organization: { slug: org, name, logo }, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const textOf = useFailureText();
  const set = useMutation({
    mutationFn: (image: File) => api.setLogo({ params: { org }, image }),
    onSuccess: onChanged,
  });
  const remove = useMutation({
    mutationFn: () => api.removeLogo({ params: { org } }),
    onSuccess: () => onChanged(),
  });
  const failure = set.error ?? remove.error;
  return (
    <Paper p="md">
      <Stack gap="xs" align="flex-start">
        <Text fw={600}>{t('logo.title')}</Text>
        <Text size="sm" c="dimmed">
          {t('logo.text')}
        </Text>
        {logo === null ? (
          <Text size="sm">{t('logo.none')}</Text>
        ) : (
          <Image src={logo} alt={t('logo.alt', { name })} h={48} w="auto" maw={240} fit="contain" />
        )}
        {failure !== null && (
          <Text size="sm" c="red" role="alert">
            {textOf(failure)}
          </Text>
        )}
        <Group gap="xs">
          <FileButton accept="image/png,image/jpeg,image/webp" onChange={(file) => file && set.mutate(file)}>
            {(props) => (
              <Button {...props} variant="default" size="xs" loading={set.isPending}>
                {t('logo.choose')}
              </Button>
            )}
          </FileButton>
          {logo !== null && (
            <Button
              variant="light"
              color="red"
              size="xs"
              loading={remove.isPending}
              onClick={() => {
                set.reset();
                remove.mutate();
              }}
            >
              {t('logo.remove')}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
