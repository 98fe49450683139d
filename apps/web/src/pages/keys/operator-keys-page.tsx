import { KeyList } from './key-list.tsx';

export default function OperatorKeysPage() {
  return <KeyList org={null} may={() => true} />;
}
