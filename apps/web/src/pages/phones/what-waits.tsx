import { Alert, List, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useReasonText } from '../../parts/failure.tsx';
import { Changes } from './changes.tsx';
import type { Draft } from './data.ts';

interface WhatWaitsProps {
  draft: Pick<Draft, 'changes' | 'effect'>;
  refusals: { field: string; reason: string }[];
}

/** Why it cannot be applied yet, what changes, and what that does to calls and phones. */
export function WhatWaits({ draft, refusals }: WhatWaitsProps) {
  const { t } = useTranslation('phones');
  const { callsInProgress, devicesRemoved } = draft.effect;
  return (
    <Stack>
      {refusals.length > 0 && (
        <Alert color="red" role="alert" title={t('apply.refused')}>
          <List size="sm">
            {refusals.map(({ field, reason }) => (
              <List.Item key={field}>
                <Refusal field={field} reason={reason} />
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Changes changes={draft.changes} />
      <List size="sm" c="dimmed">
        {callsInProgress > 0 && <List.Item>{t('effect.calls', { count: callsInProgress })}</List.Item>}
        {devicesRemoved.map(({ username, name, extension, isInCall }) => (
          <List.Item key={username}>
            {t('effect.phoneGoes', { name, extension })} {isInCall && t('effect.inCall')}
          </List.Item>
        ))}
        <List.Item>{t('effect.others')}</List.Item>
      </List>
    </Stack>
  );
}

/** `extensions.101.forwardBusy` and what is wrong with it. */
function Refusal({ field, reason }: { field: string; reason: string }) {
  const { t } = useTranslation('phones');
  const reasonText = useReasonText();
  const [what, name = '', member = ''] = field.split('.');
  const extension = `${t('changes.extension', { name })} · ${t(`members.${member}` as 'members.name')}`;
  return (
    <>
      {what === 'extensions' ? extension : name}: {reasonText(reason)}
    </>
  );
}
