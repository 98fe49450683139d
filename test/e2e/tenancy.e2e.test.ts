/** Two organizations with the same extension numbers, on one installation: neither finds the other in any way tried. */
import { describe } from 'vitest';
import type { Office } from '../kit/office.ts';
import { hangUp, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';
import type { Town } from '../kit/town.ts';
import { eventually, type Phone } from '../phones/index.ts';

interface Neighbours {
  ours: Office;
  theirs: Office;
  ann: Phone;
  bob: Phone;
  /** Their people, with our people's extensions. */
  dave: Phone;
  erin: Phone;
  /** 177, which we do not have. */
  frank: Phone;
}

async function neighbours(town: Town): Promise<Neighbours> {
  const ours = await town.office();
  const theirs = await town.office();
  const { ann, bob } = await ours.staff('ann', 'bob');
  const { ann: dave, bob: erin } = await theirs.staff('ann', 'bob');
  await theirs.extension('177');
  await theirs.apply();
  return { ours, theirs, ann, bob, dave, erin, frank: await theirs.phone('177', { name: 'frank' }) };
}

describe.concurrent('tenancy', () => {
  test('the same number is somebody else for everybody', async ({ town }) => {
    const { ann, bob, dave, erin } = await neighbours(town);
    const [here, there] = await Promise.all([talk(ann, '102', bob), talk(dave, '102', erin)]);
    expect([bob, erin].map((phone) => phone.calls.length)).toEqual([1, 1]);
    await Promise.all([hangUp(here.call, here.answered), hangUp(there.call, there.answered)]);
  });

  test('nothing one dials reaches a phone of the other', async ({ town }) => {
    const { ann, theirs, dave, erin, frank } = await neighbours(town);
    const username = frank.agent.options.username;
    const tried = ['177', username, `177@${theirs.slug}`, `${theirs.id}*177`, `PJSIP/${username}`, `${username}/n`];
    const uris = [`sip:177@${theirs.slug}`, `sip:${username}@127.0.0.1`, frank.contactUri];
    const { host, port } = { host: '127.0.0.1', port: town.system.installation.sipPort };
    const calls = await Promise.all([
      ...tried.map((number) => ann.dial(number)),
      ...uris.map((uri) => ann.dial(uri, { uri, to: { host, port } })),
    ]);
    for (const call of calls) expect((await call.refused({ within: 20_000 })).status).toBeGreaterThanOrEqual(400);
    expect([dave, erin, frank].flatMap((phone) => phone.calls)).toEqual([]);
    expect(await theirs.records(0)).toEqual([]);
  });

  test('no forward reaches the other', async ({ town }) => {
    const { ours, theirs, ann, frank } = await neighbours(town);
    await ours.change('102', { forwardAlways: '177' });
    await expect(ours.apply()).rejects.toMatchObject({ id: 'draft-invalid' });
    for (const to of [frank.agent.options.username, `177@${theirs.slug}`, theirs.id]) {
      await expect(ours.change('102', { forwardAlways: to })).rejects.toMatchObject({ id: 'invalid' });
    }
    await ours.api.discardDraft({ params: ours.params });
    expect((await (await ann.dial('177')).refused({ within: 20_000 })).status).toBe(404);
    expect(frank.calls).toEqual([]);
  });

  test('their number is dialled by the carrier, and comes in at theirs as from any stranger', async ({ town }) => {
    const { ours, theirs, ann, dave } = await neighbours(town);
    const carrier = await town.carrier();
    await ours.trunk(carrier);
    const our = await ours.did();
    const their = await theirs.did('101');
    await theirs.apply();
    const call = await ann.dial(their);
    const out = await carrier.rings();
    expect(out).toMatchObject({ dialled: their, assertedIdentity: { number: our } });
    expect(dave.calls).toEqual([]);
    await call.cancel();
    const { items } = await ours.api.listCalls({ params: ours.params });
    expect(JSON.stringify(items)).not.toContain(theirs.id);
  });

  test('neither can show the other’s number', async ({ town }) => {
    const { ours, theirs } = await neighbours(town);
    const their = await theirs.did('101');
    const invalid = { id: 'invalid' };
    await expect(ours.update({ defaultNumber: their })).rejects.toMatchObject(invalid);
    await expect(ours.change('101', { outboundNumber: their })).rejects.toMatchObject(invalid);
    await expect(
      ours.api.assignNumber({ params: ours.params, body: { number: their, extension: '101' } }),
    ).rejects.toMatchObject({ id: 'number-taken' });
  });

  test('a forged From with the other’s username is not let in', async ({ town }) => {
    const { ann, bob, dave, erin, frank } = await neighbours(town);
    for (const victim of [dave, frank]) {
      const forged = await ann.dial('102', { from: `<sip:${victim.agent.options.username}@127.0.0.1>` });
      expect((await forged.refused()).status).toBe(401);
    }
    expect([bob, erin].flatMap((phone) => phone.calls)).toEqual([]);
  });

  test('an admin’s key finds nothing of the other on any route', async ({ town }) => {
    const { ours, theirs, dave, erin } = await neighbours(town);
    const did = await theirs.did('101');
    const trunk = await theirs.trunk(await town.carrier());
    await theirs.apply();
    const past = await talk(dave, '102', erin);
    await hangUp(past.call, past.answered);
    const { id: pastId } = await theirs.record();
    const key = await theirs.adminKey();
    const { items: keys } = await theirs.api.listKeys({ params: theirs.params });
    const live = await talk(dave, '102', erin);
    const { id: liveId } = await theirs.liveCall('talking');
    const spy = await ours.adminKey();
    const username = dave.agent.options.username;

    // The engine tells of a new contact a moment after the phone is told.
    await eventually(
      async () => {
        const { items } = await theirs.api.listDevices({ params: theirs.params });
        return items.every(({ registration }) => registration !== null) || undefined;
      },
      { reason: () => 'not all their phones are shown as registered' },
    );
    const before = await seenBy(theirs, key);
    const breaches: string[] = [];
    for (const org of [theirs.slug, theirs.id]) {
      const at = `/organizations/${org}`;
      const tried: [method: string, path: string, body?: unknown][] = [
        ['GET', at],
        ['PATCH', at, { name: 'Taken over' }],
        ['DELETE', at],
        ['GET', `${at}/extensions`],
        ['POST', `${at}/extensions`, { number: '666', name: 'Spy' }],
        ['GET', `${at}/extensions/101`],
        ['PATCH', `${at}/extensions/101`, { name: 'Spy' }],
        ['DELETE', `${at}/extensions/101`],
        ['GET', `${at}/devices`],
        ['POST', `${at}/devices`, { extension: '101' }],
        ['GET', `${at}/numbers`],
        ['GET', `${at}/numbers/${did}`],
        ['PATCH', `${at}/numbers/${did}`, { extension: null }],
        ['GET', `${at}/trunks`],
        ['GET', `${at}/trunks/${trunk}`],
        ['GET', `${at}/draft`],
        ['DELETE', `${at}/draft`],
        ['POST', `${at}/apply`, {}],
        ['GET', `${at}/revisions`],
        ['GET', `${at}/revisions/1`],
        ['POST', `${at}/revisions/1/rollback`],
        ['GET', `${at}/calls`],
        ['GET', `${at}/calls/${pastId}`],
        ['GET', `${at}/live-calls`],
        ['DELETE', `${at}/live-calls/${liveId}`],
        ['POST', `${at}/live-calls/${liveId}/transfer`, { to: '101' }],
        ['POST', `${at}/live-calls/${liveId}/recording`, { action: 'start' }],
        ['GET', `${at}/keys`],
        ['POST', `${at}/keys`, { name: 'Spy' }],
        ['GET', `/devices/${username}`],
        ['PATCH', `/devices/${username}`, { name: 'Spy' }],
        ['POST', `/devices/${username}/reset-password`],
        ['DELETE', `/devices/${username}`],
        ['DELETE', `/keys/${keys[0]!.id}`],
        // Their ids under our name.
        ['GET', `/organizations/${ours.slug}/calls/${pastId}`],
        ['DELETE', `/organizations/${ours.slug}/live-calls/${liveId}`],
        ['GET', `/organizations/${ours.slug}/trunks/${trunk}`],
        ['GET', `/organizations/${ours.slug}/numbers/${did}`],
      ];
      for (const [method, path, body] of tried) {
        const { status } = await system.request(method, path, spy, body);
        if (status !== 404 && status !== 403) breaches.push(`${method} ${path}: ${status}`);
        // 403 is for what no admin may do, and must not tell whether the thing exists.
        const nowhere = path.replaceAll(org, 'nobody').replaceAll(username, 'nobody');
        const control = await system.request(method, nowhere, spy, body);
        if (path !== nowhere && control.status !== status) breaches.push(`${path} differs from what is not there`);
      }
    }
    expect(breaches).toEqual([]);
    expect(await seenBy(theirs, key)).toEqual(before);
    await hangUp(live.call, live.answered);
  });

  test('an admin may not do what is the operator’s', async ({ town }) => {
    const office = await town.office();
    await office.staff('ann');
    const admin = town.system.apiAs(await office.adminKey());
    const { params } = office;
    const forbidden = { id: 'forbidden', status: 403 };
    const attempts = [
      () => admin.updateOrganization({ params, body: { limits: { concurrentCalls: 9999 } } }),
      () => admin.suspendOrganization({ params, body: { calls: 'end' } }),
      () => admin.unsuspendOrganization({ params }),
      () => admin.updateOrganization({ params, body: { allowedCountries: ['US'] } }),
      () => admin.createOrganization({ body: { slug: 'mine-too', name: 'Mine', country: 'GB' } }),
      () => admin.deleteOrganization({ params, query: { confirm: office.slug } }),
      () => admin.assignNumber({ params, body: { number: '+442079460999' } }),
      () => admin.createTrunk({ params, body: { name: 'T', host: '127.0.0.1' } }),
      () => admin.getSystem(),
      () => admin.listOperatorKeys(),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(forbidden);
    expect((await admin.listOrganizations()).items.map((o) => o.slug)).toEqual([office.slug]);
  });
});

/** All that an admin sees of the own organization, without what moves by itself. */
async function seenBy(office: Office, token: string): Promise<unknown> {
  const paths = ['', '/extensions', '/devices', '/numbers', '/trunks', '/draft', '/revisions', '/calls', '/keys'];
  const parts = paths.map(async (path) => {
    const response = await system.request('GET', `/organizations/${office.slug}${path}`, token);
    return JSON.parse((await response.text()).replaceAll(/"(lastUsedAt|expiresAt)":(\d+|null)/g, '"$1":0'));
  });
  return Promise.all(parts);
}
