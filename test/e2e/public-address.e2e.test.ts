/** The server behind a router that forwards its public address, the phone behind a router of its own. */
import { afterAll, beforeAll } from 'vitest';
import { buildNetwork, INNER_ADDRESS, PHONE_PLACE, PHONE_SEEN_AS, PUBLIC_ADDRESS } from '../kit/behind-nat.ts';
import { type Installation, startInstallation, stopInstallation } from '../kit/installation.ts';
import { System } from '../kit/system.ts';
import { expect, test } from '../kit/test.ts';
import { Town } from '../kit/town.ts';
import { Baresip } from '../phones/baresip.ts';
import { eventually } from '../phones/wait.ts';

let takeDown: () => void;
let installation: Installation;

beforeAll(async () => {
  takeDown = buildNetwork();
  installation = await startInstallation({ args: ['--public-address', PUBLIC_ADDRESS] });
});

afterAll(async () => {
  if (installation) await stopInstallation(installation);
  takeDown?.();
});

test('a phone behind NAT and one in the office hear each other, whoever calls', async () => {
  const system = new System(installation);
  const town = new Town(system);
  const office = await town.office();
  const { ann } = await office.staff('ann', 'bob');
  const settings = await office.device('102');
  expect(settings.server).toBe(PUBLIC_ADDRESS);
  const bob = await Baresip.start({
    name: 'bob',
    username: settings.username,
    password: settings.password,
    server: PUBLIC_ADDRESS,
    port: installation.sipPort,
    tone: 620,
    place: PHONE_PLACE,
  });
  try {
    await eventually(
      async () => {
        const { items } = await system.api.listDevices({ params: { org: office.slug }, query: {} });
        const device = items.find(({ username }) => username === settings.username);
        return device?.registration?.address.includes(PHONE_SEEN_AS) || undefined;
      },
      { reason: () => `bob's phone is not seen at ${PHONE_SEEN_AS}` },
    );

    const call = await ann.dial('102');
    await bob.rings();
    bob.answer();
    await call.answered();
    call.sayTone(440);
    await Promise.all([call.hears(620), bob.hears(440)]);
    await call.hangUp();
    await bob.ended();

    bob.dial('101');
    const rung = await ann.rings();
    await rung.answer();
    await bob.answered();
    rung.sayTone(440);
    await Promise.all([rung.hears(620), bob.hears(440)]);
    bob.hangUp();
    await bob.ended();
    await rung.ended();
    expect(bob.child.output).not.toContain(INNER_ADDRESS);
  } finally {
    await bob.close();
  }
  await town.close();
});
