import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateNames, ensureCertificates, isGood } from './certificates.ts';
import { pathsOf } from './installation.ts';

describe('certificates', () => {
  const paths = pathsOf(mkdtempSync(join(tmpdir(), 'lpbx-cert-')));
  const me = { uid: process.getuid!(), gid: process.getgid!() };
  beforeAll(() => {
    for (const name of ['shared', 'tls']) mkdirSync(join(paths.engine, name), { recursive: true });
  });
  afterAll(() => rmSync(paths.data, { recursive: true }));

  it.skipIf(me.uid !== 0)('makes a CA and a server certificate once, and a new one for a new address', async () => {
    expect(await ensureCertificates(paths, me, null)).toBe(true);
    expect(await ensureCertificates(paths, me, null)).toBe(false);
    const pem = () => readFileSync(join(paths.engine, 'tls/server.pem'), 'utf8');
    const ca = readFileSync(paths.ca, 'utf8');
    const cert = new X509Certificate(pem());
    expect(cert.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(cert.checkHost('localhost')).toBe('localhost');
    expect(cert.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(isGood(pem(), ca, certificateNames('203.0.113.5'))).toBe(false);
    for (const key of [paths.caKey, join(paths.engine, 'tls/server.key')]) {
      expect(statSync(key).mode & 0o777).toBe(0o600);
    }

    expect(await ensureCertificates(paths, me, '203.0.113.5')).toBe(true);
    expect(readFileSync(paths.ca, 'utf8')).toBe(ca);
    expect(new X509Certificate(pem()).checkIP('203.0.113.5')).toBe('203.0.113.5');
  });

  it('sorts names from addresses', () => {
    expect(certificateNames('pbx.example').dns).toContain('pbx.example');
    expect(certificateNames('203.0.113.5').ip).toContain('203.0.113.5');
  });
});
