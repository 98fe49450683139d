/** Calls to the outside: what the carrier sees, what the caller is told, and what may not leave at all. */
import { describe } from 'vitest';
import type { Office, OfficeOptions } from '../kit/office.ts';
import { hangUp, hearEachOther } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import type { Town } from '../kit/town.ts';
import { eventually, type OutgoingCall, type Phone } from '../phones/index.ts';

const OUTSIDE = '+442079460777';

interface Line {
  office: Office;
  carrier: Phone;
  ann: Phone;
  did: string;
}

/** An office with one person, one number and a carrier. */
async function connected(town: Town, options: OfficeOptions = {}): Promise<Line> {
  const office = await town.office(options);
  const carrier = await town.carrier();
  await office.trunk(carrier);
  const { ann } = await office.staff('ann');
  return { office, carrier, ann, did: await office.did() };
}

/** Refused before it left: the caller hears why, nobody is called, the record says so. */
async function isRefused({ office, carrier, ann }: Line, number: string, reason: string): Promise<void> {
  const callsBefore = carrier.calls.length;
  const call = await ann.dial(number);
  await call.earlyMedia();
  await call.hearsSound();
  expect((await call.refused({ within: 30_000 })).status).toBeGreaterThanOrEqual(400);
  expect(carrier.calls).toHaveLength(callsBefore);
  await eventually(
    async () => {
      const { items } = await office.api.listCalls({ params: office.params, query: { to: number, result: 'refused' } });
      return items.find((record) => record.reason === reason && record.answeredAt === null);
    },
    { reason: () => `no refusal for ${reason} was recorded` },
  );
}

async function isAnswered(call: OutgoingCall, carrier: Phone): Promise<void> {
  const rung = await carrier.rings();
  await rung.answer();
  await call.answered();
  await hangUp(call, rung);
}

