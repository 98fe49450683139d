/** What people hear: prompts, recordings, keys, hold, music, mute, echo, spying. */
import assert from 'node:assert/strict';
import type { Media, RecordOptions } from '../../src/port.ts';
import { callsIn, clears, hearEachOther, rings, talk } from '../acts.ts';
import type { Scenario, World } from '../world.ts';

const RINGBACK: Media[] = [{ kind: 'tone', name: 'ring' }];
const PROMPT: Media[] = [{ kind: 'prompt', name: 'vm-goodbye' }];

const recordOptions = (world: World, options: Partial<RecordOptions> = {}): RecordOptions => ({
  id: world.newRecord(),
  maxDuration: 0,
  maxSilence: 0,
  beep: false,
  endOn: 'none',
  ...options,
});

async function answered(world: World, number = '*43') {
  const ann = await callsIn(world, 'ann', number);
  await world.brain.engine.answer(ann.leg);
  await world.until('her phone to be answered', () => ann.call.isAnswered);
  return ann;
}

const playing: Scenario[] = [
  {
    name: 'a caller hears a prompt to its end',
    async run(world) {
      const ann = await answered(world);
      const id = world.newPlay();
      assert.equal(await world.brain.engine.play(ann.leg, PROMPT, id), 'ok');
      await world.until('her to hear it', () => ann.call.hearsSound());
      await world.until('it to end', () => world.brain.mediaEnd(id) !== undefined);
      assert.equal(world.brain.mediaEnd(id)?.result, 'done');
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a caller hears a sound of her organization to its end, and one that is not there fails',
    async run(world) {
      const ann = await answered(world);
      const [id, missing] = [world.newPlay(), world.newPlay()];
      const sound = world.storedSound(1200);
      assert.equal(await world.brain.engine.play(ann.leg, [sound], id), 'ok');
      await world.until('her to hear it', () => ann.call.hearsSound());
      await world.until('it to end', () => world.brain.mediaEnd(id) !== undefined);
      assert.equal(world.brain.mediaEnd(id)?.result, 'done');
      await world.brain.engine.play(ann.leg, [{ ...sound, id: sound.organizationId }], missing);
      await world.until('the other to fail', () => world.brain.mediaEnd(missing)?.result === 'failed');
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a caller hears an endless tone until it is stopped',
    async run(world) {
      const ann = await answered(world);
      const id = world.newPlay();
      await world.brain.engine.play(ann.leg, RINGBACK, id);
      await world.until('her to hear it', () => ann.call.hearsSound());
      assert.equal(await world.brain.engine.stopMedia(id), 'ok');
      await world.until('it to end', () => world.brain.mediaEnd(id) !== undefined);
      assert.equal(world.brain.mediaEnd(id)?.result, 'stopped');
      await world.until('silence', () => !ann.call.hearsSound());
      assert.equal(await world.brain.engine.stopMedia(id), 'gone');
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a caller hears an announcement before the call is answered',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      await world.brain.engine.play(ann.leg, RINGBACK, world.newPlay());
      await world.until('her to hear it', () => ann.call.hearsSound());
      assert.equal(ann.call.isAnswered, false);
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a caller taken out of a bridge hears the next prompt, each time',
    async run(world) {
      const { engine } = world.brain;
      const ann = await answered(world);
      const tone: Media[] = [{ kind: 'tone', name: 'beep' }];
      for (let round = 0; round < 20; round += 1) {
        const bridge = world.newBridge();
        await Promise.all([engine.bridge(bridge, 'talk'), engine.join(bridge, ann.leg)]);
        const id = world.newPlay();
        const verbs = [engine.leave(bridge, ann.leg), engine.unbridge(bridge), engine.play(ann.leg, tone, id)];
        assert.deepEqual(await Promise.all(verbs), ['ok', 'ok', 'ok']);
        await world.until(`prompt ${round} to end`, () => world.brain.mediaEnd(id)?.result === 'done');
      }
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'two who talk both hear a tone that is played to their bridge',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      await world.brain.engine.mute(ann.leg, true);
      await world.brain.engine.mute(bob.leg, true);
      await world.until('silence', () => !ann.call.hearsSound() && !bob.call.hearsSound());
      const id = world.newPlay();
      assert.equal(await world.brain.engine.play(bridge, RINGBACK, id), 'ok');
      await world.until('both to hear it', () => ann.call.hearsSound() && bob.call.hearsSound());
      await world.brain.engine.stopMedia(id);
      await world.until('it to end', () => world.brain.mediaEnd(id) !== undefined);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'a prompt that does not exist fails, and the caller stays',
    async run(world) {
      const ann = await answered(world);
      const id = world.newPlay();
      await world.brain.engine.play(ann.leg, [{ kind: 'prompt', name: 'no-such-prompt' }], id);
      await world.until('it to end', () => world.brain.mediaEnd(id) !== undefined);
      assert.equal(world.brain.mediaEnd(id)?.result, 'failed');
      assert.equal(world.brain.hasEnded(ann.leg), false);
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a caller hangs up during a prompt, and the prompt ends too',
    async run(world) {
      const ann = await answered(world);
      const id = world.newPlay();
      await world.brain.engine.play(ann.leg, RINGBACK, id);
      await world.until('her to hear it', () => ann.call.hearsSound());
      ann.call.hangUp();
      await world.until('both to end', () => world.brain.hasEnded(ann.leg) && world.brain.mediaEnd(id) !== undefined);
    },
  },
  {
    name: 'a caller on the echo test hears herself',
    async run(world) {
      const ann = await answered(world);
      assert.equal(await world.brain.engine.echo(ann.leg), 'ok');
      await world.until('her to hear herself', () => ann.call.hears(ann.call));
      ann.call.hangUp();
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
    },
  },
];

const recording: Scenario[] = [
  {
    name: 'a caller leaves a message, and it has sound in it',
    async run(world) {
      const ann = await answered(world);
      const options = recordOptions(world);
      assert.equal(await world.brain.engine.record(ann.leg, options), 'ok');
      await world.pass(1200);
      assert.equal(await world.brain.engine.stopMedia(options.id), 'ok');
      await world.until('it to end', () => world.brain.mediaEnd(options.id) !== undefined);
      const { duration, hasSound } = await world.recording(options.id);
      assert.equal(hasSound, true);
      assert.ok(duration > 700 && duration < 2500, `lasted ${duration} ms`);
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a message ends at its longest length',
    async run(world) {
      const ann = await answered(world);
      const options = recordOptions(world, { maxDuration: 1000 });
      await world.brain.engine.record(ann.leg, options);
      await world.until('it to end', () => world.brain.mediaEnd(options.id) !== undefined);
      assert.equal(world.brain.mediaEnd(options.id)?.result, 'done');
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a key ends a message',
    async run(world) {
      const ann = await answered(world);
      const options = recordOptions(world, { endOn: '#' });
      await world.brain.engine.record(ann.leg, options);
      await world.pass(500);
      ann.call.presses('#');
      await world.until('it to end', () => world.brain.mediaEnd(options.id) !== undefined);
      assert.equal(world.brain.mediaEnd(options.id)?.result, 'done');
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a caller hangs up while leaving a message, and the message is kept',
    async run(world) {
      const ann = await answered(world);
      const options = recordOptions(world);
      await world.brain.engine.record(ann.leg, options);
      await world.pass(1000);
      ann.call.hangUp();
      await world.until('it to end', () => world.brain.mediaEnd(options.id) !== undefined);
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
      assert.equal((await world.recording(options.id)).hasSound, true);
    },
  },
  {
    name: 'two who talk are recorded, and go on talking afterwards',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      const options = recordOptions(world);
      assert.equal(await world.brain.engine.record(bridge, options), 'ok');
      await world.pass(1200);
      await world.brain.engine.stopMedia(options.id);
      await world.until('it to end', () => world.brain.mediaEnd(options.id) !== undefined);
      assert.equal((await world.recording(options.id)).hasSound, true);
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'one of two who talk cannot be recorded alone, and is told so',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      const options = recordOptions(world);
      assert.equal(await world.brain.engine.record(ann.leg, options), 'ok');
      await world.until('it to end', () => world.brain.mediaEnd(options.id) !== undefined);
      assert.equal(world.brain.mediaEnd(options.id)?.result, 'failed');
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
];

function keys(by: 'rtp' | 'info'): Scenario[] {
  const how = by === 'rtp' ? 'RFC 4733' : 'INFO';
  return [
    {
      name: `the brain is told of keys that a caller presses, by ${how}`,
      async run(world) {
        const ann = await answered(world);
        ann.call.presses('12#', by);
        await world.until('the keys', () => world.brain.digitsOf(ann.leg) === '12#');
        await clears(world, [ann.leg]);
      },
    },
    {
      name: `keys pressed in a talk reach the other, and the brain when it asked for them, by ${how}`,
      async run(world) {
        const { ann, bob, bridge } = await talk(world, 'talk-dtmf');
        ann.call.presses('4*', by);
        await world.until('the keys', () => world.brain.digitsOf(ann.leg) === '4*' && bob.call.digits === '4*');
        bob.call.presses('7', by);
        await world.until('the other key', () => world.brain.digitsOf(bob.leg) === '7' && ann.call.digits === '7');
        await clears(world, [ann.leg, bob.leg], [bridge]);
      },
    },
  ];
}

const dtmf: Scenario[] = [
  ...keys('rtp'),
  ...keys('info'),
  {
    name: 'keys pressed in a plain talk reach the other',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      ann.call.presses('59');
      await world.until('the keys', () => bob.call.digits === '59');
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'keys that the brain sends reach the phone, in a talk and out of it',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      assert.equal(await world.brain.engine.sendDtmf(bob.leg, '12'), 'ok');
      await world.until('the keys', () => bob.call.digits === '12');
      await world.brain.engine.leave(bridge, bob.leg);
      await world.brain.engine.sendDtmf(bob.leg, '3');
      await world.until('the key', () => bob.call.digits === '123');
      assert.equal(ann.call.digits, '');
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
];

const holding: Scenario[] = [
  {
    name: 'a phone holds and resumes; the other hears music meanwhile, without a command',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      const held = (leg: string) => world.brain.of('leg:hold').filter((event) => event.leg === leg);
      bob.call.hold();
      await world.until('the hold to be reported', () => held(bob.leg).length === 1);
      assert.equal(held(bob.leg)[0]?.isHeld, true);
      await world.until('her to hear music instead of him', () => ann.call.hearsSound() && !ann.call.hears(bob.call));
      bob.call.resume();
      await world.until('the end of it to be reported', () => held(bob.leg).length === 2);
      assert.equal(held(bob.leg)[1]?.isHeld, false);
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'a waiting caller hears music until it is ended',
    async run(world) {
      const ann = await answered(world);
      assert.equal(await world.brain.engine.music(ann.leg, true), 'ok');
      await world.until('her to hear music', () => ann.call.hearsSound());
      assert.equal(await world.brain.engine.music(ann.leg, false), 'ok');
      await world.until('silence', () => !ann.call.hearsSound());
      await clears(world, [ann.leg]);
    },
  },
  {
    name: 'a muted party is not heard but hears, until unmuted',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      assert.equal(await world.brain.engine.mute(ann.leg, true), 'ok');
      await world.until('him not to hear her', () => !bob.call.hears(ann.call));
      await world.until('her to hear him', () => ann.call.hears(bob.call));
      assert.equal(await world.brain.engine.mute(ann.leg, false), 'ok');
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
];

/** Carol, whose own leg is answered, listens to Bob's leg through a spy. */
async function spiesOn(world: World, mode: 'listen' | 'whisper' | 'barge') {
  const { ann, bob, bridge } = await talk(world);
  const carol = await rings(world, 'carol');
  carol.call.answer();
  await world.until('her answer to be reported', () => world.brain.hasBeen(carol.leg, 'answered'));
  const { engine } = world.brain;
  const spy = world.newLeg();
  const room = world.newBridge();
  assert.equal(await engine.snoop(bob.leg, spy, mode), 'ok');
  world.brain.asked.add(spy);
  await engine.bridge(room, 'talk');
  assert.equal(await engine.join(room, spy, carol.leg), 'ok');
  const end = () => clears(world, [ann.leg, bob.leg, carol.leg, spy], [bridge, room]);
  return { ann, bob, carol, spy, end };
}

const spying: Scenario[] = [
  {
    name: 'a supervisor listens to both, and nobody hears her',
    async run(world) {
      const { ann, bob, carol, end } = await spiesOn(world, 'listen');
      await world.until('her to hear both', () => carol.call.hears(ann.call) && carol.call.hears(bob.call));
      await world.pass(300);
      assert.equal(ann.call.hears(carol.call) || bob.call.hears(carol.call), false);
      await end();
    },
  },
  {
    name: 'a supervisor whispers to the agent alone',
    async run(world) {
      const { ann, bob, carol, end } = await spiesOn(world, 'whisper');
      await world.until('the agent to hear her', () => bob.call.hears(carol.call));
      await world.pass(300);
      assert.equal(ann.call.hears(carol.call), false);
      await end();
    },
  },
  {
    name: 'a supervisor barges in, and both hear her',
    async run(world) {
      const { ann, bob, carol, end } = await spiesOn(world, 'barge');
      await world.until('both to hear her', () => bob.call.hears(carol.call) && ann.call.hears(carol.call));
      await world.until('her to hear both', () => carol.call.hears(ann.call) && carol.call.hears(bob.call));
      await end();
    },
  },
  {
    name: 'the spy ends with the leg it spies on',
    async run(world) {
      const { ann, bob, carol, spy, end } = await spiesOn(world, 'listen');
      await world.until('her to hear him', () => carol.call.hears(bob.call));
      bob.call.hangUp();
      await world.until('the spy to end', () => world.brain.hasEnded(spy));
      assert.equal(world.brain.hasEnded(ann.leg), false);
      await end();
    },
  },
];

export const media: Scenario[] = [...playing, ...recording, ...dtmf, ...holding, ...spying];
