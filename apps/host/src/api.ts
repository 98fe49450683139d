import type { AlertAnswer, MailStateAnswer, SystemAnswer } from '@littlepbx/contract';
import { readIfThere } from './files.ts';
import { localWeb } from './install/brain.ts';
import { type Installation, pathsOf } from './install/installation.ts';

/** State of a brain; `system` is null when it could not tell more (it asks the database who we are). */
export interface Health {
  isReady: boolean;
  isEngineConnected: boolean;
  isDatabaseConnected: boolean;
  system: SystemAnswer | null;
  mail: MailStateAnswer | null;
  alerts: AlertAnswer[] | null;
}

/** State of the running brain, null when it does not answer within 2 s. */
export async function readHealth(data: string, installation: Installation): Promise<Health | null> {
  const base = `${localWeb(installation)}/api/v1`;
  const ready = await get<{ isReady: boolean; engine: boolean; database: boolean }>(`${base}/health/ready`, null);
  if (typeof ready?.isReady !== 'boolean') return null;
  const token = readIfThere(pathsOf(data).operatorKey)?.trim() ?? null;
  const ask = <T>(path: string) => (ready.database ? get<T>(`${base}${path}`, token) : null);
  const [system, mail, alerts] = await Promise.all([
    ask<SystemAnswer>('/system'),
    ask<MailStateAnswer>('/mail'),
    // They are told without the database too, as long as the brain remembers who we are.
    get<{ items: AlertAnswer[] }>(`${base}/alerts`, token),
  ]);
  return {
    isReady: ready.isReady,
    isEngineConnected: ready.engine,
    isDatabaseConnected: ready.database,
    system: typeof system?.isReady === 'boolean' ? system : null,
    mail: typeof mail?.waiting === 'number' ? mail : null,
    alerts: Array.isArray(alerts?.items) ? alerts.items : null,
  };
}

async function get<T>(url: string, token: string | null): Promise<T | null> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(2000),
      headers: { connection: 'close', ...(token && { authorization: `Bearer ${token}` }) },
    });
    return (await response.json()) as T;
  } catch {
    return null;
  }
}
