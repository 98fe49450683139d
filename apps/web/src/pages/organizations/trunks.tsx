import type { TrunkAnswer } from '@littlepbx/contract';
import { Badge, Button, Group, Modal, Paper, Stack, Text } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Form } from '../../parts/form.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { TornFields, useSharedForm } from '../../parts/shared-form.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import {
  NEW_TRUNK,
  type SentTrunk,
  seenTrunk,
  sentTrunk,
  shownTrunk,
  TrunkFields,
  type TypedTrunk,
  typedTrunk,
} from './trunk-fields.tsx';

/** Whether a carrier knows us changes by itself. Milliseconds. */
const LOOK_AGAIN = 3_000;

export function Trunks({ org }: { org: string }) {
  const { t } = useTranslation('organizations');
  const queries = useQueryClient();
  const queryKey = ['trunks', org];
  const trunks = useQuery({
    queryKey,
    queryFn: () => everyPage((query) => api.listTrunks({ params: { org }, query })),
    refetchInterval: LOOK_AGAIN,
  });
  const [edited, setEdited] = useState<TrunkAnswer | 'new' | null>(null);
  const read = () => void queries.invalidateQueries({ queryKey });
  // One for each direction is all there can be.
  const isFull = ['isInbound', 'isOutbound'].every((way) =>
    trunks.data?.some((trunk) => trunk[way as 'isInbound' | 'isOutbound']),
  );
  const add = (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setEdited('new')}>
      {t('trunks.add')}
    </Button>
  );
  return (
    <Stack maw={760}>
      <Group justify="space-between" align="flex-start">
        <Text c="dimmed" size="sm" flex="1 1 300px">
          {t('trunks.about')}
        </Text>
        {trunks.data && trunks.data.length > 0 && !isFull && add}
      </Group>
      {trunks.isPending && <ListSkeleton rows={2} height={72} />}
      {isUnread(trunks) && <Failed error={trunks.error} retry={() => void trunks.refetch()} />}
      {trunks.data?.length === 0 && (
        <Empty icon={IconPlugConnected} title={t('trunks.empty')} action={add}>
          {t('trunks.emptyText')}
        </Empty>
      )}
      <Stack gap="xs" role="list">
        {trunks.data?.map((trunk) => (
          <Row key={trunk.id} org={org} trunk={trunk} onEdit={() => setEdited(trunk)} onGone={read} />
        ))}
      </Stack>
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        closeOnClickOutside={false}
        size="lg"
        title={edited === 'new' ? t('trunks.add') : t('trunks.edit')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {edited !== null && (
          <TrunkForm
            org={org}
            trunk={edited === 'new' ? null : edited}
            onDone={() => {
              setEdited(null);
              read();
            }}
          />
        )}
      </Modal>
    </Stack>
  );
}

const COLORS = { registered: 'teal', trying: 'yellow', rejected: 'red', unregistered: 'orange' } as const;

interface RowProps {
  org: string;
  trunk: TrunkAnswer;
  onEdit(): void;
  onGone(): void;
}

function Row({ org, trunk, onEdit, onGone }: RowProps) {
  const { t } = useTranslation('organizations');
  const ask = useQuestion();
  const failed = useFailure();
  const remove = useMutation({
    mutationFn: () => api.deleteTrunk({ params: { org, trunk: trunk.id } }),
    onSuccess: onGone,
    onError: failed,
  });
  const question = () =>
    ask({
      title: t('trunks.deleteTitle', { name: trunk.name }),
      text: t('trunks.deleteText'),
      action: t('trunks.delete'),
      onYes: remove.mutate,
    });
  const { registration, isInbound, isOutbound, host, port, transport } = trunk;
  const direction = isInbound && isOutbound ? 'both' : isInbound ? 'in' : 'out';
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="xs" align="flex-start">
        <Stack gap={4} miw={0}>
          <Group gap="xs">
            <Text fw={600}>{trunk.name}</Text>
            <Badge variant="dot" color={registration ? COLORS[registration.state] : 'gray.6'}>
              {registration
                ? t(`trunks.states.${registration.state}`)
                : trunk.register
                  ? t('trunks.states.unknown')
                  : t('trunks.states.none')}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {host}
            {port === null ? '' : `:${port}`} · {transport.toUpperCase()} · {t(`trunks.directions.${direction}`)}
          </Text>
          {registration?.state === 'rejected' && <Text size="sm">{t('trunks.rejected')}</Text>}
        </Stack>
        <Group gap="xs">
          {isOutbound && (
            <Button
              variant="default"
              size="xs"
              renderRoot={(props) => <Link to={`/operator/organizations/${org}/rates/${trunk.id}`} {...props} />}
            >
              {t('trunks.rates')}
            </Button>
          )}
          <Button variant="default" size="xs" onClick={onEdit}>
            {t('trunks.edit')}
          </Button>
          <Button variant="light" color="red" size="xs" loading={remove.isPending} onClick={question}>
            {t('trunks.delete')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}

function TrunkForm({ org, trunk, onDone }: { org: string; trunk: TrunkAnswer | null; onDone: () => void }) {
  const { t } = useTranslation('organizations');
  const [typed, setTyped] = useState<TypedTrunk>(() => (trunk ? typedTrunk(trunk) : NEW_TRUNK));
  const form = useSharedForm<Partial<SentTrunk>>({
    stored: trunk === null ? {} : seenTrunk(trunk),
    wanted: sentTrunk(typed),
    async store({ change, expected }) {
      if (trunk === null) await api.createTrunk({ params: { org }, body: sentTrunk(typed) });
      else await api.updateTrunk({ params: { org, trunk: trunk.id }, body: { ...change, expected } });
      return sentTrunk(typed);
    },
    show: (values) => setTyped((was) => ({ ...was, ...shownTrunk(values) })),
    onSaved: onDone,
  });
  const refused = useRefusal(form.failure);
  const beside = refused.beside(...Object.keys(NEW_TRUNK));
  const inWords = (_field: string, value: unknown) => {
    if (typeof value === 'boolean') return value ? t('trunk.yes') : t('trunk.no');
    return (Array.isArray(value) ? value.join(', ') : String(value ?? '')) || t('trunk.nothing');
  };
  return (
    <Form onSend={form.save} failure={form.error}>
      <Stack>
        <RefusalAlert text={beside} />
        <TrunkFields
          typed={typed}
          hasPassword={trunk?.hasPassword ?? false}
          refused={refused}
          onChange={(change) => setTyped((was) => ({ ...was, ...change }))}
        />
        <TornFields of={form} name={(field) => t(`trunk.${field as 'host'}`)} inWords={inWords} />
        <Group justify="flex-end">
          <Button type="submit" loading={form.isSaving}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}
