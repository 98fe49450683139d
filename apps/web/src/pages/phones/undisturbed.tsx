import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { StoredSwitch } from '../../parts/stored-switch.tsx';
import { type Extension, useChanges } from './data.ts';

/** Whether its phones ring at all. */
export function Undisturbed({ extension }: { extension: Extension }) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { changeExtension } = useChanges(slug);
  const label = t('extension.undisturbed');
  return (
    <StoredSwitch
      label={label}
      description={t('extension.undisturbedText')}
      field="doNotDisturb"
      name={`${label}, ${extension.number}`}
      stored={extension.doNotDisturb}
      store={(value, was) => changeExtension(extension.id, 'doNotDisturb', value, was)}
      disabled={!may('extensions:write')}
    />
  );
}
