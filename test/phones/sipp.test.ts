import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { Phone, type PhoneOptions } from './phone.ts';
import { Sipp, type SippOptions } from './sipp.ts';

const isInstalled = spawnSync('sipp', ['-v']).error === undefined;
const open: { close(): Promise<void> }[] = [];

const phone = async (options: PhoneOptions): Promise<Phone> => {
  const made = await Phone.create(options);
  open.push(made);
  return made;
};

const sipp = async (options: SippOptions): Promise<Sipp> => {
  const made = await Sipp.start(options);
  open.push({ close: () => made.stop() });
  return made;
};

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

describe.skipIf(!isInstalled)('SIPp and the phone understand each other', () => {
  test('SIPp answers and echoes what the phone says', async () => {
    const carrier = await sipp({ scenario: 'carrier' });
    const ann = await phone({ username: 'ann', server: '127.0.0.1', port: carrier.port });
    const call = await ann.dial('+4930123');
    await call.answered();
    call.sayTone(440);
    await call.hears(440);
    await call.hangUp();
    await carrier.succeeds();
    expect(await carrier.log()).toEqual(['DID +4930123']);
  });

  test('SIPp is busy', async () => {
    const busy = await sipp({ scenario: 'busy' });
    const ann = await phone({ username: 'ann', server: '127.0.0.1', port: busy.port });
    expect((await (await ann.dial('102')).refused()).status).toBe(486);
    await busy.succeeds();
  });

  test('SIPp rings until the phone gives up', async () => {
    const patient = await sipp({ scenario: 'no-answer' });
    const ann = await phone({ username: 'ann', server: '127.0.0.1', port: patient.port });
    const call = await ann.dial('102');
    await call.ringing();
    await call.cancel();
    await patient.succeeds();
  });

  test('SIPp registers with a digest, then is answered and heard', async () => {
    const carrier = await phone({ username: 'carrier', registrar: { accounts: { bob: 'secret' } } });
    const target = { host: carrier.local.host, port: carrier.local.port };
    const account = { target, username: 'bob', password: 'secret' };
    await (await sipp({ ...account, scenario: 'register' })).succeeds();
    expect(carrier.registrar?.bindings.get('bob')?.authUsername).toBe('bob');
    const caller = await sipp({ ...account, scenario: 'trunk-call', number: '102', talkMs: 800 });
    const incoming = await carrier.rings();
    expect(incoming.dialled).toBe('102');
    await incoming.answer();
    incoming.sayTone(700);
    await incoming.hears(700);
    await incoming.ended();
    await caller.succeeds();
  });
});
