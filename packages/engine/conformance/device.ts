import { createHash, randomUUID } from 'node:crypto';
import { type DeviceOnEngine, SIP_REALM } from '../src/directory.ts';

/** A phone of Ann's as the engine is told of it; what a test cares about it says in `own`. */
export function deviceOnEngine(username: string, password: string, own: Partial<DeviceOnEngine> = {}): DeviceOnEngine {
  const hash = (algorithm: string) =>
    createHash(algorithm).update(`${username}:${SIP_REALM}:${password}`).digest('hex');
  return {
    username,
    digestMd5: hash('md5'),
    digestSha256: hash('sha256'),
    digest: 'md5',
    extension: '101',
    displayName: 'Ann',
    isSuspended: false,
    mailbox: randomUUID(),
    language: 'en',
    transport: 'any',
    ...own,
  };
}
