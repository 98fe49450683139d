import { useTranslation } from 'react-i18next';
import { PageFrame } from '../../parts/page.tsx';

export default function PhonesPage() {
  const { t } = useTranslation('phones');
  return <PageFrame title={t('title')}>…</PageFrame>;
}
