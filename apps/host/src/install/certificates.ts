import 'reflect-metadata'; // before @peculiar/x509, which does not load without it
import { webcrypto, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AUTHORITIES, AUTHORITY } from '@littlepbx/engine/asterisk';
import * as x509 from '@peculiar/x509';
import { localAddresses } from '../addresses.ts';
import { type Owner, readIfThere, writeWhole } from '../files.ts';
import type { Paths } from './installation.ts';

const DAY = 86_400_000;
const CA_LIFE_IN_DAYS = 3652;
/** Phones with a private CA have no limit as browsers do; a renewal needs an engine restart, so not too often. */
const SERVER_LIFE_IN_DAYS = 825;
const RENEW_BEFORE_IN_DAYS = 60;
/** RSA, because desk phones of ten years ago know nothing else. */
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** Names and addresses that phones may know this machine by. */
export function certificateNames(publicAddress: string | null): { dns: string[]; ip: string[] } {
  const addresses = ['127.0.0.1', ...localAddresses().map((a) => a.address)];
  if (publicAddress) addresses.push(publicAddress);
  const isIp = (name: string) => /^[0-9.]+$/.test(name) || name.includes(':');
  return {
    dns: [...new Set(['localhost', hostname(), ...addresses.filter((a) => !isIp(a))])],
    ip: [...new Set(addresses.filter(isIp))],
  };
}

/**
 * The local certificate authority (`DATA/ca.pem`, for phones to import) and the SIP server's certificate in the engine's
 * folder; made when missing, renewed 60 days before the end or when the machine's addresses have changed.
 * @returns whether the server's certificate is new: a running engine keeps the old one until it is restarted
 */
export async function ensureCertificates(paths: Paths, engine: Owner, publicAddress: string | null): Promise<boolean> {
  x509.cryptoProvider.set(webcrypto as never);
  const ca = await ensureAuthority(paths);
  const folder = join(paths.engine, 'tls');
  const certFile = join(folder, 'server.pem');
  const keyFile = join(folder, 'server.key');
  const names = certificateNames(publicAddress);
  writeWhole(join(folder, 'ca.pem'), ca.pem, 0o644, engine);
  // The brain makes the list of authorities longer; an engine that starts before it needs one too.
  const shared = join(paths.engine, 'shared');
  writeWhole(join(shared, AUTHORITY), ca.pem, 0o644, engine);
  if (!existsSync(join(shared, AUTHORITIES))) writeWhole(join(shared, AUTHORITIES), ca.pem, 0o644, engine);
  if (readIfThere(keyFile) !== null && isGood(readIfThere(certFile), ca.pem, names)) return false;

  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${hostname()}`,
    issuer: ca.certificate.subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Math.min(Date.now() + SERVER_LIFE_IN_DAYS * DAY, ca.certificate.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey as never,
    signingKey: ca.key as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate.publicKey),
    ],
  });
  writeWhole(keyFile, await privatePem(keys.privateKey), 0o600, engine);
  writeWhole(certFile, `${cert.toString('pem')}\n`, 0o644, engine);
  return true;
}

async function ensureAuthority(
  paths: Paths,
): Promise<{ pem: string; certificate: x509.X509Certificate; key: CryptoKey }> {
  const pem = readIfThere(paths.ca);
  const keyPem = readIfThere(paths.caKey);
  if (pem !== null && keyPem !== null) {
    const der = x509.PemConverter.decodeFirst(keyPem);
    const key = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
    return { pem, certificate: new x509.X509Certificate(pem), key };
  }
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=LittlePBX ${hostname()}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + CA_LIFE_IN_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  const made = `${certificate.toString('pem')}\n`;
  writeWhole(paths.caKey, await privatePem(keys.privateKey), 0o600);
  writeWhole(paths.ca, made, 0o644);
  return { pem: made, certificate, key: keys.privateKey };
}

/** Whether a certificate is of this CA, lasts, and has these names. */
export function isGood(pem: string | null, caPem: string, names: { dns: string[]; ip: string[] }): boolean {
  if (pem === null) return false;
  const cert = new X509Certificate(pem);
  return (
    cert.checkIssued(new X509Certificate(caPem)) &&
    new Date(cert.validTo).getTime() - Date.now() > RENEW_BEFORE_IN_DAYS * DAY &&
    names.dns.every((name) => cert.checkHost(name)) &&
    names.ip.every((address) => cert.checkIP(address))
  );
}

async function privatePem(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** 16 random bytes in hex; positive, as RFC 5280 wants it. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;
