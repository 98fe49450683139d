import { describe, expect, test } from 'vitest';
import { Office } from '../call/testing/office.ts';
import { StoreUnavailable } from '../tenancy/stores.ts';
import { lockTime, pinComplaint } from './box.ts';

const PIN = '271828';
/** Greeting, tone and a little. */
const GREETED = 4_500;

async function open(change = {}): Promise<Office> {
  const office = await Office.open();
  office.apply(office.demo, '102', { forwardNoAnswer: 'voicemail', forwardBusy: 'voicemail', ...change });
  return office;
}

/** Ann is with bob's box and speaks after the tone. */
async function speaks(office: Office, forMs: number) {
  office.phone('bob1').behaviour = { refuses: { after: 50, status: 486 } };
  const line = office.phone('ann1').dial('102');
  await office.sim.clock.until('the box answers', () => line.state === 'answered');
  await office.sim.clock.until('it records', () => office.files.expected.size === 1);
  await office.sim.clock.advance(forMs);
  return line;
}

/** Bob's box holds messages of these callers. */
async function holds(office: Office, ...names: string[]): Promise<void> {
  office.boxes.pins.set('demo-102', PIN);
  for (const name of names) {
    const id = `${name}-message`;
    const details = { extensionId: 'demo-102', from: name === 'ann' ? '101' : null, fromName: null };
    office.sim.files.set(`demo/${id}`, 3000);
    office.files.taken.push({
      ...{ id, organizationId: 'demo', kind: 'voicemail', name: null, callId: null, details, bytes: 48_044 },
      ...{ duration: 3000, createdAt: office.sim.clock.now() },
    });
  }
}

const steps = (office: Office) => office.record.trace.map(({ step }) => step);

