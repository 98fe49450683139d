import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP } from './processes/services.ts';

/** Version of LittlePBX in a folder of its source; of this one when none is given. */
export function appVersion(app = APP): string {
  const { version } = JSON.parse(readFileSync(join(app, 'apps/server/package.json'), 'utf8')) as { version: string };
  return version;
}
