/** `EngineDirectory` on Asterisk: the SQLite files for what it looks up, AMI for what only it knows. */
import type {
  DeviceRegistration,
  EngineDirectory,
  EngineQueue,
  FallbackCall,
  OrganizationOnEngine,
  TrunkRegistration,
} from '../directory.ts';
import { Ami, AmiError, type AmiMessage, type AmiSettings } from './ami.ts';
import { Asking } from './asking.ts';
import { writeAuthorities } from './authorities.ts';
import { parseRange, trunkOf } from './carrier-addresses.ts';
import { IDENTIFY_CACHE } from './conf/pjsip.ts';
import { type Changes, ConfigFile, type FallbackRow, StateFile } from './config-file.ts';
import { ObjectCaches } from './object-caches.ts';

export interface AsteriskDirectorySettings {
  configDb: string;
  stateDb: string;
  ami: AmiSettings;
  rtpTimeoutInS: number;
  /** Folder of stored sounds, as the engine sees it. */
  files: string;
  /** Told of what could not be done now and will be tried again. */
  onWarning?: (message: string, cause: unknown) => void;
}

export interface AsteriskDirectory extends EngineDirectory {
  /** Refuses new calls and registrations of a device or trunk endpoint and leaves its live calls; `false` ends that. */
  setMaintenance(endpoint: string, on: boolean): Promise<void>;
  close(): void;
}

/** Where Asterisk keeps contacts in its own store, see `sorceryConf`. */
const CONTACTS = 'registrar/contact';
const RETRY_INTERVAL = 1000;
/** A removed line's carrier may challenge, and lose a packet. */
const DEREGISTRATION_TIME = 10_000;

export function createAsteriskDirectory(settings: AsteriskDirectorySettings): AsteriskDirectory {
  const config = new ConfigFile(settings.configDb, { rtpTimeoutInS: settings.rtpTimeoutInS, files: settings.files });
  config.forgetLeaving();
  const state = new StateFile(settings.stateDb);
  const ami = new Ami(settings.ami);
  const warn = settings.onWarning ?? (() => {});
  const caches = new ObjectCaches(ami, warn);
  const asking = new Asking(ami, (contacts) => config.ask(contacts));
  let todo = { registrations: false, carriers: false };
  let retry: NodeJS.Timeout | null = null;
  let leaving: NodeJS.Timeout | null = null;
  let isClosed = false;

  /** What Asterisk does not look up by itself. An engine that is away reads all of it when it starts. */
  async function refresh(what: Pick<Changes, 'registrations' | 'carriers'>): Promise<void> {
    todo.registrations ||= what.registrations;
    todo.carriers ||= what.carriers;
    if (!todo.registrations && !todo.carriers) return;
    try {
      if (todo.carriers) {
        todo.carriers = false;
        expectSuccess(await ami.action('SorceryMemoryCachePopulate', { Cache: IDENTIFY_CACHE }));
      }
      if (todo.registrations) {
        todo.registrations = false;
        // Touches changed rows only (14 ms with 200 of them).
        const module = 'res_pjsip_outbound_registration.so';
        expectSuccess(await ami.action('ModuleLoad', { Module: module, LoadType: 'reload' }));
        leaving ??= setTimeout(() => {
          leaving = null;
          config.forgetLeaving();
        }, DEREGISTRATION_TIME);
      }
    } catch (cause) {
      if (isClosed) return;
      warn('engine not told of changed trunks, trying again', cause);
      // Both: which of them failed does not matter, doing one twice does no harm.
      todo = { registrations: true, carriers: true };
      retry ??= setTimeout(() => {
        retry = null;
        void refresh(todo);
      }, RETRY_INTERVAL);
    }
  }

  /** A rejected line would wait out its retry interval with the old password. */
  async function registerAnew(endpoints: string[]): Promise<void> {
    for (const endpoint of endpoints) {
      await ami
        .action('PJSIPRegister', { Registration: endpoint })
        .catch((cause) => warn('trunk not registered anew', cause));
    }
  }

  void refresh(config.prepareScanners());
  config.ask([]);

  async function contacts(): Promise<Contact[]> {
    const { events } = await ami.action('DBGetTree', { Family: CONTACTS });
    return events.flatMap((event) => parseContact(event) ?? []);
  }

  return {
    async publish(organizations: OrganizationOnEngine[]) {
      const changes = config.publish(organizations);
      writeAuthorities(settings.configDb, config.authorities());
      await Promise.all([caches.expire(changes.cached), refresh(changes)]);
      await registerAnew(changes.credentials);
    },
    async replaceAll(organizations: OrganizationOnEngine[]) {
      const { credentials } = config.replaceAll(organizations);
      writeAuthorities(settings.configDb, config.authorities());
      // In any case: the brain before us may have died between its transaction and this.
      await Promise.all([caches.expireAll(), refresh({ registrations: true, carriers: true })]);
      await registerAnew(credentials);
    },
    async deviceRegistrations() {
      const now = Date.now();
      return (await contacts()).map((contact) => contact.registration).filter(({ expiresAt }) => expiresAt > now);
    },
    async roundTrips(usernames) {
      const named = new Set(usernames);
      return asking.ask((await contacts()).filter(({ registration }) => named.has(registration.username)));
    },
    async trunkRegistrations() {
      const { events } = await ami.action('PJSIPShowRegistrationsOutbound');
      return events.flatMap((event) => parseTrunkRegistration(event) ?? []);
    },
    async queues() {
      const { response } = await ami.action('Command', { Command: 'core show taskprocessors' });
      return parseQueues(response.Output ?? '');
    },
    async unregister(usernames, keep = []) {
      const named = new Set(usernames);
      for (const { id, registration } of await contacts()) {
        if (!named.has(registration.username) || keep.includes(registration.transport)) continue;
        await ami.action('DBDel', { Family: CONTACTS, Key: id });
      }
    },
    async block(networks) {
      config.block(networks.map(checkedNetwork));
    },
    async endedFallbackCalls() {
      const open = state.fallbackCalls().filter((row) => row.ended_at === null);
      // Looked at after the rows, so a call that begins meanwhile is not taken for a lost one.
      const live = open.length > 0 ? await liveChannels() : null;
      for (const { id } of live ? open : []) if (!live?.has(id)) state.lose(id, Date.now());
      return state.fallbackCalls().flatMap((row) => endedCall(row) ?? []);
    },
    async acknowledgeFallbackCalls(ids) {
      state.forget(ids);
    },
    async setMaintenance(endpoint, on) {
      expectSuccess(await ami.action('PJSIPSetMaintenance', { Endpoint: endpoint, State: on ? 'on' : 'off' }));
    },
    close() {
      isClosed = true;
      if (retry) clearTimeout(retry);
      if (leaving) clearTimeout(leaving);
      caches.close();
      ami.close();
      config.close();
      state.close();
    },
  };

  /** Unique ids of all channels; null while the engine is away, which proves nothing yet. */
  async function liveChannels(): Promise<Set<string> | null> {
    try {
      const { events } = await ami.action('CoreShowChannels');
      return new Set(events.map((event) => event.Uniqueid ?? ''));
    } catch (error) {
      if (error instanceof AmiError) return null;
      throw error;
    }
  }
}