describe('leaving a message', () => {
  test('bob is busy: ann hears the greeting, speaks, hangs up, and the message is there', async () => {
    const office = await open();
    const line = await speaks(office, 5000);
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')).toMatchObject([{ from: '101', fromName: 'Person 101', isSaved: false }]);
    expect(office.boxes.of('demo-102')[0]!.duration).toBeGreaterThan(4500);
    expect(office.record.cdr).toMatchObject({
      ...{ result: 'voicemail', reason: 'message-left', answeredBy: '102', to: '102' },
    });
    expect(steps(office)).toContain('message-left');
  });

  test('nobody answers', async () => {
    const office = await open({ ringTimeInS: 5 });
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('the box answers', () => line.state === 'answered', 8000);
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'voicemail', reason: 'no-message-left' });
    expect(office.files.expected.size).toBe(0);
  });

  test('always: no phone rings', async () => {
    const office = await open({ forwardAlways: 'voicemail' });
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    expect(office.phone('bob1').lines).toEqual([]);
    line.hangUp();
    await office.closes();
  });

  test('the pound key ends it, and the caller hears that it is saved', async () => {
    const office = await open();
    const line = await speaks(office, 4000);
    line.presses('#');
    await office.sim.clock.until('the box hangs up', () => line.state === 'ended', 8000);
    await office.closes();
    expect(office.boxes.of('demo-102')).toHaveLength(1);
    expect(office.record.cdr.reason).toBe('message-left');
  });

  test('a pound key during the greeting skips it', async () => {
    const office = await open({ forwardAlways: 'voicemail' });
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    line.presses('#');
    await office.sim.clock.until('it records', () => office.files.expected.size === 1, 800);
    line.hangUp();
    await office.closes();
  });

  test('a message of a second is none', async () => {
    const office = await open();
    const line = await speaks(office, 1000);
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')).toEqual([]);
    expect(office.record.cdr).toMatchObject({ result: 'voicemail', reason: 'no-message-left' });
  });

  test('the longest message ends it', async () => {
    const office = await open();
    office.change(office.demo, { boxes: [{ extensionId: 'demo-102', greeting: null, maxMessageInS: 10 }] });
    const line = await speaks(office, 5000);
    await office.sim.clock.until('the box hangs up', () => line.state === 'ended', 12_000);
    await office.closes();
    expect(office.boxes.of('demo-102')[0]!.duration).toBe(10_000);
  });

  test('the own greeting is heard; one that is gone leaves the stock one', async () => {
    for (const isThere of [true, false]) {
      const office = await open({ forwardAlways: 'voicemail' });
      const greeting = 'greeting';
      office.change(office.demo, { boxes: [{ extensionId: 'demo-102', greeting, maxMessageInS: 60 }] });
      if (isThere) office.sim.files.set(`demo/${greeting}`, 900);
      const line = office.phone('ann1').dial('102');
      await office.sim.clock.until('the box answers', () => line.state === 'answered');
      const since = office.sim.clock.now();
      await office.sim.clock.until('it records', () => office.files.expected.size === 1, 8000);
      const took = office.sim.clock.now() - since;
      if (isThere) expect(took).toBeLessThan(1500);
      else expect(took).toBeGreaterThan(3000);
      line.hangUp();
      await office.closes();
    }
  });

  test('a full box, or a full organization, says so and records nothing', async () => {
    for (const what of ['box', 'storage']) {
      const office = await open({ forwardAlways: 'voicemail' });
      if (what === 'box') await holds(office, ...Array.from({ length: 100 }, (_, i) => `caller${i}`));
      else office.files.full.add('demo');
      const line = office.phone('ann1').dial('102');
      await office.sim.clock.until('the box hangs up', () => line.state === 'ended', 8000);
      await office.closes();
      expect(office.record.cdr).toMatchObject({ result: 'voicemail', reason: 'voicemail-full' });
      expect(office.files.expected.size).toBe(0);
    }
  });

  test('the disk is full: she hears that it cannot be taken, without a greeting and a tone', async () => {
    const office = await open({ forwardAlways: 'voicemail' });
    office.files.isDiskFull = true;
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('the box hangs up', () => line.state === 'ended', 8000);
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'failed', reason: 'internal-error', blame: 'platform' });
    expect(office.record.trace).toContainEqual(
      expect.objectContaining({ step: 'voicemail-failed', detail: { reason: 'disk-full' } }),
    );
    expect(office.files.expected.size).toBe(0);
  });

  test('the brain is killed while she speaks: what she said is kept, and she speaks on', async () => {
    const office = await open();
    const line = await speaks(office, 3000);
    await office.brainDies();
    await office.sim.clock.advance(3000);
    expect(line.state).toBe('answered');
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')[0]!.duration).toBeGreaterThan(6000);
    expect(office.record.cdr).toMatchObject({ result: 'voicemail', reason: 'message-left' });
  });

  for (const nobody of ['no brain is there', 'the connection is broken']) {
    test(`she ends it by the pound key while ${nobody}: she hears that it is saved as soon as that is over`, async () => {
      const office = await open();
      const line = await speaks(office, 4000);
      if (nobody === 'no brain is there') {
        office.sim.killBrain();
        line.presses('#');
        await office.brainDies();
      } else {
        office.sim.loseEngine();
        line.presses('#');
        await office.sim.clock.advance(500);
        office.sim.regainEngine();
      }
      await office.sim.clock.until('the box hangs up', () => line.state === 'ended', 8000);
      await office.closes();
      expect(office.boxes.of('demo-102')).toHaveLength(1);
      expect(office.record.cdr.reason).toBe('message-left');
    });
  }

  test('the brain is killed during the greeting: she is greeted again', async () => {
    const office = await open({ forwardAlways: 'voicemail' });
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    await office.brainDies();
    await office.sim.clock.until('it records', () => office.files.expected.size === 1, 9000);
    await office.sim.clock.advance(3000);
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')).toHaveLength(1);
  });

  for (let at = 0; at <= 9000; at += 250) {
    test(`she hangs up ${at} ms after the box answered`, async () => {
      const office = await open({ forwardAlways: 'voicemail' });
      const line = office.phone('ann1').dial('102');
      await office.sim.clock.until('the box answers', () => line.state === 'answered');
      await office.sim.clock.advance(at);
      if (at > GREETED && at < 6000) line.presses('#');
      line.hangUp();
      await office.closes();
      expect(office.files.expected.size).toBe(0);
    });
  }

  test('a transfer to somebody who is away ends in the box, and the transferor is let go', async () => {
    const office = await open({ forwardAlways: 'voicemail' });
    office.phone('cat1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('103');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    office.phone('cat1').line.transferBlind('102');
    await office.sim.clock.until('cat is let go', () => office.phone('cat1').lines[0]!.state === 'ended');
    await office.sim.clock.until('it records', () => office.files.expected.size === 1, 8000);
    await office.sim.clock.advance(3000);
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')).toMatchObject([{ from: '101' }]);
    expect(office.record.cdr).toMatchObject({ result: 'answered', reason: 'message-left' });
  });
});

