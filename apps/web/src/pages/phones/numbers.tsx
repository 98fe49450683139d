import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconPhoneIncoming } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { extensionsQuery } from '../../parts/extensions.ts';
import { readable } from '../../parts/phone-number.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { TargetField } from '../../parts/target-field.tsx';
import { numbersQuery, useChanges } from './data.ts';
import { useMarks } from './marks.ts';
import { targetsOf } from './targets.ts';

/** The numbers that others call. The operator assigns them; where each leads is decided here. */
export function Numbers() {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const numbers = useQuery({ ...numbersQuery(slug), refetchInterval: usePollWithout(30_000) });
  const extensions = useQuery(extensionsQuery(slug));
  const { routeNumber } = useChanges(slug);
  const marks = useMarks();
  return (
    <Paper p="md" h="100%">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {t('numbers.title')}
        </Title>
        {numbers.isPending ? (
          <ListSkeleton rows={2} height={36} />
        ) : isUnread(numbers) ? (
          <Failed error={numbers.error} retry={() => void numbers.refetch()} />
        ) : numbers.data.length === 0 ? (
          <Empty icon={IconPhoneIncoming} title={t('numbers.none')}>
            {t('numbers.noneText')}
          </Empty>
        ) : (
          numbers.data.map(({ number, extension, appliedExtension }) => (
            <Group key={number} justify="space-between" gap="xs">
              <Group gap="xs">
                <Text fw={500} style={{ fontVariantNumeric: 'tabular-nums' }}>
                  {readable(number)}
                </Text>
                {extension !== appliedExtension && (
                  <Badge color="orange" variant="dot">
                    {t('waits')}
                  </Badge>
                )}
              </Group>
              <TargetField
                name={t('numbers.leadsTo', { number: readable(number) })}
                field="extension"
                stored={extension}
                store={(value, was) => routeNumber(number, value, was)}
                extensions={targetsOf(extensions.data)}
                hasVoicemail={false}
                isOpen={false}
                nothing={t('numbers.nowhere')}
                mark={marks.get(`numbers.${number}.extension`)}
                disabled={!may('numbers:write')}
                w={{ base: '100%', xs: 240 }}
              />
            </Group>
          ))
        )}
      </Stack>
    </Paper>
  );
}
