/** What happens to calls of an extension, each part a field that stores itself. */
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { StoredNumber } from '../../parts/stored-fields.tsx';
import { TargetField } from '../../parts/target-field.tsx';
import { type Colleague, type Extension, useChanges } from './data.ts';
import { useMark } from './marks.ts';
import { targetsOf } from './targets.ts';

export function RingTime({ extension, hasLabel }: { extension: Extension; hasLabel: boolean }) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { changeExtension } = useChanges(slug);
  const label = t('extension.ringTime');
  return (
    <StoredNumber
      {...(hasLabel ? { label } : {})}
      field="ringTimeInS"
      name={`${label}, ${extension.number}`}
      stored={extension.ringTimeInS}
      store={(value, was) => changeExtension(extension.id, 'ringTimeInS', value, was)}
      unit={t('extension.seconds')}
      disabled={!may('extensions:write')}
    />
  );
}

const LABELS = {
  forwardAlways: 'extension.always',
  forwardBusy: 'extension.busy',
  forwardNoAnswer: 'extension.noAnswer',
} as const;

interface ForwardProps {
  extension: Extension;
  all: readonly Colleague[];
  field: keyof typeof LABELS;
  hasLabel: boolean;
}

export function Forward({ extension, all, field, hasLabel }: ForwardProps) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { changeExtension } = useChanges(slug);
  const label = t(LABELS[field]);
  const mark = useMark(`extensions.${extension.number}.${field}`);
  return (
    <TargetField
      {...(hasLabel ? { label } : {})}
      field={field}
      name={`${label}, ${extension.number}`}
      stored={extension[field]}
      store={(value, was) => changeExtension(extension.id, field, value, was)}
      extensions={targetsOf(all)}
      hasVoicemail
      isOpen
      nothing={t('extension.nowhere')}
      own={extension.number}
      mark={mark}
      disabled={!may('extensions:write')}
    />
  );
}