describe('listening', () => {
  async function logsIn(office: Office, code = '*97', pin = PIN) {
    const line = office.phone('bob1').dial(code);
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    line.presses(code === '*98' ? `102#${pin}#` : `${pin}#`);
    await office.sim.clock.advance(4000);
    return line;
  }
  /** Presses and lets what follows be said. */
  async function does(office: Office, line: { presses(keys: string): void }, keys: string, wait = 1500) {
    line.presses(keys);
    await office.sim.clock.advance(wait);
  }

  test('bob hears the new message, deletes it, and it is gone when he hangs up', async () => {
    const office = await open();
    await holds(office, 'ann');
    const line = await logsIn(office);
    await does(office, line, '1', 12_000);
    expect(office.boxes.waiting('demo-102')).toEqual({ fresh: 0, old: 1 });
    await does(office, line, '7');
    expect(office.boxes.of('demo-102')).toHaveLength(1);
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')).toEqual([]);
    expect(office.record.cdr).toMatchObject({ answeredBy: '*97', result: 'answered' });
  });

  test('a deleted message can be brought back', async () => {
    const office = await open();
    await holds(office, 'ann');
    const line = await logsIn(office);
    await does(office, line, '17', 3000);
    await does(office, line, '7', 2000);
    line.hangUp();
    await office.closes();
    expect(office.boxes.of('demo-102')).toHaveLength(1);
  });

  test('what he deleted is gone although the brain is killed before he hangs up', async () => {
    for (const when of ['afterwards', 'while no brain is there']) {
      const office = await open();
      await holds(office, 'ann');
      const line = await logsIn(office);
      await does(office, line, '17', 3000);
      const killed = office.brainDies();
      if (when === 'while no brain is there') line.hangUp();
      await killed;
      await office.sim.clock.advance(3000);
      if (when === 'afterwards') {
        expect(office.boxes.of('demo-102')).toHaveLength(1);
        line.hangUp();
      }
      await office.closes();
      expect(office.boxes.of('demo-102'), when).toEqual([]);
    }
  });

  test('he saves one, hears the next, forwards it to ann, and leaves by the pound key', async () => {
    const office = await open();
    await holds(office, 'ann', 'dave');
    const line = await logsIn(office);
    await does(office, line, '19', 4000);
    expect(office.boxes.waiting('demo-102')).toEqual({ fresh: 1, old: 1 });
    await does(office, line, '8101#', 4000);
    await does(office, line, '##', 8000);
    expect(line.state).toBe('ended');
    await office.closes();
    expect(office.boxes.waiting('demo-101')).toEqual({ fresh: 1, old: 0 });
  });

  test('he calls back who left it', async () => {
    const office = await open();
    await holds(office, 'ann');
    office.phone('ann1').behaviour = { answers: 200 };
    const line = await logsIn(office);
    await does(office, line, '132', 6000);
    expect(office.sim.world.hears(line, office.phone('ann1').line)).toBe(true);
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ answeredBy: '101', result: 'answered' });
  });

  test('he calls back somebody outside: the carrier is dialled, and talking with the box is not paid for', async () => {
    const office = await open();
    await holds(office, 'ann');
    office.files.taken[0]!.details.from = '+442079460555';
    office.demoCarrier.behaviour = { answers: 500 };
    const line = await logsIn(office);
    await does(office, line, '132', 4000);
    expect(office.sim.world.hears(line, office.demoCarrier.line)).toBe(true);
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ direction: 'outbound', trunkId: 'trunk-demo', result: 'answered' });
    expect(office.record.cdr.talkDuration).toBeLessThan(3500);
  });

  test('he cannot call back a country that is not allowed', async () => {
    const office = await open();
    await holds(office, 'ann');
    office.files.taken[0]!.details.from = '+12125550123';
    office.demoCarrier.behaviour = { answers: 500 };
    const line = await logsIn(office);
    await does(office, line, '132', 20_000);
    expect(office.demoCarrier.lines).toEqual([]);
    expect(line.state).toBe('ended');
    await office.closes();
    expect(office.record.cdr).toMatchObject({ reason: 'country-not-allowed' });
  });

  test('a caller who withheld the number cannot be called back', async () => {
    const office = await open();
    await holds(office, 'dave');
    const line = await logsIn(office);
    await does(office, line, '132', 6000);
    expect(line.state).toBe('answered');
    line.hangUp();
    await office.closes();
  });

  test('the first time he chooses a PIN; a trivial one is refused', async () => {
    const office = await open();
    const line = office.phone('bob1').dial('*97');
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    await does(office, line, '111111#', 3000);
    expect(office.boxes.pins.size).toBe(0);
    await does(office, line, `${PIN}#${PIN}#`, 5000);
    expect(office.boxes.pins.get('demo-102')).toBe(PIN);
    line.hangUp();
    await office.closes();
  });

  test('a box without a PIN is opened by no other phone', async () => {
    const office = await open();
    const line = office.phone('ann1').dial('*98');
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    line.presses('102##');
    await office.sim.clock.advance(3000);
    line.presses(`102#${PIN}#`);
    await office.sim.clock.until('it hangs up', () => line.state === 'ended', 60_000);
    await office.closes();
    expect(office.record.trace.filter(({ step }) => step === 'voicemail-opened')).toEqual([]);
  });

  test('five wrong tries over two calls lock the box, for the right PIN too', async () => {
    const office = await open();
    await holds(office, 'ann');
    for (const tries of [3, 3]) {
      const line = office.phone('bob1').dial('*98');
      await office.sim.clock.until('the box answers', () => line.state === 'answered');
      for (let i = 0; i < tries && line.state === 'answered'; i++) await does(office, line, '102#999999#', 5000);
      await office.sim.clock.until('it hangs up', () => line.state === 'ended', 30_000);
    }
    const line = await logsIn(office);
    await office.sim.clock.until('it hangs up', () => line.state === 'ended', 10_000);
    const opened = office.journal.finished
      .flatMap(({ trace }) => trace)
      .filter(({ step }) => step === 'voicemail-opened');
    expect(opened).toEqual([]);
    await office.closes();
  });

  test('he records a greeting, hears it, and keeps it', async () => {
    const office = await open();
    await holds(office);
    const line = await logsIn(office);
    await does(office, line, '01', 2500);
    await office.sim.clock.advance(3000);
    await does(office, line, '#', 2000);
    await does(office, line, '2', 4000);
    await does(office, line, '1', 2000);
    line.hangUp();
    await office.closes();
    expect(office.boxes.greetings.get('demo-102')).toBe(office.files.taken.find((f) => f.kind === 'greeting')?.id);
  });

  test('he hangs up while he records one, and nothing is left of it', async () => {
    const office = await open();
    await holds(office);
    const line = await logsIn(office);
    await does(office, line, '01', 4000);
    expect(office.files.expected.size).toBe(1);
    line.hangUp();
    await office.closes();
    expect(office.files.expected.size).toBe(0);
    expect(office.files.taken).toEqual([]);
  });

  test('the brain is killed while he listens: the box is still open', async () => {
    const office = await open();
    await holds(office, 'ann');
    const line = await logsIn(office);
    await office.brainDies();
    await does(office, line, '1', 12_000);
    expect(office.boxes.waiting('demo-102')).toEqual({ fresh: 0, old: 1 });
    line.hangUp();
    await office.closes();
  });

  test('the database is away: he hears so', async () => {
    const office = await open();
    office.boxes.fails = () => new StoreUnavailable();
    const line = office.phone('bob1').dial('*97');
    await office.sim.clock.until('it hangs up', () => line.state === 'ended', 5000);
    await office.closes();
    expect(steps(office)).toContain('voicemail-failed');
  });

  for (let at = 0; at <= 30_000; at += 700) {
    test(`he hangs up ${at} ms into it`, async () => {
      const office = await open();
      await holds(office, 'ann', 'dave');
      const line = office.phone('bob1').dial('*97');
      await office.sim.clock.until('the box answers', () => line.state === 'answered');
      line.presses(`${PIN}#17693`);
      await office.sim.clock.advance(at);
      line.hangUp();
      await office.closes();
    });
  }
});

