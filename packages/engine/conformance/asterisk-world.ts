/** The conformance world on a real Asterisk: real SIP phones, a real carrier, and the clock on the wall. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSIDE } from '../../../apps/host/src/install/installation.ts';
import { PATIENCE, Phone as SipPhone } from '../../../test/phones/index.ts';
import { loudness, SAMPLE_RATE, SILENCE, Sine } from '../../../test/phones/tones.ts';
import { formatWav, parseWav } from '../../../test/phones/wav.ts';
import { AsteriskEngine } from '../src/asterisk/index.ts';
import type { OrganizationOnEngine } from '../src/directory.ts';
import { bridgeId, legId, playId, recordId } from '../src/port.ts';
import { type AsteriskProcess, startAsterisk } from './asterisk-process.ts';
import { Brain } from './brain.ts';
import { deviceOnEngine } from './device.ts';
import { SipCall } from './sip-call.ts';
import { MAILBOXES, PEOPLE, type Person, type Phone, type World } from './world.ts';

/** Another loopback address than the phones', so that Asterisk can tell the carrier by it. */
const CARRIER = '127.0.0.2';
const POLL_EVERY = 10;
const BEAT_EVERY = 500;

interface Account {
  username: string;
  password: string;
}

export interface AsteriskWorld extends World {
  /** Begins another scenario: a fresh list of events, on the same connection. */
  begin(): Promise<void>;
  /** What phones saw and Asterisk said, for the text of a failure. */
  explain(): string;
  close(): Promise<void>;
}

export async function createAsteriskWorld(root: string): Promise<AsteriskWorld> {
  const asterisk = await startAsterisk(root);
  try {
    return await inhabit(asterisk);
  } catch (error) {
    const log = asterisk.log();
    await asterisk.stop();
    throw new Error(`the world did not come up; Asterisk said:\n${log}`, { cause: error });
  }
}

async function inhabit(asterisk: AsteriskProcess): Promise<AsteriskWorld> {
  const trunkId = randomUUID();
  const accounts = new Map<Person, Account>(
    PEOPLE.map((who) => [who, { username: `${who}${randomUUID().slice(0, 8)}`, password: randomUUID() }]),
  );
  const far = await SipPhone.create({
    name: 'the carrier',
    username: 'carrier',
    localHost: CARRIER,
    server: '127.0.0.1',
    port: asterisk.sipPort,
  });
  await asterisk.directory.replaceAll([organization(accounts, trunkId, far.local.port)]);

  const connected = async (): Promise<AsteriskEngine> => {
    const engine = new AsteriskEngine(asterisk.ari, INSIDE.files);
    await engine.start();
    return engine;
  };
  let engine = await connected();
  let brain = new Brain(engine);
  const beating = setInterval(() => void engine.beat().catch(() => {}), BEAT_EVERY);

  const phones = new Map<Person, SipPhone>();
  for (const [who, { username, password }] of accounts) {
    const phone = await SipPhone.create({
      name: who,
      username,
      password,
      server: '127.0.0.1',
      port: asterisk.sipPort,
    });
    phones.set(who, phone);
    await phone.register({ keep: true });
  }

  /** People of the scenario before are gone: only calls since its beginning count. */
  let since = new Map<SipPhone, number>();
  const callsOf = (phone: SipPhone) => phone.calls.slice(since.get(phone) ?? 0).map((call) => SipCall.of(call));

  function phoneOf(who: Person): Phone {
    const phone = phones.get(who)!;
    return {
      username: accounts.get(who)!.username,
      mailbox: MAILBOXES[who],
      get waiting() {
        return phone.messagesWaiting;
      },
      get calls() {
        return callsOf(phone);
      },
      dial: (number) => new SipCall(phone.dial(number)),
      unregister: () => phone.deregister(),
      async register() {
        await phone.register({ keep: true });
      },
    };
  }

  return {
    get brain() {
      return brain;
    },
    phone: phoneOf,
    carrier: {
      trunkId,
      address: CARRIER,
      get calls() {
        return callsOf(far);
      },
      dial: (did, from) => new SipCall(far.dial(did, { from: `<sip:${from}@${CARRIER}>` })),
    },
    async until(reason, isTrue, within = PATIENCE) {
      const end = performance.now() + within;
      while (!(await isTrue())) {
        if (performance.now() > end) throw new Error(`after ${within} ms still waiting: ${reason}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_EVERY));
      }
    },
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async killBrain() {
      // Closes the socket without a word, as the kernel does for a process that was killed.
      await engine.stop();
    },
    async startBrain() {
      engine = await connected();
      brain = new Brain(engine);
      return brain;
    },
    async recording(id) {
      const { rate, samples } = parseWav(readFileSync(join(asterisk.recordings, `${id}.wav`)));
      return { duration: (samples.length / rate) * 1000, hasSound: loudness(samples) > SILENCE };
    },
    storedSound(duration) {
      const sound = { kind: 'file', organizationId: randomUUID(), id: randomUUID() } as const;
      const folder = join(asterisk.files, sound.organizationId);
      mkdirSync(folder, { mode: 0o755 });
      writeFileSync(
        join(folder, `${sound.id}.wav`),
        formatWav({ rate: SAMPLE_RATE, samples: new Sine(440).next((duration * SAMPLE_RATE) / 1000) }),
        { mode: 0o644 },
      );
      return sound;
    },
    crossings: [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 5, 10, 20, 40, 80, 160, 300],
    newLeg: () => legId(randomUUID()),
    newBridge: () => bridgeId(randomUUID()),
    ownBridges: [],
    newPlay: () => playId(randomUUID()),
    newRecord: () => recordId(randomUUID()),
    now: () => Date.now(),
    async begin() {
      // The scenario before may have failed with its brain dead.
      if (!engine.isConnected) engine = await connected();
      brain = new Brain(engine);
      since = new Map([...phones.values(), far].map((phone) => [phone, phone.calls.length]));
    },
    explain: () =>
      [
        ...[...phones.values(), far].flatMap((phone) =>
          callsOf(phone).map((call) => `${phone.name}: ${call.explain()}`),
        ),
        'Asterisk said:',
        ...asterisk.log().trimEnd().split('\n').slice(-15),
      ].join('\n'),
    async close() {
      clearInterval(beating);
      await Promise.all([...phones.values(), far].map((phone) => phone.close()));
      await engine.stop();
      await asterisk.stop();
    },
  };
}

/** One organization with a phone for each person, and a trunk by address. */
function organization(accounts: Map<Person, Account>, trunkId: string, port: number): OrganizationOnEngine {
  const devices = [...accounts].map(([who, { username, password }], index) =>
    deviceOnEngine(username, password, {
      extension: String(101 + index),
      displayName: who,
      mailbox: MAILBOXES[who],
    }),
  );
  return {
    id: randomUUID(),
    version: 1,
    isSuspended: false,
    hasMusic: false,
    devices,
    trunks: [
      {
        id: trunkId,
        isInbound: true,
        isOutbound: true,
        host: CARRIER,
        port,
        transport: 'udp',
        register: false,
        username: null,
        authUsername: null,
        password: null,
        outboundProxy: null,
        fromUser: null,
        fromDomain: null,
        verifyCertificate: true,
        certificateAuthority: null,
        codecs: ['alaw', 'ulaw'],
        addresses: [CARRIER],
      },
    ],
    fallback: { extensions: [], numbers: [], emergency: [] },
  };
}
