import { useTranslation } from 'react-i18next';

/** Hook: what somebody noted of a revision; what the server notes by itself in the reader's language. */
export function useNote(): (note: string) => string {
  const { t } = useTranslation('parts');
  return (note) => {
    const revision = /^Rollback to revision (\d+)$/.exec(note)?.[1];
    return revision === undefined ? note : t('rollback', { revision });
  };
}
