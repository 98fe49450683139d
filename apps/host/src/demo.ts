import type { DemoSummary } from '@littlepbx/cli/demo';
import { readIfThere, readJson, writeWhole } from './files.ts';
import { localWeb } from './install/brain.ts';
import { type Installation, pathsOf } from './install/installation.ts';

/** Makes the demo's organizations by the API. What is there already stays; passwords, told once, are kept for root. */
export async function fillWithDemo(data: string, installation: Installation): Promise<void> {
  const paths = pathsOf(data);
  // Only now: neither is needed by an `up` without --demo.
  const [{ fillDemo }, { createClient }] = await Promise.all([
    import('@littlepbx/cli/demo'),
    import('@littlepbx/contract/client'),
  ]);
  const token = readIfThere(paths.operatorKey)?.trim() ?? '';
  const summary = await fillDemo(createClient({ baseUrl: localWeb(installation), token }), readDemo(data) ?? undefined);
  writeWhole(paths.demo, `${JSON.stringify(summary, null, 2)}\n`, 0o600);
}

/** The demo of this installation, null when it has none. */
export function readDemo(data: string): DemoSummary | null {
  return readJson<DemoSummary>(pathsOf(data).demo);
}
