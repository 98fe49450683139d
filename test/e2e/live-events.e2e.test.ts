/** What happens, told as it happens: to the organization it happens in, and to no other. */
import { Listener } from '../kit/listener.ts';
import { Receiver } from '../kit/receiver.ts';
import { hangUp } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';

test('an office hears its calls, phones, drafts and revisions, and so does a program of its own; the next office hears nothing of them', async ({
  town,
}) => {
  const [office, other] = [await town.office(), await town.office()];
  await office.extension('101', { name: 'Ann' });
  await office.extension('102', { name: 'Bob' });
  await office.apply();
  const key = await office.adminKey();
  const [program, strangers] = [await Receiver.open(), await Receiver.open()];
  const events = ['call-began', 'call-answered', 'call-ended', 'revision-applied'] as const;
  const hook = { url: program.url, events: [...events] };
  const made = await office.api.createWebhook({ params: office.params, body: hook });
  program.secret = made.secret;
  // What it fails to take it is told again, some seconds later.
  program.failing.set('test', 500);
  await office.api.testWebhook({ params: { ...office.params, webhook: made.id } });
  const others = { ...hook, url: strangers.url };
  strangers.secret = (await other.api.createWebhook({ params: other.params, body: others })).secret;
  const inward = office.api.createWebhook({ params: office.params, body: { ...hook, url: 'https://10.0.0.1/' } });
  await expect(inward).rejects.toMatchObject({ id: 'invalid', fields: [{ field: 'url' }] });
  const [listener, stranger] = [await Listener.of(office, key), await Listener.of(other, await other.adminKey())];
  try {
    const hired = async (extension: string) => {
      const { username, password } = await office.device(extension);
      await listener.hears('changed', (e) => e.resource === 'device' && e.action === 'created' && e.id === username);
      const phone = await (await town.phone({ name: extension, username, password })).register();
      await listener.hears('device-registered', (e) => e.username === username);
      return phone;
    };
    const [ann, bob] = [await hired('101'), await hired('102')];
    const call = await ann.dial('102');
    const answered = await bob.rings();
    const { id } = await office.liveCall();
    const began = await listener.hears('call-began');
    expect(began.call).toMatchObject({ id, from: '101', to: '102', state: 'ringing' });
    await answered.answer();
    await call.answered();
    await listener.hears('call-changed', (e) => e.call.id === id && e.call.state === 'talking');

    // A gap: what happens in it is told afterwards, in order.
    const gapBegan = listener.sequence;
    listener.close();
    await hangUp(call, answered);
    await office.change('101', { name: 'Anna' });
    await office.apply('renamed');
    const again = await Listener.of(office, key, gapBegan);
    expect(again.heard[0]).toMatchObject({ type: 'hello', isResumed: true });
    expect(await again.hears('call-ended')).toMatchObject({ id, result: 'answered' });
    await again.hears('changed', (e) => e.resource === 'extension' && e.label === '101' && e.fields.includes('name'));
    expect(await again.hears('revision-applied')).toMatchObject({ revision: 2, by: { kind: 'operator' } });
    expect((await again.hears('call-recorded')).ids).toEqual([id]);
    const record = await office.record();
    expect(record).toMatchObject({ id });
    again.close();

    const { organizationId } = record;
    expect(await program.hears('call-began')).toMatchObject([{ organizationId, data: { call: { id, from: '101' } } }]);
    expect(await program.hears('call-answered')).toMatchObject([{ data: { call: { id, with: '102' } } }]);
    expect(await program.hears('call-ended')).toMatchObject([{ data: { call: record } }]);
    expect(await program.hears('revision-applied')).toMatchObject([{ data: { revision: 2, note: 'renamed' } }]);
    const [first, second] = await program.hears('test', 2);
    expect(second).toEqual(first);
    expect(strangers.told).toEqual([]);

    await other.extension('201');
    await stranger.hears('changed', (e) => e.label === '201');
    // Its own key and webhook were made just before it listened: their news may still have been on the way.
    const isOfItsSetUp = (e: (typeof stranger.heard)[number]) =>
      e.type === 'changed' && (e.resource === 'key' || e.resource === 'webhook');
    expect(stranger.heard.filter((e) => !isOfItsSetUp(e)).map((e) => e.type)).toEqual(['hello', 'changed']);
  } finally {
    listener.close();
    stranger.close();
    program.close();
    strangers.close();
  }
});
