/**
 * The two SQLite files shared with Asterisk. `config` is written here and read by Asterisk's realtime driver: a change
 * is live when its transaction commits, no reload (outbound registrations excepted). `state` is written by the
 * dialplan: fallback calls. Both are in WAL mode, so neither side waits for the other's reads.
 */
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { FallbackCall, OrganizationOnEngine } from '../directory.ts';
import { ASKER, askerAor, askerEndpoint } from './asking.ts';
import { type CarrierEndpoint, carrierEndpoints, type ListedAddress, trunkOf } from './carrier-addresses.ts';
import { CACHED_TABLES } from './conf/pjsip.ts';
import { carrierRows, numberRows, organizationRows, type Row, type RowSettings, type Table } from './rows.ts';
import { scannerRows } from './scanners.ts';

/** Rises when the form of a row changes; an older file is emptied, and filled again by the brain's next `replaceAll`. */
const SCHEMA_VERSION = 8;

export interface CachedObject {
  cache: (typeof CACHED_TABLES)[keyof typeof CACHED_TABLES];
  id: string;
}

/** What one write changed. */
export interface Changes {
  written: number;
  removed: number;
  /** Asterisk reads these only on reload. */
  registrations: boolean;
  /** Asterisk holds these in a cache. */
  carriers: boolean;
  /** Objects that Asterisk may hold in a cache with their old row. */
  cached: CachedObject[];
  /** Lines whose password alone is new: the others begin to register anew by themselves. */
  credentials: string[];
}

const text = (names: string) => names.split(' ').map((name) => `"${name}" TEXT NOT NULL DEFAULT ''`);

const COLUMNS: Record<Table, string[]> = {
  ps_endpoints: text(
    'context allow accountcode tenantid transport aors auth outbound_auth outbound_proxy from_user from_domain callerid ' +
      'identify_by media_encryption media_encryption_optimistic trust_id_inbound trust_id_outbound send_pai ' +
      'rewrite_contact force_rport rtp_symmetric direct_media rtp_timeout rtp_timeout_hold dtmf_mode set_var ' +
      'allow_subscribe allow_overlap max_video_streams timers mailboxes moh_suggest language deny',
  ),
  ps_auths: text('auth_type username password password_digest realm supported_algorithms_uas supported_algorithms_uac'),
  ps_aors: text(
    'contact max_contacts remove_existing minimum_expiration default_expiration maximum_expiration support_path ' +
      'qualify_frequency qualify_timeout',
  ),
  ps_registrations: text(
    'server_uri client_uri contact_user outbound_auth outbound_proxy transport expiration retry_interval ' +
      'forbidden_retry_interval fatal_retry_interval max_retries auth_rejection_permanent max_random_initial_delay ' +
      'line endpoint',
  ),
  ps_endpoint_id_ips: text('endpoint match srv_lookups match_header'),
  ps_acls: text('deny'),
  lpbx_extensions: text('dial ring_time'),
  lpbx_emergency: text('number dial caller_id'),
  lpbx_numbers: text('organization dial ring_time'),
  musiconhold: text('name mode directory sort'),
};

/** Asterisk looks a class of music up by its name, a column that must not be called `id`; the guard asks for numbers alone. */
const INDEXES =
  'CREATE INDEX musiconhold_name ON musiconhold (name); CREATE INDEX lpbx_emergency_number ON lpbx_emergency (number)';

/** Asterisk's tables have no column of ours (sorcery rejects unknown ones): whose row it is stands beside them. */
const OWN_TABLES = `
  CREATE TABLE lpbx_organizations (id TEXT PRIMARY KEY, version INTEGER NOT NULL, source TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE lpbx_published (
    tbl TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (tbl, id)
  ) WITHOUT ROWID;
  CREATE INDEX lpbx_published_owner ON lpbx_published (owner);
  CREATE TABLE lpbx_addresses (
    organization TEXT NOT NULL, trunk TEXT NOT NULL, address TEXT NOT NULL, PRIMARY KEY (organization, trunk, address)
  ) WITHOUT ROWID;
  CREATE TABLE lpbx_authorities (
    organization TEXT NOT NULL, pem TEXT NOT NULL, PRIMARY KEY (organization, pem)
  ) WITHOUT ROWID;
`;

/** Owner of rows that span organizations. */
const SHARED = 'shared';
/** Owner of what scanners are taken for, and of the banned addresses. */
const SCANNERS = 'scanners';
const BANNED = 'banned';
/** Addresses in one row: Asterisk splits a row's list on the stack. */
const BANNED_PER_ROW = 200;
/** Owner of credentials of removed trunks: Asterisk still needs them to de-register. */
const LEAVING = 'leaving';

