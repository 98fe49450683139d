import { useOrganization } from '../../app/session.ts';
import { AuditList } from './audit-list.tsx';

export default function AuditPage() {
  const { slug } = useOrganization();
  return <AuditList key={slug} org={slug} />;
}
