import { Button, Divider, Stack, Text } from '@mantine/core';
import { IconLogout, IconUserCog } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFailure } from '../parts/failure.tsx';
import { OwnLanguage, OwnTheme } from './own-taste.tsx';
import { logOut, useMe } from './session.ts';

/** Language, theme, the way to the account, and out. */
export default function OwnSettings({ onGo }: { onGo(): void }) {
  const { t } = useTranslation('shell');
  const me = useMe();
  const failed = useFailure();
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
      <OwnLanguage />
      <OwnTheme />
      <Divider />
      <Stack gap={0}>
        <Button
          variant="subtle"
          color="gray"
          justify="flex-start"
          leftSection={<IconUserCog size={18} aria-hidden />}
          renderRoot={(props) => <Link to="/account" {...props} />}
          onClick={onGo}
        >
          {t('account')}
        </Button>
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
    </Stack>
  );
}
