/**
 * What a backup is: a tar, compressed by zstd, and with a passphrase encrypted by age (scrypt; `age -d FILE | zstd -d |
 * tar t` reads it without us). Entries, in this order:
 *
 *     manifest.json        what it is of, and by which version
 *     database/000001 …    pg_dump's custom format, in pieces: its length is not known beforehand
 *     data/…               files and folders of DATA, owners by name
 *     end.json             how many entries there were, and the digest of all
 *
 * The digest is a chain over all entries, so memory does not grow with their number; a file that ends early has no `end.json`.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../failure.ts';

export const FORMAT = 1;
export const MANIFEST = 'manifest.json';
export const END = 'end.json';
export const DATABASE = 'database/';
export const DATA = 'data/';

/** Size of a piece of the dump, and most of what is in memory. Bytes. */
export const PIECE = 4 * 1024 * 1024;

const port = z.int().min(1).max(65_535);

const PUBLIC_URL = /^https?:\/\/[A-Za-z0-9.:[\]-]+$/;

/** The settings that a restore starts from; strings end up in configuration files, so nothing else passes. */
const installation = z.object({
  version: z.literal(1),
  web: z
    .object({ host: z.string().regex(/^[A-Za-z0-9.:-]+$/), port, publicUrl: z.string().regex(PUBLIC_URL).optional() })
    .transform(({ publicUrl, ...web }) => (publicUrl === undefined ? web : { ...web, publicUrl })),
  sip: z.object({
    bind: z.string().regex(/^[A-Za-z0-9.:-]+$/),
    port,
    tlsPort: port,
    carrierTlsPort: port.default(5062),
    publicAddress: z
      .string()
      .regex(/^[A-Za-z0-9.:-]+$/)
      .nullable(),
  }),
  rtp: z.object({ from: port, to: port, timeoutInS: z.int().min(1).max(3600) }),
  db: z.object({ port, isExternal: z.boolean() }),
  ari: z.object({ port }),
  ami: z.object({ port }),
  log: z.object({ personalData: z.enum(['plain', 'hashed', 'removed']) }).default({ personalData: 'plain' }),
  // Backups made before there was one have none; `up` tries anyway whether it can be had.
  firewall: z.object({ isWanted: z.boolean(), isActive: z.boolean() }).default({ isWanted: true, isActive: false }),
  webhooks: z.object({ networks: z.array(z.string().regex(/^[0-9A-Fa-f.:]+\/[0-9]{1,3}$/)) }).default({ networks: [] }),
  asterisk: z.string(),
  versions: z.record(z.string(), z.string()),
});

export const manifestSchema = z.object({
  product: z.literal('littlepbx'),
  format: z.int().min(1),
  /** Of LittlePBX. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Name of the machine it was made on. */
  host: z.string(),
  /** Applied to the database that is in it. */
  migrations: z.array(z.string()),
  installation: installation.loose(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const endSchema = z.object({
  entries: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type End = z.infer<typeof endSchema>;

/** Parses one of the two JSON entries. */
export function parseEntry<T>(name: string, schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const why = issue ? `: ${issue.path.join('.')} ${issue.message}` : '';
    throw new Failure(`This is no LittlePBX backup, or it is damaged: its ${name} is not what it should be${why}.`);
  }
}

/** Refuses what this version cannot know. */
export function checkVersion(manifest: Manifest, knownMigrations: readonly string[]): void {
  const unknown = manifest.migrations.find((name) => !knownMigrations.includes(name));
  if (manifest.format > FORMAT || unknown !== undefined) {
    throw new Failure(
      `The backup is of a newer LittlePBX (${manifest.version}${unknown ? `, database ${unknown}` : ''}). ` +
        'Restore it with that version or a later one.',
    );
  }
}

/** The chain over all entries but `end.json`: name, size and content of each. */
export class Tally {
  readonly #chain: Hash = createHash('sha256');
  #entry: Hash | null = null;
  entries = 0;
  bytes = 0;

  begin(name: string, size: number): void {
    this.#close();
    this.entries += 1;
    this.#entry = createHash('sha256').update(`${name}\0${size}\0`);
  }

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.#entry?.update(chunk);
  }

  end(): End {
    this.#close();
    return { entries: this.entries, bytes: this.bytes, sha256: this.#chain.copy().digest('hex') };
  }

  #close(): void {
    if (this.#entry) this.#chain.update(this.#entry.digest());
    this.#entry = null;
  }
}

/** Path below DATA of a `data/` entry; refuses whatever could leave the folder it is put into. */
export function pathOfEntry(name: string): string {
  const path = name.slice(DATA.length).replace(/\/$/, '');
  const parts = path.split('/');
  const isBad = parts.some((part) => part === '' || part === '.' || part === '..' || part.length > 255);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (!name.startsWith(DATA) || isBad || /[\x00-\x1f\x7f\\]/.test(path) || path.length > 2000) {
    throw new Failure(`The backup holds a file with a name that is not allowed: ${JSON.stringify(name)}`);
  }
  return path;
}