describe('the language', () => {
  /** An office whose prompts note their language. */
  async function listens(): Promise<{ office: Office; heard: Set<string> }> {
    const heard = new Set<string>();
    const office = await Office.open({
      promptLength: (_name, language) => {
        heard.add(language ?? 'none');
        return 300;
      },
    });
    office.apply(office.demo, '101', { forwardAlways: 'voicemail' });
    office.apply(office.acme, '101', { forwardAlways: 'voicemail' });
    return { office, heard };
  }
  async function reaches(office: Office, line: { state: string; hangUp(): void }) {
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    await office.sim.clock.advance(3000);
    line.hangUp();
  }

  test('callers from outside hear that of the organization whose number they called', async () => {
    const { office, heard } = await listens();
    office.change(office.demo, { language: 'ru' });
    office.change(office.acme, { language: 'fr' });
    await reaches(office, office.demoCarrier.calls(office.demo.numbers[0]!, '+442079460999'));
    expect([...heard]).toEqual(['ru']);
    heard.clear();
    await reaches(office, office.acmeCarrier.calls(office.acme.numbers[0]!, '+442079460999'));
    expect([...heard]).toEqual(['fr']);
    await office.closes();
  });

  test('an extension’s own is heard by its callers from outside; a colleague hears hers', async () => {
    const { office, heard } = await listens();
    office.apply(office.demo, '101', { language: 'es' });
    office.apply(office.demo, '102', { language: 'it' });
    await reaches(office, office.demoCarrier.calls(office.demo.numbers[0]!, '+442079460999'));
    expect([...heard]).toEqual(['es']);
    heard.clear();
    await reaches(office, office.phone('bob1').dial('101'));
    expect([...heard]).toEqual(['it']);
    await office.closes();
  });

  test('the time of a message is that of the organization’s clock', async () => {
    const names: string[] = [];
    const office = await Office.open({
      promptLength: (name) => {
        names.push(name);
        return 300;
      },
    });
    await holds(office, 'ann');
    const hour = new Date(office.sim.clock.now()).getUTCHours();
    office.change(office.demo, { timeZone: 'Etc/GMT-3' });
    const line = office.phone('bob1').dial('*97');
    await office.sim.clock.until('the box answers', () => line.state === 'answered');
    line.presses(`${PIN}#1`);
    await office.sim.clock.until('it is told when it came', () => names.includes('digits/at'), 10_000);
    await office.sim.clock.advance(2000);
    line.hangUp();
    await office.closes();
    expect(names[names.indexOf('digits/at') + 1]).toBe(`digits/${hour + 3}`);
  });

  test('where its sounds are missing, English is heard', async () => {
    const { office, heard } = await listens();
    office.change(office.demo, { language: 'ru' });
    office.languages.delete('ru');
    await reaches(office, office.phone('bob1').dial('101'));
    expect([...heard]).toEqual(['en']);
    await office.closes();
  });

  test('a refusal is told in it too', async () => {
    const { office, heard } = await listens();
    office.change(office.demo, { language: 'fr' });
    const line = office.phone('bob1').dial('555');
    await office.sim.clock.until('it ends', () => line.state === 'ended', 15_000);
    expect([...heard]).toEqual(['fr']);
    await office.closes();
  });
});

describe('a PIN', () => {
  test.each(['12345', '111111', '123456', '987654', '121212', '123123', '101010', 'abcdef', '', '890123'])(
    '%s is refused',
    (pin) => expect(pinComplaint(pin, '101')).not.toBeNull(),
  );
  test('that holds the extension number is refused', () => {
    expect(pinComplaint('771234', '1234')).not.toBeNull();
    expect(pinComplaint('774321', '1234')).not.toBeNull();
  });
  test('of six digits without a pattern is fine', () => expect(pinComplaint(PIN, '102')).toBeNull());

  test('five tries are free, then the lock doubles up to a day', () => {
    expect([4, 5, 6, 7].map(lockTime)).toEqual([0, 60_000, 120_000, 240_000]);
    expect(lockTime(60)).toBe(24 * 3600_000);
  });
});