/** An access list that Asterisk cannot read refuses all SIP. */
function checkedNetwork(network: string): string {
  parseRange(network);
  return network;
}

function expectSuccess({ response }: { response: AmiMessage }): void {
  if (response.Response !== 'Success') throw new AmiError(response.Message ?? 'refused');
}

/**
 * Lines `pjsip/distributor-00000041   12   0   3   450   500`: name, processed, in queue, greatest depth and two marks. There
 * are some hundreds of them, so they are summed up by the first part of their names.
 */
export function parseQueues(output: string): EngineQueue[] {
  const queues = new Map<string, EngineQueue>();
  for (const line of output.split('\n')) {
    const [, name, processed, waiting] = /^(\S+)\s+(\d+)\s+(\d+)\s+\d+\s/.exec(line) ?? [];
    if (name === undefined) continue;
    const family = /^[A-Za-z_]+/.exec(name)?.[0] ?? 'other';
    const queue = queues.get(family) ?? { name: family, waiting: 0, processed: 0 };
    queue.waiting += Number(waiting);
    queue.processed += Number(processed);
    queues.set(family, queue);
  }
  return [...queues.values()];
}

export interface Contact {
  id: string;
  uri: string;
  registration: DeviceRegistration;
}

/** One entry `registrar/contact/<aor>;@<hash>` with a JSON value. */
export function parseContact(event: AmiMessage): Contact | null {
  const key = event.Key ?? '';
  const id = key.slice(key.lastIndexOf('/') + 1);
  const username = id.split(';@')[0];
  if (!username || !event.Val) return null;
  const value = JSON.parse(event.Val) as Record<string, string>;
  const uri = unescapeRealtime(value.uri ?? '');
  const transport = /;transport=(\w+)/i.exec(uri)?.[1]?.toLowerCase() ?? 'udp';
  return {
    id,
    uri,
    registration: {
      username,
      // `rewrite_contact` made it the address that was seen.
      address: /^sips?:(?:[^@]*@)?(\[[^\]]+\](?::\d+)?|[^;>]+)/i.exec(uri)?.[1] ?? '',
      transport: isTransport(transport) ? transport : 'udp',
      userAgent: unescapeRealtime(value.user_agent ?? ''),
      expiresAt: Number(value.expiration_time ?? 0) * 1000,
    },
  };
}

/** Sorcery escapes what its back ends split on: `^3B` is a semicolon. */
function unescapeRealtime(text: string): string {
  return text.replace(/\^([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function isTransport(name: string): name is DeviceRegistration['transport'] {
  return ['udp', 'tcp', 'tls', 'ws', 'wss'].includes(name);
}

export function parseTrunkRegistration(event: AmiMessage): TrunkRegistration | null {
  const trunkId = trunkOf(event.ObjectName ?? '');
  // The list also holds the line's credentials, as `AuthDetail`.
  if (!trunkId || event.Event !== 'OutboundRegistrationDetail') return null;
  const states: Record<string, TrunkRegistration['state']> = {
    Registered: 'registered',
    Rejected: 'rejected',
    Unregistered: 'trying',
    Stopped: 'unregistered',
    Stopping: 'unregistered',
  };
  return { trunkId, state: states[event.Status ?? ''] ?? 'trying' };
}

function endedCall(row: FallbackRow): FallbackCall | null {
  if (row.ended_at === null) return null;
  return {
    id: row.id,
    organizationId: row.organization,
    kind: row.kind,
    from: row.caller,
    to: row.callee,
    startedAt: row.started_at,
    answeredAt: row.answered_at,
    endedAt: row.ended_at,
    outcome: outcome(row.outcome ?? ''),
  };
}

const OUTCOMES: readonly FallbackCall['outcome'][] = [
  'answer',
  'busy',
  'noanswer',
  'cancel',
  'chanunavail',
  'engine-lost',
];

function outcome(status: string): FallbackCall['outcome'] {
  return OUTCOMES.find((one) => one === status.toLowerCase()) ?? 'congestion';
}