describe.concurrent('outbound', () => {
  test.for(['020 7946 0777', '02079460777', '+442079460777', '00442079460777', '020-7946-0777'])(
    '%s leaves as E.164, with a number of the organization',
    async (dialled, { town }) => {
      const { office, carrier, ann, did } = await connected(town);
      const call = await ann.dial(dialled);
      const rung = await carrier.rings();
      expect(rung).toMatchObject({ dialled: OUTSIDE, callerNumber: did, assertedIdentity: { number: did } });
      expect(rung.privacy).not.toContain('id');
      // Nothing from the inside goes out.
      expect(JSON.stringify(rung.invite.headers.entries())).not.toContain(ann.agent.options.username);
      await call.ringing();
      await rung.answer();
      await call.answered();
      await hearEachOther(call, rung);
      await hangUp(rung, call);
      expect(await office.record()).toMatchObject({
        direction: 'outbound',
        from: '101',
        fromExtension: '101',
        answeredBy: OUTSIDE,
        did: null,
        result: 'answered',
        reason: 'callee-hung-up',
        blame: 'callee',
      });
      expect((await office.record()).trunkId).not.toBeNull();
    },
  );

  test('the extension’s own number is shown, else the default one, and never a foreign one', async ({ town }) => {
    const { office, carrier, ann, did } = await connected(town);
    const other = await office.did();
    await office.update({ defaultNumber: other });
    const first = await ann.dial(OUTSIDE, { headers: { 'P-Asserted-Identity': '<sip:+442079460001@x>' } });
    expect((await carrier.rings()).assertedIdentity?.number).toBe(other);
    await first.cancel();
    await office.set('101', { outboundNumber: did });
    const second = await ann.dial(OUTSIDE);
    expect((await carrier.rings()).assertedIdentity?.number).toBe(did);
    await second.cancel();
    await expect(office.change('101', { outboundNumber: '+442079461234' })).rejects.toMatchObject({
      id: 'invalid',
      fields: [{ field: 'outboundNumber' }],
    });
  });

  test.for([
    [486, 486, 'busy', 'busy', 'callee'],
    [404, 404, 'failed', 'unallocated-number', 'caller'],
    [484, 484, 'failed', 'number-invalid', 'caller'],
    [503, 503, 'failed', 'carrier-congestion', 'carrier'],
    [500, 503, 'failed', 'carrier-unreachable', 'carrier'],
    [403, 403, 'failed', 'carrier-refused', 'carrier'],
    [480, 480, 'no-answer', 'no-answer', 'callee'],
  ] as const)('the carrier says %i: the caller is told %i', async ([says, told, result, reason, blame], { town }) => {
    const { office, carrier, ann } = await connected(town);
    carrier.onCall = (call) => call.decline(says);
    const call = await ann.dial(OUTSIDE);
    expect((await call.refused({ within: 30_000 })).status).toBe(told);
    expect(await office.record()).toMatchObject({ result, reason, blame, answeredBy: OUTSIDE, answeredAt: null });
  });

  test('a carrier that is not there is told and recorded', async ({ town }) => {
    const { office, carrier, ann } = await connected(town);
    carrier.losePower();
    const call = await ann.dial(OUTSIDE);
    expect((await call.refused({ within: 50_000 })).status).toBe(503);
    expect(await office.record()).toMatchObject({ result: 'failed', reason: 'carrier-unreachable', blame: 'carrier' });
  });

  test('early media of the carrier reaches the caller', async ({ town }) => {
    const { office, ann } = await connected(town);
    const quiet = await town.carrier({ autoRing: false });
    const { items } = await office.api.listTrunks({ params: office.params });
    const { host, port } = quiet.local;
    await office.api.updateTrunk({
      params: { ...office.params, trunk: items[0]!.id },
      body: { host, port, addresses: [host] },
    });
    const call = await ann.dial(OUTSIDE);
    const rung = await quiet.rings();
    rung.progress();
    rung.sayTone(425);
    await call.earlyMedia();
    await call.hears(425);
    expect(call.state).toBe('early');
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
  });

  test('calling one’s own DID stays inside', async ({ town }) => {
    const { office, carrier, ann } = await connected(town);
    const did = await office.did('101');
    await office.apply();
    const mobile = await office.phone('101', { name: "ann's mobile" });
    const call = await ann.dial(did);
    const rung = await mobile.rings();
    await rung.answer();
    await hangUp(rung, call);
    expect(carrier.calls).toEqual([]);
  });

  test('abroad and premium numbers do not leave; a country that is allowed does, at once', async ({ town }) => {
    const line = await connected(town);
    await isRefused(line, '+12125550123', 'country-not-allowed');
    await line.office.update({ allowedCountries: ['GB', 'US'] });
    await isAnswered(await line.ann.dial('+12125550123'), line.carrier);
    await isRefused(line, '09098790000', 'premium-number-blocked');
    await line.office.update({ allowedCountries: [] });
    await isRefused(line, '02079460777', 'country-not-allowed');
    await isRefused(line, '+8816234567890', 'country-not-allowed');
  });

  test('without a number of its own nothing leaves, and without a carrier neither', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    const { ann } = await office.staff('ann');
    const line = { office, carrier, ann, did: '' };
    await isRefused(line, '02079460777', 'no-trunk');
    await office.trunk(carrier);
    await isRefused(line, '02079460777', 'caller-id-not-owned');
  });

  test('not more calls at once than allowed', async ({ town }) => {
    const line = await connected(town, { limits: { concurrentCalls: 2, callsPerSecond: 50 } });
    const { ann, carrier } = line;
    const first = await ann.dial(OUTSIDE);
    const answered = await carrier.rings();
    await answered.answer();
    await first.answered();
    const second = await ann.dial(OUTSIDE);
    await carrier.rings();
    await isRefused(line, '02079460777', 'too-many-calls');
    await second.cancel();
    // The caller hears of the end a moment before the brain does.
    await line.office.liveCall('talking');
    await isAnswered(await ann.dial(OUTSIDE), carrier);
    await hangUp(first, answered);
  });

  test('not more calls per second than allowed', async ({ town }) => {
    const { ann, carrier, office } = await connected(town, { limits: { concurrentCalls: 50, callsPerSecond: 1 } });
    const calls = await Promise.all([ann.dial(OUTSIDE), ann.dial(OUTSIDE), ann.dial(OUTSIDE)]);
    const allowed = await carrier.rings();
    await eventually(() => (calls.filter((call) => call.ending).length === 2 ? true : undefined), {
      within: 20_000,
      reason: () => `the calls are ${calls.map((call) => call.state).join(', ')}, not one ringing and two refused`,
    });
    allowed.decline(486);
    const reasons = (await office.records(3)).map((record) => record.reason);
    expect(reasons.sort()).toEqual(['busy', 'too-many-calls-per-second', 'too-many-calls-per-second']);
    expect(carrier.calls).toHaveLength(1);
  });

  test('a forward to the outside takes one of this second’s calls too', async ({ town }) => {
    const line = await connected(town, { limits: { concurrentCalls: 50, callsPerSecond: 1 } });
    await line.office.extension('102', { forwardAlways: OUTSIDE });
    await line.office.apply();
    await isRefused(line, '102', 'too-many-calls-per-second');
  });

  test('a suspended organization makes and gets no calls, and is back at once', async ({ town }) => {
    const line = await connected(town);
    const { office, carrier, ann } = line;
    const did = await office.did('101');
    await office.apply();
    await office.suspend();
    await isRefused(line, '02079460777', 'organization-suspended');
    await isRefused(line, '101', 'organization-suspended');
    expect((await (await carrier.dial(did)).refused()).status).toBeGreaterThanOrEqual(400);
    expect(ann.calls.filter((call) => call.direction === 'in')).toEqual([]);
    await office.api.unsuspendOrganization({ params: office.params });
    await isAnswered(await ann.dial(OUTSIDE), carrier);
  });

  test('emergency calls pass over every limit, suspended too', async ({ town }) => {
    const line = await connected(town, { limits: { concurrentCalls: 0, callsPerSecond: 0 } });
    const { office, carrier, ann, did } = line;
    await office.update({ allowedCountries: [] });
    await office.suspend();
    for (const number of ['999', '112']) {
      const call = await ann.dial(number);
      const rung = await carrier.rings();
      expect(rung).toMatchObject({ dialled: number, assertedIdentity: { number: did } });
      await rung.answer();
      await call.answered();
      await hearEachOther(call, rung);
      await hangUp(call, rung);
    }
    expect((await office.records(2)).map((r) => [r.to, r.result])).toEqual([
      ['999', 'answered'],
      ['112', 'answered'],
    ]);
  });

  test('a number that is none', async ({ town }) => {
    const line = await connected(town);
    await isRefused(line, '0123456789012345678', 'number-invalid');
  });
});
