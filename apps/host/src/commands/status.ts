import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemAnswer } from '@littlepbx/contract';
import { type Health, readHealth } from '../api.ts';
import { gigabytes } from '../bytes.ts';
import { hasTable } from '../firewall/firewall.ts';
import { publicWeb, sipHost } from '../install/brain.ts';
import { type Installation, needInstallation, pathsOf } from '../install/installation.ts';
import { type ProcessId, readPidFile, startedAt } from '../processes/process-id.ts';
import { SERVICE_NAMES } from '../processes/services.ts';
import { runningSupervisor } from '../processes/supervisor.ts';

/** What `status --json` prints. */
export interface Status {
  ready: boolean;
  /** Of the running brain. */
  version: string | null;
  /** Base address of the API. */
  web: string;
  /** `host:port` that phones register at. */
  sip: string;
  engine: { name: string; version: string | null; connected: boolean };
  db: { connected: boolean; version: string | null; isExternal: boolean };
  /** Null: not known, the brain does not answer or has no database to ask who we are. */
  orgs: number | null;
  calls: number | null;
  registrations: number | null;
  /** New calls are refused until the engine was restarted. */
  draining: boolean;
  /** Null: not known now. `server`: null when there is none, and mails are dropped. */
  mail: { server: string | null; waiting: number; failed: number } | null;
  /** Those that stand; null: not known now. `since`: milliseconds since the epoch. */
  alerts: { kind: string; subject: string | null; since: number }[] | null;
  /** Of the installation's folder. */
  disk: { freeBytes: number; totalBytes: number };
  /** What machines speak, and what somebody wants; null: not known now. */
  languages: SystemAnswer['languages'] | null;
  /** Who keeps banned addresses from SIP; null: nobody now. */
  bansEnforcedBy: 'nftables' | 'engine' | null;
  /** Null = not running. `since`: milliseconds since the epoch. */
  processes: Record<string, { pid: number; since: number } | null>;
}

/** @returns whether it is ready */
export async function status(data: string, asJson: boolean): Promise<boolean> {
  const s = await readStatus(data);
  console.log(asJson ? JSON.stringify(s, null, 2) : asTable(s, data));
  return s.ready;
}

export async function readStatus(data: string): Promise<Status> {
  const installation = needInstallation(data);
  const [health, isFirewalled] = await Promise.all([readHealth(data, installation), hasTable(pathsOf(data))]);
  return statusOf(data, installation, health, isFirewalled);
}

function statusOf(data: string, installation: Installation, health: Health | null, isFirewalled: boolean): Status {
  const paths = pathsOf(data);
  const described = (id: ProcessId | null) => id && { pid: id.pid, since: Math.round(startedAt(id)) };
  const system = health?.system ?? null;
  const { asterisk = null, postgres = null } = installation.versions;
  return {
    ready: health?.isReady ?? false,
    version: system?.version ?? null,
    web: publicWeb(installation),
    sip: `${sipHost(installation)}:${installation.sip.port}`,
    engine: {
      name: system?.engine.name ?? 'asterisk',
      version: system?.engine.version ?? asterisk,
      connected: health?.isEngineConnected ?? false,
    },
    db: {
      connected: health?.isDatabaseConnected ?? false,
      version: system?.database.version ?? postgres,
      isExternal: installation.db.isExternal,
    },
    orgs: system?.organizations ?? null,
    calls: system?.calls ?? null,
    registrations: system?.registrations ?? null,
    draining: system?.isDraining ?? false,
    mail: mailOf(health),
    alerts: alertsOf(health),
    disk: diskOf(data),
    languages: system?.languages ?? null,
    bansEnforcedBy: installation.firewall.isActive ? (isFirewalled ? 'nftables' : null) : 'engine',
    processes: {
      supervisor: described(runningSupervisor(paths)),
      ...Object.fromEntries(
        SERVICE_NAMES.filter((name) => name !== 'db' || !installation.db.isExternal).map((name) => [
          name,
          described(readPidFile(join(paths.run, `${name}.pid`))),
        ]),
      ),
    },
  };
}

function alertsOf(health: Health | null): Status['alerts'] {
  const standing = health?.alerts?.filter(({ resolvedAt }) => resolvedAt === null);
  return standing?.map(({ kind, subject, raisedAt }) => ({ kind, subject, since: raisedAt })) ?? null;
}

function diskOf(data: string): Status['disk'] {
  const { bavail, blocks, bsize } = statfsSync(data);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

function mailOf(health: Health | null): Status['mail'] {
  if (!health?.mail) return null;
  const { server, waiting, failed } = health.mail;
  return { server: server && `${server.host}:${server.port}`, waiting, failed };
}

/** In plain words. */
export function mailText(mail: Status['mail']): string {
  if (mail === null) return 'not known';
  const { server, waiting, failed } = mail;
  if (server === null) return 'no mail server is set, so mails are dropped: ./littlepbx mail set';
  const given = failed > 0 ? `, ${failed} given up (./littlepbx mail list)` : '';
  return `by ${server}, ${waiting} waiting${given}`;
}

/** In plain words. */
export function languagesText(languages: Status['languages']): string {
  if (languages === null) return 'not known';
  const missing = languages
    .filter(({ state, isWanted }) => isWanted && state !== 'there')
    .map(({ language, state, percent, reason }) => {
      if (state === 'fetching') return `${language} is being fetched (${percent} %)`;
      return `${language} ${state === 'failed' ? `could not be fetched: ${reason}` : 'waits to be fetched'}`;
    });
  const there = languages.filter(({ state }) => state === 'there').map(({ language }) => language);
  return [there.join(', '), ...missing].join('; ');
}

function asTable(s: Status, data: string): string {
  const link = (connected: boolean) => (connected ? 'connected' : 'NOT connected');
  const known = (count: number | null) => (count === null ? 'unknown' : String(count));
  const rows: [string, string][] = [
    ['state', s.ready ? 'ready' : 'NOT READY'],
    ['installation', data],
    ['API', `${s.web}/api/v1`],
    ['SIP', s.sip],
    ['engine', `${s.engine.name} ${s.engine.version ?? '?'}, ${link(s.engine.connected)}`],
    ['database', `PostgreSQL ${s.db.version ?? '?'}, ${link(s.db.connected)}${s.db.isExternal ? ' (external)' : ''}`],
    ['organizations', known(s.orgs)],
    ['calls', known(s.calls) + (s.draining ? ', new ones are refused (draining)' : '')],
    ['registrations', known(s.registrations)],
    ['bans enforced by', s.bansEnforcedBy ?? 'NOBODY'],
    ['mail', mailText(s.mail)],
    ['alerts', s.alerts === null ? 'not known' : s.alerts.map(({ kind }) => kind).join(', ') || 'none'],
    ['languages', languagesText(s.languages)],
    ['disk', `${gigabytes(s.disk.freeBytes)} free`],
  ];
  for (const [name, process] of Object.entries(s.processes)) {
    rows.push([
      `${name} process`,
      process ? `pid ${process.pid}, up ${age(Date.now() - process.since)}` : 'not running',
    ]);
  }
  const lines = rows.map(([name, value]) => `${name.padEnd(20)}${value}`);
  if (!s.ready) {
    const isDown = Object.values(s.processes).every((p) => p === null);
    lines.push(
      '',
      isDown ? `Start it: ./littlepbx up --detach --data ${data}` : 'See: ./littlepbx logs, ./littlepbx doctor',
    );
  }
  return lines.join('\n');
}

/** Milliseconds as people say them. */
function age(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`;
}