/** Makes both files if they are missing. Asterisk's driver refuses to read tables that are not there when it starts. */
export function prepareEngineFiles(files: { configDb: string; stateDb: string }): void {
  openConfig(files.configDb).close();
  openState(files.stateDb).close();
}

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 2000 });
  // Brain and engine may be different users of one group; SQLite gives -wal and -shm the mode of the file.
  try {
    chmodSync(path, 0o660);
  } catch (error) {
    // Not the owner: then whoever is has set it.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
  // NORMAL loses at most the last transactions in a power cut; the brain compares the whole file at each start.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return db;
}

function openConfig(path: string): DatabaseSync {
  const db = open(path);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === SCHEMA_VERSION) return db;
  db.exec('BEGIN IMMEDIATE');
  const old = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all();
  for (const { name } of old) db.exec(`DROP TABLE "${name}"`);
  for (const [table, columns] of Object.entries(COLUMNS)) {
    db.exec(`CREATE TABLE ${table} (id TEXT PRIMARY KEY, ${columns.join(', ')}) WITHOUT ROWID`);
  }
  db.exec(INDEXES);
  db.exec(OWN_TABLES);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  return db;
}

function openState(path: string): DatabaseSync {
  const db = open(path);
  db.exec(`
    CREATE TABLE IF NOT EXISTS fallback_calls (
      id TEXT PRIMARY KEY, organization TEXT NOT NULL, kind TEXT NOT NULL, caller TEXT NOT NULL, callee TEXT NOT NULL,
      started_at INTEGER NOT NULL, answered_at INTEGER, ended_at INTEGER, outcome TEXT
    ) WITHOUT ROWID`);
  return db;
}

