import { spawnSync } from 'node:child_process';
import { afterEach, describe, test } from 'vitest';
import { Baresip } from './baresip.ts';
import { Phone } from './phone.ts';

const isInstalled = spawnSync('baresip', ['-h']).error === undefined;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

describe.skipIf(!isInstalled)('baresip and the phone hear each other', () => {
  test.each([
    ['PCMU', false],
    ['PCMA', false],
    ['PCMA', true],
  ] as const)('%s, SRTP: %s', async (codec, srtp) => {
    const carrier = await Phone.create({
      username: 'carrier',
      srtp,
      codecs: [codec],
      registrar: { accounts: { bob: 'secret' } },
    });
    open.push(carrier);
    const { host, port } = carrier.local;
    const bob = await Baresip.start({
      username: 'bob',
      password: 'secret',
      server: host,
      port,
      codecs: [codec],
      srtp,
      tone: 620,
    });
    open.push(bob);
    const call = await carrier.dialRegistered('bob', 'bob');
    await bob.rings();
    bob.answer();
    await call.answered();
    call.sayTone(440);
    await Promise.all([call.hears(620), bob.hears(440)]);
    await call.hangUp();
    await bob.ended();
  });
});
