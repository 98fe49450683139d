import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { PageFrame } from '../../parts/page.tsx';
import { People } from '../../parts/people.tsx';

export default function PeoplePage() {
  const { t } = useTranslation('people');
  const { slug, may } = useOrganization();
  return (
    <PageFrame title={t('title')}>
      <People org={slug} canChange={may('users:write')} />
    </PageFrame>
  );
}
