/** Calls that a carrier brings: by its address or its registered line, to the DID and to nobody else. */
import { describe } from 'vitest';
import { hangUp, hearEachOther } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { eventually, type OutgoingCall, type Phone } from '../phones/index.ts';

const CALLER = '+442079460555';

const dialIn = (carrier: Phone, number: string, toNumber?: string): Promise<OutgoingCall> =>
  carrier.dial(number, {
    from: `"Customer" <sip:${CALLER}@carrier.example>`,
    ...(toNumber === undefined ? {} : { toNumber }),
  });

describe.concurrent('inbound', () => {
  test('a DID rings its extension, with the number of the caller', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    const trunk = await office.trunk(carrier);
    const did = await office.did();
    const { ann } = await office.staff('ann');
    await office.api.routeNumber({ params: { ...office.params, number: did }, body: { extension: '101' } });
    await office.apply();
    const call = await dialIn(carrier, did);
    const rung = await ann.rings();
    expect(rung).toMatchObject({ callerNumber: CALLER, callerName: 'Customer' });
    await call.ringing();
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({
      direction: 'inbound',
      from: CALLER,
      fromName: 'Customer',
      fromExtension: null,
      to: did,
      did,
      trunkId: trunk,
      answeredBy: '101',
      result: 'answered',
      reason: 'caller-hung-up',
    });
  });

  test('the DID is understood in every writing, in the request URI or in To', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const national = `0${did.slice(3)}`;
    for (const [uri, to] of [
      [did, undefined],
      [did.slice(1), undefined],
      [`00${did.slice(1)}`, undefined],
      [national, undefined],
      ['account-4711', did],
      ['account-4711', national],
    ] as const) {
      const call = await dialIn(carrier, uri, to);
      const rung = await ann.rings();
      await rung.answer();
      await call.answered();
      await hangUp(call, rung);
    }
    const records = await office.records(6);
    expect(records.map((record) => [record.did, record.result])).toEqual(Array(6).fill([did, 'answered']));
  });

  test('P-Asserted-Identity of a carrier is believed, and a withheld number stays withheld', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const asserted = await carrier.dial(did, {
      from: '<sip:something@carrier.example>',
      headers: { 'P-Asserted-Identity': `<sip:${CALLER}@carrier.example>` },
    });
    expect((await ann.rings()).callerNumber).toBe(CALLER);
    await asserted.cancel();
    const withheld = await carrier.dial(did, {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      headers: { 'P-Asserted-Identity': `<sip:${CALLER}@carrier.example>`, Privacy: 'id' },
    });
    const rung = await ann.rings();
    expect(JSON.stringify(rung.invite.headers.entries())).not.toContain(CALLER.slice(1));
    await withheld.cancel();
    const [shown, hidden] = await office.records(2);
    expect(shown).toMatchObject({ from: CALLER });
    expect(hidden).toMatchObject({ from: null, fromName: null });
  });

  test('an address range counts, its neighbour does not', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier({ localHost: '127.90.0.6' });
    await office.trunk(carrier, { addresses: ['127.90.0.4/30'] });
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const call = await dialIn(carrier, did);
    await (await ann.rings()).answer();
    await call.answered();
    const neighbour = await town.carrier({ localHost: '127.90.0.8' });
    expect((await (await dialIn(neighbour, did)).refused()).status).toBe(401);
    expect(ann.calls).toHaveLength(1);
  });

  test('an unknown DID and one that leads nowhere reach nobody, and are recorded', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const { ann } = await office.staff('ann');
    const idle = await office.did();
    for (const number of ['+442079461999', idle]) {
      expect((await (await dialIn(carrier, number)).refused()).status).toBe(404);
    }
    expect(ann.calls).toEqual([]);
    const records = await office.records(2);
    expect(records.map((r) => [r.direction, r.result, r.reason])).toEqual(
      Array(2).fill(['inbound', 'refused', 'unknown-did']),
    );
  });

  test('an INVITE from nowhere is challenged like any other, whatever it says it is', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const stranger = await town.phone({ name: 'a stranger', username: 'stranger', localHost: '127.90.1.1' });
    for (const number of [did, '101', ann.agent.options.username, '*43', '999']) {
      expect((await (await stranger.dial(number)).refused()).status).toBe(401);
    }
    expect(ann.calls).toEqual([]);
  });

  test('another organization’s carrier cannot bring calls here', async ({ town }) => {
    const office = await town.office();
    await office.trunk(await town.carrier());
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const foreign = await town.office();
    const theirs = await town.carrier();
    await foreign.trunk(theirs);
    expect((await (await dialIn(theirs, did)).refused()).status).toBe(404);
    expect((await (await dialIn(theirs, '101')).refused()).status).toBe(404);
    expect((await (await dialIn(theirs, ann.agent.options.username)).refused()).status).toBe(404);
    expect(ann.calls).toEqual([]);
    // It is their carrier that misbehaves, so it stands in their records.
    const reasons = (await foreign.records(3)).map((record) => record.reason);
    expect(reasons[0]).toBe('not-your-carrier');
    expect(await office.records(0)).toEqual([]);
  });

  test('two organizations share a carrier: each DID reaches its own', async ({ town }) => {
    const carrier = await town.carrier();
    const offices = await Promise.all([town.office(), town.office()]);
    const anns: Phone[] = [];
    const dids: string[] = [];
    for (const office of offices) {
      await office.trunk(carrier);
      anns.push((await office.staff('ann')).ann);
      dids.push(await office.did('101'));
      await office.apply();
    }
    for (const i of [0, 1]) {
      const call = await dialIn(carrier, dids[i]!);
      const rung = await anns[i]!.rings();
      await rung.answer();
      await call.answered();
      await hearEachOther(call, rung);
      await hangUp(call, rung);
      expect(await offices[i]!.record()).toMatchObject({ did: dids[i], result: 'answered' });
    }
    expect(anns.map((ann) => ann.calls.length)).toEqual([1, 1]);
    expect((await (await dialIn(carrier, '+442079461998')).refused()).status).toBe(404);
  });

  test('a line that registers: the carrier calls it where it registered', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier({ registrar: { accounts: { 'auth-7': 'line-secret' }, challengesCalls: true } });
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const trunk = await office.trunk(carrier, {
      register: true,
      addresses: [],
      username: 'line-7',
      authUsername: 'auth-7',
      password: 'line-secret',
      fromUser: 'from-7',
      fromDomain: 'sip.carrier.example',
    });
    const binding = await carrier.registrar!.registered('line-7');
    expect(binding.authUsername).toBe('auth-7');
    await eventually(
      async () => {
        const { registration } = await office.api.getTrunk({ params: { ...office.params, trunk } });
        return registration?.state === 'registered' ? true : undefined;
      },
      { reason: () => 'the API does not show the trunk as registered' },
    );
    const call = await carrier.dialRegistered('line-7', did, { from: `<sip:${CALLER}@carrier.example>` });
    const rung = await ann.rings();
    expect(rung.callerNumber).toBe(CALLER);
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({ did, trunkId: trunk, result: 'answered' });

    // Out by the same line: the challenge is answered, and From is what the carrier wants.
    await office.update({ defaultNumber: did });
    const out = await ann.dial('02079460777');
    const reached = await carrier.rings();
    expect(reached.dialled).toBe('+442079460777');
    expect(reached.from.uri).toMatch(/^sips?:from-7@sip\.carrier\.example/);
    await reached.answer();
    await out.answered();
    await hangUp(out, reached);
  });

  test('a line whose password is wrong is shown as rejected', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier({ registrar: { accounts: { line: 'right' } } });
    const trunk = await office.trunk(carrier, { register: true, username: 'line', password: 'wrong', addresses: [] });
    await eventually(
      async () => {
        const { registration } = await office.api.getTrunk({ params: { ...office.params, trunk } });
        return registration?.state === 'rejected' ? true : undefined;
      },
      { reason: () => 'the API does not show the trunk as rejected' },
    );
    expect(carrier.registrar!.bindings.size).toBe(0);
    await office.api.updateTrunk({ params: { ...office.params, trunk }, body: { password: 'right' } });
    await carrier.registrar!.registered('line', { within: 10_000 });
  });
});
