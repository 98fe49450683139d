import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import type { FinishedCall } from '@littlepbx/core/call/record';
import type { Organization } from '@littlepbx/core/tenancy/organization';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cipher } from '../cipher.ts';
import { LocalJournal } from './journal.ts';
import { type LocalFile, openLocalFile } from './local-file.ts';

const key = randomBytes(32);
let folder: string;
let path: string;
let local: LocalFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lpbx-'));
  path = join(folder, 'journal');
  local = openLocalFile(path, key);
});
afterEach(() => {
  local.close();
  rmSync(folder, { recursive: true });
});

const finished = (id: string) => ({ cdr: { id, to: '102' }, trace: [] }) as unknown as FinishedCall;

it('keeps the last state of live calls, as another process would find it', async () => {
  const state = { step: 'ringing' };
  local.journal.keep('c1', state);
  local.journal.keep('c2', { step: 'answered' });
  local.journal.keep('c1', { step: 'answered' });
  const other = openLocalFile(path, key);
  await expect
    .poll(() => other.journal.live(), { timeout: 1000, interval: 5 })
    .toEqual([
      { id: 'c1', state: { step: 'answered' } },
      { id: 'c2', state: { step: 'answered' } },
    ]);
  other.close();
});

it('forgets an ended call and queues its record, both or neither', async () => {
  let woken = 0;
  local.journal.onOutgoing = () => woken++;
  local.journal.keep('c1', { step: 'answered' });
  local.journal.finish(finished('c1'), []);
  local.journal.finish(finished('c2'), []);
  expect(woken).toBe(0);
  await turn();
  await turn();
  expect(woken).toBe(1);
  expect(local.journal.live()).toEqual([]);
  const outgoing = local.journal.outgoing(10);
  expect(outgoing.map(({ call }) => call.cdr.id)).toEqual(['c1', 'c2']);
  local.journal.sent(outgoing.slice(0, 1));
  expect(local.journal.waiting()).toBe(1);
  local.journal.refused(outgoing[1]!, 'bad');
  expect(local.journal.outgoing(10)).toEqual([]);
});

it('keeps organizations for a start without Postgres, with no password in the file and for its owner alone', () => {
  const organization = {
    id: 'o1',
    name: 'Acme',
    trunks: [
      { id: 't1', password: 'open-sesame' },
      { id: 't2', password: null },
    ],
  } as unknown as Organization;
  local.organizations.save([organization]);
  local.organizations.save([organization]);
  expect(local.organizations.load()).toMatchObject([organization]);
  for (const file of readdirSync(folder)) {
    expect(readFileSync(join(folder, file)).includes('open-sesame'), file).toBe(false);
    expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
  }
  local.organizations.remove(['o1']);
  expect(local.organizations.load()).toEqual([]);
});

it('opens a trunk password only with its key and for its trunk', () => {
  const cipher = new Cipher(key);
  const sealed = cipher.encrypt('t1', 'pässword');
  expect(cipher.decrypt('t1', sealed)).toBe('pässword');
  expect(sealed.equals(cipher.encrypt('t1', 'pässword'))).toBe(false);
  expect(() => cipher.decrypt('t2', sealed)).toThrow();
  expect(() => new Cipher(randomBytes(32)).decrypt('t1', sealed)).toThrow();
  sealed[sealed.length - 1]! ^= 1;
  expect(() => cipher.decrypt('t1', sealed)).toThrow();
  expect(() => new Cipher(Buffer.alloc(16))).toThrow(/32 bytes/);
});

it('keeps in memory what a full disk does not take, and writes it when there is room', async () => {
  const db = new DatabaseSync(path);
  const journal = new LocalJournal(db);
  const said: (string | null)[] = [];
  journal.onTrouble = (reason) => said.push(reason);
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  db.exec(`PRAGMA max_page_count = ${pages}`);
  journal.keep('c1', { text: 'x'.repeat(100_000) });
  journal.finish({ ...finished('c2'), trace: [{ at: 0, step: 'rang', leg: 'y'.repeat(100_000) }] }, []);
  await expect.poll(() => said, { timeout: 10_000 }).toEqual([expect.stringMatching(/full/)]);
  expect(journal.stuckSince).not.toBeNull();
  expect(journal.waiting()).toBe(1);
  expect(() => journal.flush()).toThrow(/full/);
  db.exec('PRAGMA max_page_count = 100000');
  await expect.poll(() => journal.stuckSince, { timeout: 10_000 }).toBeNull();
  expect(said).toEqual([expect.any(String), null]);
  expect(journal.live().map(({ id }) => id)).toEqual(['c1']);
  expect(journal.outgoing(10).map(({ call }) => call.cdr.id)).toEqual(['c2']);
  journal.close();
  db.close();
});

it('brings what was written into the file by itself, in a thread that callers do not wait for', async () => {
  local.checkpointAside();
  local.journal.keep('c1', { text: 'x'.repeat(300_000) });
  local.journal.flush();
  expect(statSync(path).size).toBeLessThan(300_000);
  await expect.poll(() => statSync(path).size, { timeout: 10_000 }).toBeGreaterThan(300_000);
});
