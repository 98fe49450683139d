import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pathsOf, withFlags } from '../install/installation.ts';
import { type Installed, servicesOf } from '../processes/services.ts';
import { keptUnits, removeUnits, serviceNote, writeUnits } from './systemd.ts';
import { defaultName, unitsOf } from './units.ts';

const folder = mkdtempSync(join(tmpdir(), 'lpbx-units-'));
afterAll(() => rmSync(folder, { recursive: true }));

const root = join(folder, 'root');
for (const program of ['usr/sbin/asterisk', 'usr/lib/postgresql/18/bin/postgres']) {
  mkdirSync(join(root, dirname(program)), { recursive: true });
  writeFileSync(join(root, program), '#!/bin/sh\n');
  chmodSync(join(root, program), 0o755);
}
const users = { brain: { uid: 991, gid: 981 }, engine: { uid: 992, gid: 982 }, db: { uid: 993, gid: 983 } };
const installed: Installed = {
  installation: withFlags(null, {}),
  paths: pathsOf(join(folder, 'data')),
  secrets: { dbSuperuser: '', dbOwner: '', dbApp: '', ari: 'ari-secret', ami: 'ami-secret', databaseUrl: null },
  users,
  root,
  engine: { root, path: '/usr/sbin/asterisk', version: null },
};

/** Values of a unit's setting, in their order. */
const settingsOf = (unit: string, key: string): string[] =>
  unit
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));

describe('the units of an installation', () => {
  const units = unitsOf(installed, 'littlepbx');

  it('are one per process, one that prepares, one that watches, and the whole', () => {
    expect(Object.keys(units).sort()).toEqual([
      'littlepbx-brain.service',
      'littlepbx-db.service',
      'littlepbx-engine.service',
      'littlepbx-prepare.service',
      'littlepbx-sounds.path',
      'littlepbx-sounds.service',
      'littlepbx-watch.service',
      'littlepbx.target',
    ]);
    expect(Object.values(units).join('')).not.toMatch(/-secret/);
  });

  it.each(servicesOf(installed).map((service) => [service.name, service] as const))(
    'run %s as the supervisor would: program, user, folders, environment, stop signal',
    (name, { launch, stopSignals }) => {
      const unit = units[`littlepbx-${name}.service`]!;
      const one = (key: string) => settingsOf(unit, key)[0];
      expect(one('ExecStart')).toBe(launch.command.join(' '));
      expect(one('RootDirectory') ?? '/').toBe(launch.root);
      expect(one('User')).toBe({ brain: 'littlepbx', engine: 'littlepbx-engine', db: 'littlepbx-db' }[name]);
      const binds = (isReadOnly: boolean) =>
        launch.binds.filter((b) => (b.isReadOnly ?? false) === isReadOnly).map(({ from, to }) => `${from}:${to}`);
      expect(settingsOf(unit, 'BindPaths')).toEqual(binds(false));
      expect(settingsOf(unit, 'BindReadOnlyPaths')).toEqual(binds(true));
      for (const [key, value] of Object.entries(launch.env)) {
        expect(settingsOf(unit, 'Environment')).toContain(`${key}=${value}`);
      }
      expect(one('KillSignal')).toBe(stopSignals[0]!.signal);
      expect(one('Restart')).toBe('always');
      for (const key of ['NoNewPrivileges', 'PrivateTmp']) expect(one(key)).toBe('yes');
      // The brain locks the decoding of uploads in by them.
      expect(one('RestrictNamespaces')).toBe(name === 'brain' ? 'user mnt net' : 'yes');
      expect(one('CapabilityBoundingSet')).toBe('');
      // The end of one ends no other: nothing requires, binds to or is part of another process.
      expect(unit).not.toMatch(/^(Requires|BindsTo|Requisite|Upholds)=/m);
      expect(settingsOf(unit, 'PartOf')).toEqual(['littlepbx.target']);
    },
  );

  it('need a folder that means nothing to systemd', () => {
    const elsewhere = { ...installed, paths: pathsOf('/srv/my %data') };
    expect(() => unitsOf(elsewhere, 'littlepbx')).toThrow(/plain letters/);
    expect(defaultName('/srv/second one', false)).toBe('littlepbx-second-one');
    expect(defaultName('/var/lib/littlepbx/data', true)).toBe('littlepbx');
  });

  it('are written over those of another version, never over those of another installation, and removed', () => {
    const there = join(folder, 'etc');
    for (const path of [there, installed.paths.data]) mkdirSync(path, { recursive: true });
    writeUnits(installed, 'pbx', there);
    writeUnits(installed, 'pbx', there);
    expect(keptUnits('pbx', there).size).toBe(8);
    expect(serviceNote(installed.paths)?.name).toBe('pbx');
    const other = { ...installed, paths: pathsOf(join(folder, 'other')) };
    expect(() => writeUnits(other, 'pbx', there)).toThrow(/another installation/);
    removeUnits(installed.paths, 'pbx', there);
    expect(keptUnits('pbx', there).size).toBe(0);
    expect(serviceNote(installed.paths)).toBeNull();
  });

  // Both only read: they start nothing, and need no running systemd.
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  describe.skipIf(analyze('--version').status !== 0)('before systemd itself', () => {
    const there = join(folder, 'verified');
    mkdirSync(there);
    for (const [name, content] of Object.entries(units)) {
      // What is checked is whether programs are there; inside of the root they are looked for outside of it.
      const here = content.replace(/^ExecStart=\/usr\/(sbin|lib)/m, `ExecStart=${root}/usr/$1`);
      writeFileSync(
        join(there, name),
        here.replace(/^ExecStart=\/run\/littlepbx\/node/m, `ExecStart=${process.execPath}`),
      );
    }

    it('have no setting that it does not know', { timeout: 30_000 }, () => {
      const { status, stderr } = analyze('verify', '--man=no', ...Object.keys(units).map((name) => join(there, name)));
      const ours = stderr.split('\n').filter((line) => line.includes('littlepbx'));
      expect({ status, ours }).toEqual({ status: 0, ours: [] });
    });

    it.each([
      // Namespaces and `mount`, for what it decodes.
      ['brain', 25],
      ['engine', 20],
      ['db', 20],
      ['watch', 35],
    ])('%s is exposed to no more than %d of 100', { timeout: 30_000 }, (name, most) => {
      const file = join(there, `littlepbx-${name}.service`);
      const { status, stdout, stderr } = analyze(
        'security',
        '--offline=yes',
        `--threshold=${most}`,
        '--no-pager',
        file,
      );
      expect(status, `${stdout.split('\n').slice(-4).join('\n')}${stderr}`).toBe(0);
    });
  });
});
