/**
 * What the host tells a brain at start: one JSON file, readable by the brain's user alone, written by
 * `apps/host` at install. Its path is in `LITTLEPBX_SETTINGS`. The brain reads nothing else from its environment.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const port = z.int().min(1).max(65535);

export const brainSettings = z.strictObject({
  web: z.strictObject({ host: z.string(), port }),
  /** What links in mails begin with, without a slash at the end. */
  publicUrl: z.string().default('http://localhost:8080'),
  /** Role `littlepbx_app`: owns nothing, no BYPASSRLS. */
  databaseUrl: z.string(),
  ari: z.strictObject({ host: z.string(), port, user: z.string(), password: z.string() }),
  ami: z.strictObject({ host: z.string(), port, user: z.string(), password: z.string() }),
  files: z.strictObject({
    /** SQLite realtime tables, read by the engine. */
    engineConfig: z.string(),
    /** SQLite, written by the engine: contacts and fallback calls. */
    engineState: z.string(),
    /** Folder of sounds: stored ones, and the engine's spool. The engine sees it by the same path. */
    sounds: z.string(),
    /** SQLite of the brain: journal and organization cache. */
    journal: z.string(),
    /** 32 random bytes that encrypt trunk passwords at rest. */
    masterKey: z.string(),
  }),
  sip: z.strictObject({
    /** What phones are told to register at. */
    host: z.string(),
    port,
    tlsPort: port,
  }),
  /** Calls in set-up, see `core/call/admission.ts`. */
  admission: z.strictObject({
    standing: z.int().min(1),
    target: z.int().min(1),
    max: z.int().min(1),
  }),
  /**
   * Who keeps banned addresses from SIP. `firewall`: the host, told by the file `bans`. `engine`: its access list.
   */
  protection: z
    .strictObject({ enforcedBy: z.enum(['firewall', 'engine']), bans: z.string() })
    // Settings written before there was any.
    .default({ enforcedBy: 'engine', bans: '' }),
  /**
   * Sounds of further languages: where the host puts them and says how it goes, where the engine looks for them (one of an
   * older version does not), and the file that tells the host which are wanted.
   */
  prompts: z
    .strictObject({ folder: z.string(), engine: z.string(), wanted: z.string() })
    // Settings written before there were any.
    .nullable()
    .default(null),
  /** CIDRs that organizations' webhooks may call beyond the public internet. */
  webhooks: z.strictObject({ networks: z.array(z.string()) }).default({ networks: [] }),
  /** No media for this long ends a call. Seconds. */
  rtpTimeoutInS: z.int().min(5).max(3600).default(60),
  /** Set: wait for our turn first, see `stand-by.ts`; the file that says that we could. */
  standby: z.string().nullable().default(null),
  /** Numbers, names and addresses in the log: as they are, as a code, or not at all. */
  logPersonalData: z.enum(['plain', 'hashed', 'removed']).default('plain'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export type BrainSettings = z.infer<typeof brainSettings>;

export function readSettings(path: string): BrainSettings {
  return brainSettings.parse(JSON.parse(readFileSync(path, 'utf8')));
}
