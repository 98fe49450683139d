import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, pathsOf, withFlags } from './installation.ts';
import { noteInstallation } from './installations.ts';
import { chooseRoots, isRunningIn, newestRoot, nextRoot, removeUnused, rootsOf } from './roots.ts';

const home = mkdtempSync(join(tmpdir(), 'lpbx-roots-'));
const before = process.env.LITTLEPBX_HOME;
let first: string;
beforeAll(() => {
  process.env.LITTLEPBX_HOME = home;
  first = newestRoot();
});
afterAll(() => {
  if (before === undefined) delete process.env.LITTLEPBX_HOME;
  else process.env.LITTLEPBX_HOME = before;
  rmSync(home, { recursive: true });
});

const make = (root: string, postgres = '18') =>
  mkdirSync(join(root, 'usr/lib/postgresql', postgres), { recursive: true });

/** An installation that is known on this machine. */
function installation(name: string, roots?: Installation['roots']): string {
  const data = join(home, name);
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'installation.json'), JSON.stringify({ ...withFlags(null, {}), roots }));
  noteInstallation(data);
  return data;
}

describe('the isolated roots of a machine', () => {
  it('are taken by who is new: the newest; one that is there stays where it was', () => {
    const fresh = withFlags(null, {});
    const paths = pathsOf(join(home, 'fresh'));
    chooseRoots(fresh, paths);
    expect(fresh.roots).toEqual({ engine: basename(first), db: basename(first) });
    expect(nextRoot()).toBe(first);
    make(first);
    expect(nextRoot()).toBe(`${first}-2`);
    for (const n of [2, 10]) make(`${first}-${n}`);
    expect(newestRoot()).toBe(`${first}-10`);
    expect(nextRoot()).toBe(`${first}-11`);
    chooseRoots(fresh, paths);
    expect(rootsOf(fresh)).toEqual({ engine: first, db: first });
    const other = withFlags(null, {});
    chooseRoots(other, paths);
    expect(rootsOf(other)).toEqual({ engine: `${first}-10`, db: `${first}-10` });
    // Of an older version, which remembered none.
    expect(rootsOf(withFlags(null, {}))).toEqual({ engine: first, db: first });
    // Restored from elsewhere.
    expect(rootsOf({ roots: { engine: '../../etc', db: 'root-sid-00000000' } })).toEqual({ engine: first, db: first });
  });

  it('are chosen so that Postgres reads the data that is there', () => {
    make(`${first}-12`, '19');
    const paths = pathsOf(join(home, 'old'));
    mkdirSync(join(paths.db, 'data'), { recursive: true });
    writeFileSync(join(paths.db, 'data/PG_VERSION'), '18\n');
    const old = withFlags(null, {});
    chooseRoots(old, paths);
    expect(old.roots).toEqual({ engine: basename(`${first}-12`), db: basename(`${first}-10`) });
  });

  it('go when no installation remembers them and no process runs in them', async () => {
    const data = installation('one', { engine: basename(`${first}-12`), db: basename(`${first}-10`) });
    expect(await removeUnused(`${first}-10`)).toBe(data);
    expect(await removeUnused(`${first}-12`)).toBe(data);
    expect(await removeUnused(`${first}-2`)).toBeNull();
    expect([2, 10, 12].map((n) => existsSync(`${first}-${n}`))).toEqual([false, true, true]);
    expect(isRunningIn(process.pid, '/')).toBe(true);
    expect(isRunningIn(process.pid, first)).toBe(false);
    // It may run from any.
    const unknown = installation('of-an-older-version');
    expect(await removeUnused(first)).toBe(unknown);
  });
});
