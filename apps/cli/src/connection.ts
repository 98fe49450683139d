/** Which server to ask, and with which key: what the environment says, else what the installation on this machine says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientSettings } from '@littlepbx/contract/client';

/** Where the host puts the installation when `--data` does not say. */
export function defaultData(env: NodeJS.ProcessEnv): string {
  return join(env.LITTLEPBX_HOME ?? '/var/lib/littlepbx', 'data');
}

/** Something the user can mend; told in one line. */
export class UserError extends Error {}

export function connectionOf(data: string, env: NodeJS.ProcessEnv): ClientSettings & { token: string } {
  const { LITTLEPBX_URL: url, LITTLEPBX_TOKEN: token } = env;
  if (url && token) return { baseUrl: url.replace(/\/+$/, ''), token };
  if (url || token) throw new UserError('set both LITTLEPBX_URL and LITTLEPBX_TOKEN, or neither');
  const installation = read(join(data, 'installation.json'), data);
  const key = read(join(data, 'operator.key'), data).trim();
  let web: { host?: unknown; port?: unknown } | undefined;
  try {
    web = (JSON.parse(installation) as { web?: typeof web }).web;
  } catch {
    // Told below.
  }
  if (typeof web?.port !== 'number') throw new UserError(`${join(data, 'installation.json')} names no web port`);
  return { baseUrl: `http://${reachable(web.host)}:${web.port}`, token: key };
}

/** Where to reach what listens on every address. */
function reachable(host: unknown): string {
  if (typeof host !== 'string' || host === '' || host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function read(path: string, data: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new UserError(
        `${path} is readable by root only: run this as root, or set LITTLEPBX_URL and LITTLEPBX_TOKEN`,
      );
    }
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UserError(`no installation in ${data}: run "littlepbx up" first, or name its folder with --data`);
    }
    throw new UserError(`cannot read ${path}: ${(error as Error).message}`);
  }
}
