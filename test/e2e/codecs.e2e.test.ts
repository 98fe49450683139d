/** Ends that speak different codecs: a phone that is not ours (baresip) against every other kind. */
import { describe, onTestFinished } from 'vitest';
import { hangUp } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import type { Town } from '../kit/town.ts';
import { Baresip, type BaresipCodec, type BaresipOptions } from '../phones/baresip.ts';
import type { Codec } from '../phones/index.ts';

/** A baresip with a device of its own, registered; it says 620 Hz. */
async function baresip(
  town: Town,
  credentials: { username: string; password: string },
  options: Partial<BaresipOptions>,
): Promise<Baresip> {
  const { sipPort, tlsPort } = town.system.installation;
  const port = options.transport === 'tls' ? tlsPort : sipPort;
  const phone = await Baresip.start({ ...credentials, server: '127.0.0.1', port, tone: 620, ...options });
  onTestFinished(() => phone.close());
  return phone;
}

const PAIRS: readonly (readonly [BaresipCodec, Codec])[] = [
  ['G722', 'PCMU'],
  ['opus', 'PCMA'],
  ['PCMA', 'PCMU'],
  ['PCMU', 'PCMA'],
];

describe('codecs', () => {
  test.for(PAIRS)('one speaks %s, the other %s: both hear each other', async ([theirs, ours], { town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.extension('102');
    await office.apply();
    const ann = await office.phone('101', { name: 'ann', codecs: [ours] });
    const bob = await baresip(town, await office.device('102'), { name: 'bob', codecs: [theirs] });
    const call = await ann.dial('102');
    await bob.rings();
    bob.answer();
    await call.answered();
    call.sayTone(440);
    await Promise.all([call.hears(620), bob.hears(440)]);
    expect(call.media.codec).toBe(ours);
    await call.hangUp();
    await bob.ended();
  });

  test.for(['G722', 'opus'] as const)('both speak %s', async (codec, { town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.extension('102');
    await office.apply();
    const ann = await baresip(town, await office.device('101'), { name: 'ann', codecs: [codec], tone: 440 });
    const bob = await baresip(town, await office.device('102'), { name: 'bob', codecs: [codec] });
    ann.dial('102');
    await bob.rings();
    bob.answer();
    await ann.answered();
    await Promise.all([ann.hears(620), bob.hears(440)]);
    bob.hangUp();
    await ann.ended();
    expect(await office.record()).toMatchObject({ result: 'answered', reason: 'callee-hung-up' });
  });

  test('baresip by TLS with SRTP, and our phone in the clear', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('102');
    await office.apply();
    const credentials = await office.device('102', { transport: 'tls' });
    const bob = await baresip(town, credentials, { name: 'bob', transport: 'tls', codecs: ['PCMA'] });
    const call = await ann.dial('102');
    await bob.rings();
    bob.answer();
    await call.answered();
    call.sayTone(440);
    await Promise.all([call.hears(620), bob.hears(440)]);
    await call.hangUp();
    await bob.ended();
  });

  test('a carrier that knows A-law only is offered nothing else', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier({ codecs: ['PCMA'] });
    await office.trunk(carrier, { codecs: ['alaw'] });
    await office.did();
    await office.extension('101');
    await office.apply();
    const ann = await office.phone('101', { name: 'ann', codecs: ['PCMU'] });
    const call = await ann.dial('02079460777');
    const rung = await carrier.rings();
    expect(rung.invite.body).toMatch(/m=audio \d+ RTP\/AVP 8 101/);
    await rung.answer();
    await call.answered();
    call.sayTone(440);
    rung.sayTone(620);
    await Promise.all([call.hears(620), rung.hears(440)]);
    await hangUp(call, rung);
  });
});
