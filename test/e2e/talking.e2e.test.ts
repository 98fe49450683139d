/** During a call: who is shown, hold, keys, codecs, echo, lost media, phones behind NAT. */
import { describe } from 'vitest';
import { hangUp, hearEachOther, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';

describe.concurrent('talking', () => {
  test('a phone that puts somebody else into From is refused', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    for (const user of ['102', carol.agent.options.username]) {
      const call = await ann.dial('102', { from: `"The Boss" <sip:${user}@127.0.0.1>` });
      expect((await call.refused()).status).toBe(401);
    }
    expect(bob.calls).toEqual([]);
  });

  test('a phone that asserts somebody else is shown as itself', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const boss = '"The Boss" <sip:+442079460000@127.0.0.1>';
    const call = await ann.dial('102', {
      headers: { 'P-Asserted-Identity': boss, 'Remote-Party-ID': `${boss};party=calling;privacy=off` },
    });
    const rung = await bob.rings();
    expect(rung).toMatchObject({ callerName: 'Ann', callerNumber: '101', assertedIdentity: null });
    await call.cancel();
    expect(await office.record()).toMatchObject({ from: '101', fromName: 'Ann' });
  });

  test('names in any script are shown', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    await office.set('101', { name: 'Ольга Müller 李' });
    const call = await ann.dial('102');
    expect((await bob.rings()).callerName).toBe('Ольга Müller 李');
    await call.cancel();
  });

  test('on hold one hears music, and afterwards each other again', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    await answered.hold();
    // The phone itself is silent while it holds.
    await call.hearsSound({ lasting: 600 });
    await office.liveCall('held');
    await answered.resume();
    await hearEachOther(call, answered);
    await office.liveCall('talking');
    await hangUp(call, answered);
    expect(await office.steps(await office.record())).toEqual(expect.arrayContaining(['held', 'resumed']));
  });

  test.for(['rfc4733', 'info'] as const)('keys pass by %s, both ways', async (by, { town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    await call.press('159*#', by);
    await answered.receivesDigits('159*#');
    await answered.press('20', by);
    await call.receivesDigits('20');
    await hangUp(call, answered);
  });

  test('*43 sends back what one says', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    const call = await ann.dial('*43');
    await call.answered();
    call.sayTone(850);
    await call.hears(850);
    call.sayTone(1250);
    await call.hears(1250);
    await call.hangUp();
    expect(await office.record()).toMatchObject({ to: '*43', result: 'answered', reason: 'caller-hung-up' });
  });

  test('one speaks A-law, the other µ-law', async ({ town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.extension('102');
    await office.apply();
    const ann = await office.phone('101', { name: 'ann', codecs: ['PCMA'] });
    const bob = await office.phone('102', { name: 'bob', codecs: ['PCMU'] });
    const { call, answered } = await talk(ann, '102', bob);
    expect([call.media.codec, answered.media.codec]).toEqual(['PCMA', 'PCMU']);
    await hangUp(call, answered);
  });

  test('a phone that loses its power ends the call after the time for it', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    const { rtpTimeoutInS } = town.system.installation;
    const began = Date.now();
    bob.losePower();
    const ending = await call.ended({ within: (rtpTimeoutInS + 15) * 1000 });
    expect(ending.at - began).toBeGreaterThan((rtpTimeoutInS - 1) * 1000);
    await answered.drop();
    expect(await office.record()).toMatchObject({ result: 'answered', reason: 'media-lost' });
  });

  test('a phone on hold is silent and the call stays', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    await answered.hold('inactive');
    answered.stopSending();
    const patience = (town.system.installation.rtpTimeoutInS + 2) * 1000;
    await expect(call.ended({ within: patience })).rejects.toThrow(/did not end/);
    answered.startSending();
    await answered.resume();
    await hearEachOther(call, answered);
    await hangUp(call, answered);
  });

  test('a phone behind NAT is reached and heard at the address it is seen from', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('102', { name: 'Bob' });
    await office.apply();
    // In Contact, Via and SDP; nobody can reach it.
    const privately = '192.168.77.5';
    const bob = await office.phone('102', { name: 'bob', advertisedHost: privately, viaServer: true });
    const sent = bob.wire.sent.requests('REGISTER')[0]!;
    for (const header of ['Contact', 'Via']) expect(sent.headers.get(header)).toContain(privately);
    const inwards = await talk(ann, '102', bob);
    await hangUp(inwards.call, inwards.answered);
    const outwards = await talk(bob, '101', ann);
    await hangUp(outwards.answered, outwards.call);
  });

  test('a call that begins without an offer has audio too', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102', { isLateOffer: true });
    const rung = await bob.rings();
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
  });
});
