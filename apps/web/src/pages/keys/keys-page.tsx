import { useOrganization } from '../../app/session.ts';
import { KeyList } from './key-list.tsx';

export default function KeysPage() {
  const { slug, may } = useOrganization();
  return <KeyList org={slug} may={may} />;
}
