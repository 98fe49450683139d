/** Boxes on one side, the chosen one's messages on the other; on a narrow screen one after the other. */
import { Box, Grid, Paper } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconInbox } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { BoxView } from './box-view.tsx';
import { BoxList } from './boxes.tsx';
import { boxesQuery, withoutGoing } from './data.ts';
import { useAllGoing } from './deletion.tsx';

export default function VoicemailPage() {
  const { t } = useTranslation('voicemail');
  const { slug, extensionId } = useOrganization();
  const { extension } = useParams({ strict: false }) as { extension?: string };
  const isWide = useMediaQuery('(min-width: 62em)', true);
  const boxes = useQuery({ ...boxesQuery(slug), refetchInterval: usePollWithout(20_000) });
  const going = useAllGoing();
  const own = extensionId === null ? undefined : boxes.data?.[0];
  const chosen = boxes.data?.find((box) => box.extension === extension);
  const list = boxes.isPending ? (
    <ListSkeleton rows={6} height={56} />
  ) : isUnread(boxes) ? (
    <Failed error={boxes.error} retry={() => void boxes.refetch()} />
  ) : boxes.data.length === 0 ? (
    <Empty icon={IconInbox} title={t('none')}>
      {t('noneText')}
    </Empty>
  ) : (
    <BoxList boxes={withoutGoing(boxes.data, going, slug)} chosen={extension ?? null} />
  );
  if (own) {
    return (
      <PageFrame title={t('title')}>
        <Paper p="md" maw={860}>
          <BoxView extension={own.extension} name={own.name} hasBack={false} />
        </Paper>
      </PageFrame>
    );
  }
  const view =
    extension === undefined ? (
      <Box visibleFrom="md">
        <Empty icon={IconInbox} title={t('choose')} />
      </Box>
    ) : boxes.data && !chosen ? (
      <Empty icon={IconInbox} title={t('noBox', { extension })} />
    ) : (
      <BoxView key={extension} extension={extension} name={chosen?.name ?? ''} hasBack={!isWide} />
    );
  return (
    <PageFrame title={t('title')}>
      {isWide ? (
        <Grid gap="lg">
          <Grid.Col span={4}>{list}</Grid.Col>
          <Grid.Col span={8}>
            <Paper p="md" mih={240}>
              {view}
            </Paper>
          </Grid.Col>
        </Grid>
      ) : extension === undefined ? (
        list
      ) : (
        view
      )}
    </PageFrame>
  );
}
