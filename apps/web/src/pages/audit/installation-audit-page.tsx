import { AuditList } from './audit-list.tsx';

export default function InstallationAuditPage() {
  return <AuditList org={null} />;
}