export class ConfigFile {
  readonly #db: DatabaseSync;
  readonly #settings: RowSettings;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, settings: RowSettings) {
    this.#db = openConfig(path);
    this.#settings = settings;
  }

  close(): void {
    this.#db.close();
  }

  /** One transaction. Organizations whose version is already there, or newer, are skipped. */
  publish(organizations: OrganizationOnEngine[]): Changes {
    return this.#write((changes) => {
      const news = organizations.filter((o) => {
        const known = this.#sql('SELECT version FROM lpbx_organizations WHERE id = ?').get(o.id);
        return !known || (known.version as number) < o.version;
      });
      if (news.length > 0) this.#store(news, changes);
    });
  }

  /** Compares everything, whatever the versions say: after a restore from backup they may run backwards. */
  replaceAll(organizations: OrganizationOnEngine[]): Changes {
    return this.#write((changes) => {
      const wanted = new Set(organizations.map((o) => o.id));
      const known = this.#sql('SELECT id FROM lpbx_organizations').all() as { id: string }[];
      const gone = known.filter(({ id }) => !wanted.has(id)).map(({ id }) => ({ ...NOTHING, id }));
      this.#store([...gone, ...organizations], changes);
      for (const { id } of gone) this.#sql('DELETE FROM lpbx_organizations WHERE id = ?').run(id);
    });
  }

  /** Authorities that carriers' certificates may be of, PEM. */
  authorities(): string[] {
    const rows = this.#sql('SELECT DISTINCT pem FROM lpbx_authorities ORDER BY pem').all() as { pem: string }[];
    return rows.map(({ pem }) => pem);
  }

  /** What scanners are taken for: needed before there is any organization. */
  prepareScanners(): Changes {
    return this.#write((changes) => this.#bring(SCANNERS, scannerRows(this.#settings), changes));
  }

  /** Whom the endpoint that phones are asked by asks; SIP URIs. */
  ask(contacts: string[]): void {
    this.#write((changes) => this.#bring(ASKER, [askerEndpoint(this.#settings), askerAor(contacts)], changes));
  }

  /** The addresses that are refused before anything else; live when it returns, where `sorceryConf` says so. */
  block(networks: string[]): void {
    const rows: Row[] = [];
    for (let from = 0; from < networks.length; from += BANNED_PER_ROW) {
      const deny = networks.slice(from, from + BANNED_PER_ROW).join(',');
      rows.push({ table: 'ps_acls', id: `banned-${from}`, columns: { deny } });
    }
    this.#write((changes) => this.#bring(BANNED, rows, changes));
  }

  #store(organizations: OrganizationOnEngine[], changes: Changes): void {
    const before = this.#carriers();
    for (const o of organizations) {
      this.#sql('INSERT OR REPLACE INTO lpbx_organizations (id, version, source) VALUES (?, ?, ?)').run(
        o.id,
        o.version,
        JSON.stringify(numberSource(o)),
      );
      this.#sql('DELETE FROM lpbx_addresses WHERE organization = ?').run(o.id);
      this.#sql('DELETE FROM lpbx_authorities WHERE organization = ?').run(o.id);
      for (const { transport, verifyCertificate, certificateAuthority: pem } of o.trunks) {
        if (transport !== 'tls' || !verifyCertificate || pem === null) continue;
        this.#sql('INSERT OR IGNORE INTO lpbx_authorities VALUES (?, ?)').run(o.id, pem);
      }
      for (const { trunkId, address } of listedAddresses(o)) {
        this.#sql('INSERT OR IGNORE INTO lpbx_addresses VALUES (?, ?, ?)').run(o.id, trunkId, address);
      }
    }
    this.#storeAll(organizations, before, changes);
  }

  #storeAll(organizations: OrganizationOnEngine[], before: CarrierEndpoint[], changes: Changes): void {
    const carriers = this.#carriers();
    for (const o of organizations) {
      const rows = organizationRows(o, this.#settings);
      this.#bring(o.id, [...rows, ...numberRows(o, carriers)], changes);
    }
    if (JSON.stringify(before) === JSON.stringify(carriers)) return;
    this.#bring(SHARED, carrierRows(carriers, this.#settings), changes);

    // An address may have become shared, or its own again, by another organization's list: then DIDs have other keys.
    const done = new Set(organizations.map((o) => o.id));
    for (const id of this.#organizationsOf(movedTrunks(before, carriers))) {
      if (done.has(id)) continue;
      const row = this.#sql('SELECT source FROM lpbx_organizations WHERE id = ?').get(id) as { source: string };
      this.#bring(id, numberRows(JSON.parse(row.source) as NumberSource, carriers), changes, 'lpbx_numbers');
    }
  }

  #carriers(): CarrierEndpoint[] {
    const rows = this.#sql('SELECT trunk, address FROM lpbx_addresses ORDER BY organization, trunk, address').all();
    return carrierEndpoints(
      (rows as { trunk: string; address: string }[]).map(({ trunk, address }) => ({ trunkId: trunk, address })),
    );
  }

  #organizationsOf(trunkIds: Set<string>): Set<string> {
    const rows = this.#sql('SELECT DISTINCT organization, trunk FROM lpbx_addresses').all();
    return new Set(
      (rows as { organization: string; trunk: string }[])
        .filter(({ trunk }) => trunkIds.has(trunk))
        .map(({ organization }) => organization),
    );
  }

  #sql(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** Writes what differs from `rows` among the owner's rows (of one table, when given). */
  #bring(owner: string, rows: Row[], changes: Changes, only?: Table): void {
    const published = this.#sql(
      'SELECT tbl, id, hash FROM lpbx_published WHERE owner = ? AND (? IS NULL OR tbl = ?)',
    ).all(owner, only ?? null, only ?? null) as { tbl: Table; id: string; hash: string }[];
    const old = new Map(published.map((row) => [keyOf({ table: row.tbl, id: row.id }), row]));
    const seen = new Set<string>();
    const written = new Set<string>();
    for (const row of rows) {
      const key = keyOf(row);
      if (seen.has(key)) continue; // the first of two emergency trunks for one number
      seen.add(key);
      const hash = createHash('sha1').update(JSON.stringify(row.columns)).digest('base64');
      const known = old.get(key);
      old.delete(key);
      if (known?.hash === hash) continue;
      this.#put(row);
      written.add(key);
      this.#sql('INSERT OR REPLACE INTO lpbx_published (tbl, id, owner, hash) VALUES (?, ?, ?, ?)').run(
        row.table,
        row.id,
        owner,
        hash,
      );
      this.#count(row.table, row.id, 'written', changes);
    }
    for (const row of rows) {
      const { table, id } = row;
      if (table !== 'ps_registrations' || written.has(keyOf(row))) continue;
      if (written.has(keyOf({ table: 'ps_auths', id }))) changes.credentials.push(id);
    }
    for (const { tbl, id } of old.values()) {
      if (tbl === 'ps_auths' && trunkOf(id) !== null) {
        this.#sql('UPDATE lpbx_published SET owner = ? WHERE tbl = ? AND id = ?').run(LEAVING, tbl, id);
      } else {
        this.#remove(tbl, id);
      }
      this.#count(tbl, id, 'removed', changes);
    }
  }

  #remove(table: Table, id: string): void {
    this.#sql(`DELETE FROM ${table} WHERE id = ?`).run(id);
    this.#sql('DELETE FROM lpbx_published WHERE tbl = ? AND id = ?').run(table, id);
  }

  /** To be called once removed trunks have had time to de-register. */
  forgetLeaving(): void {
    this.#write(() => {
      const rows = this.#sql('SELECT tbl, id FROM lpbx_published WHERE owner = ?').all(LEAVING);
      for (const { tbl, id } of rows as { tbl: Table; id: string }[]) this.#remove(tbl, id);
    });
  }

  #put(row: Row): void {
    const names = Object.keys(row.columns);
    this.#sql(
      `INSERT OR REPLACE INTO ${row.table} (id, ${names.map((name) => `"${name}"`).join(', ')}) ` +
        `VALUES (?${', ?'.repeat(names.length)})`,
    )
      // As text: a number bound to a TEXT column is stored as `60.0`, which Asterisk refuses.
      .run(row.id, ...Object.values(row.columns).map(String));
  }

  #count(table: Table, id: string, what: 'written' | 'removed', changes: Changes): void {
    changes[what]++;
    if (isCached(table)) changes.cached.push({ cache: CACHED_TABLES[table], id });
    // The trunk's credentials and endpoint are read by the registration too, but looked up anew each time.
    if (table === 'ps_registrations') changes.registrations = true;
    if (table === 'ps_endpoint_id_ips') changes.carriers = true;
  }

  #write(work: (changes: Changes) => void): Changes {
    const changes: Changes = {
      written: 0,
      removed: 0,
      registrations: false,
      carriers: false,
      cached: [],
      credentials: [],
    };
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work(changes);
      this.#db.exec('COMMIT');
    } catch (error) {
      // A full disk ends the transaction by itself (https://www.sqlite.org/lang_transaction.html).
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw new Error('engine configuration not stored', { cause: error });
    }
    return changes;
  }
}

