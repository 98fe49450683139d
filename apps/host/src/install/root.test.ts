import { describe, expect, it } from 'vitest';
import { isNewEnough } from './engine.ts';
import { MmdebstrapProgress } from './mmdebstrap-progress.ts';
import { isExpired, packageVersion, withOwnName } from './root.ts';
import { parsePasswd } from './users.ts';

describe('the isolated root', () => {
  it('reads versions without epoch and packaging', () => {
    const status = [
      'Package: asterisk-modules\nVersion: 1:1.0',
      'Package: asterisk\nStatus: install ok installed\nVersion: 1:22.10.1~dfsg+~cs6-1',
      'Package: postgresql-18\nVersion: 18.6-3',
    ].join('\n\n');
    expect(packageVersion(status, 'asterisk')).toBe('22.10.1');
    expect(packageVersion(status, 'postgresql-18')).toBe('18.6');
    expect(packageVersion(status, 'postgresql')).toBeNull();
  });

  it("knows apt's words for a frozen mirror", () => {
    expect(isExpired('E: Release file for http://deb/debian/InRelease is expired (invalid since 3d).')).toBe(true);
    expect(isExpired('E: Unable to locate package asterisk')).toBe(false);
  });

  it("puts the host's own name into a hosts file once", () => {
    const hosts = '127.0.0.1 localhost\n# 10.0.0.1 pbx\n';
    const named = withOwnName(hosts, 'pbx');
    expect(named).toBe('127.0.0.1 localhost\n# 10.0.0.1 pbx\n127.0.1.1 pbx\n');
    expect(withOwnName(named, 'pbx')).toBe(named);
  });

  it('reads users', () => {
    const passwd =
      'root:x:0:0:root:/root:/bin/sh\nlittlepbx-db:x:997:996::/:/bin/false\nlittlepbx:x:999:995::/:/bin/false\n';
    expect(parsePasswd(passwd, 'littlepbx')).toEqual({ uid: 999, gid: 995 });
    expect(parsePasswd(passwd, 'postgres')).toBeNull();
  });

  it.each([
    ['22.10.0', false],
    ['22.10.1', true],
    ['22.9.9', false],
    ['22.11', true],
    ['23.0.0', true],
    ['20.99.9', false],
  ])('takes Asterisk %s: %s', (version, expected) => expect(isNewEnough(version)).toBe(expected));
});

describe('progress of mmdebstrap', () => {
  it('rises with packages and never falls', () => {
    const lines = [
      'I: running apt-get update...',
      'Get:1 forky InRelease [151 kB]',
      'I: downloading packages with apt...',
      '0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.',
      'Get:1 libc6 [1 kB]',
      'Get:2 dpkg [1 kB]',
      'I: extracting archives...',
      'I: installing essential packages...',
      'Unpacking libc6:amd64 (2.43-7) ...',
      'Unpacking dpkg (1.23) ...',
      'Setting up libc6:amd64 (2.43-7) ...',
      'Setting up dpkg (1.23) ...',
      'I: installing remaining packages inside the chroot...',
      '0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.',
      'Get:1 asterisk [1 kB]',
      'Unpacking asterisk (1:22.10.1) ...',
      'Setting up asterisk (1:22.10.1) ...',
      'I: cleaning package lists and apt cache...',
    ];
    const progress = new MmdebstrapProgress();
    const seen = lines.map((line) => progress.line(line));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[11]).toBe(34);
    expect(seen.at(-1)).toBe(99);
  });
});