const keyOf = ({ table, id }: Pick<Row, 'table' | 'id'>) => `${table} ${id}`;

function isCached(table: Table): table is keyof typeof CACHED_TABLES {
  return table in CACHED_TABLES;
}

/** Stands for an organization that is no longer there. */
const NOTHING: Omit<OrganizationOnEngine, 'id'> = {
  version: 0,
  isSuspended: true,
  hasMusic: false,
  devices: [],
  trunks: [],
  fallback: { extensions: [], numbers: [], emergency: [] },
};

/** What `numberRows` needs of an organization; kept in the file for when another one's addresses change. */
type NumberSource = Parameters<typeof numberRows>[0];

function numberSource({ id, isSuspended, trunks, devices, fallback }: OrganizationOnEngine): NumberSource {
  const routed = new Set(fallback.numbers.map((number) => number.extension));
  const extensions = fallback.extensions.filter((extension) => routed.has(extension.number));
  const rung = new Set(extensions.flatMap((extension) => extension.devices));
  return {
    id,
    isSuspended,
    trunks: trunks.map(({ id, isInbound }) => ({ id, isInbound })),
    devices: devices.filter(({ username }) => rung.has(username)).map(({ username }) => ({ username })),
    fallback: { extensions, numbers: fallback.numbers },
  };
}

function listedAddresses(o: OrganizationOnEngine): ListedAddress[] {
  if (o.isSuspended) return [];
  return o.trunks
    .filter((trunk) => trunk.isInbound)
    .flatMap((trunk) => trunk.addresses.map((address) => ({ trunkId: trunk.id, address })));
}

/** Trunks that calls come to by other endpoints than before. */
function movedTrunks(before: CarrierEndpoint[], after: CarrierEndpoint[]): Set<string> {
  const pairs = (carriers: CarrierEndpoint[]) =>
    new Map(carriers.flatMap(({ endpoint, trunkIds }) => trunkIds.map((id) => [`${endpoint} ${id}`, id])));
  const [old, now] = [pairs(before), pairs(after)];
  const moved = [...old].filter(([key]) => !now.has(key)).concat([...now].filter(([key]) => !old.has(key)));
  return new Set(moved.map(([, id]) => id));
}

/** What the dialplan recorded of the calls it made by itself. */
export class StateFile {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = openState(path);
  }

  close(): void {
    this.#db.close();
  }

  fallbackCalls(): FallbackRow[] {
    const rows = this.#db.prepare('SELECT * FROM fallback_calls ORDER BY started_at, id').all();
    return rows as unknown as FallbackRow[];
  }

  /** The engine died in it: nobody else will complete the row. */
  lose(id: string, at: number): void {
    this.#db
      .prepare(`UPDATE fallback_calls SET outcome = 'ENGINE-LOST', ended_at = ? WHERE id = ? AND ended_at IS NULL`)
      .run(at, id);
  }

  forget(ids: string[]): void {
    const remove = this.#db.prepare('DELETE FROM fallback_calls WHERE id = ?');
    this.#db.exec('BEGIN IMMEDIATE');
    for (const id of ids) remove.run(id);
    this.#db.exec('COMMIT');
  }
}

export interface FallbackRow {
  id: string;
  organization: string;
  kind: FallbackCall['kind'];
  caller: string;
  callee: string;
  started_at: number;
  answered_at: number | null;
  ended_at: number | null;
  outcome: string | null;
}
