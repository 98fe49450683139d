/**
 * Two organizations with phones and carriers around a simulated switch, and a brain with a journal in memory: what the
 * tests of calls live in. Both have extensions 101 to 103 on purpose; phones are called `ann1` (demo), `ann2` (acme) …
 */
import type { Engine, RecordId } from '@littlepbx/engine/port';
import { createSim, type Device as Phone, type Sim, type SimOptions } from '@littlepbx/engine/sim';
import type { ExpectedSound, Files, SoundFile } from '../../files/files.ts';
import type { Alert, Journal, Log } from '../../ports.ts';
import type { Finding } from '../../spending/anomaly.ts';
import type { Spent } from '../../spending/charge.ts';
import { SPOKEN_LANGUAGES, type SpokenLanguage } from '../../tenancy/language.ts';
import { DEFAULT_LIMITS, type Extension, type Limits, type Organization } from '../../tenancy/organization.ts';
import { MemoryBoxes } from '../../voicemail/testing/memory-boxes.ts';
import type { SetupLimits } from '../admission.ts';
import type { FinishedCall } from '../record.ts';
import { CallRegistry } from '../registry.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Journal as the local file keeps it: states are copies, and survive a brain. */
export class MemoryJournal implements Journal {
  readonly kept = new Map<string, string>();
  readonly finished: FinishedCall[] = [];
  readonly used: Spent[] = [];
  readonly called: { organizationId: string; country: string; at: number }[] = [];
  readonly countries = {
    all: () => this.called,
    add: (organizationId: string, country: string, at: number) =>
      void this.called.push({ organizationId, country, at }),
  };

  keep(id: string, state: unknown): void {
    this.kept.set(id, JSON.stringify(state));
  }
  finish(call: FinishedCall, spent: Spent[]): void {
    this.kept.delete(call.cdr.id);
    this.finished.push(structuredClone(call));
    this.used.push(...structuredClone(spent));
  }
  spent(): Spent[] {
    return structuredClone(this.used);
  }
  live(): { id: string; state: unknown }[] {
    return [...this.kept].map(([id, state]) => ({ id, state: JSON.parse(state) as unknown }));
  }
  flush(): void {}
}

/** Files as the local disk keeps them: what was expected and taken over survives a brain. */
export class MemoryFiles implements Files {
  readonly expected = new Map<string, ExpectedSound>();
  readonly taken: SoundFile[] = [];
  /** Organizations whose storage is full. */
  readonly full = new Set<string>();
  /** Milliseconds; 0: nothing was recorded. */
  durationOf: (id: string) => number = () => 1000;

  isDiskFull = false;

  diskRoom(): number {
    return this.isDiskFull ? 0 : 3_600_000;
  }
  room({ id }: { id: string }): number {
    return this.full.has(id) ? 0 : 3_600_000;
  }
  expect(sound: ExpectedSound): void {
    this.expected.set(sound.id, sound);
  }
  async takeOver(id: ExpectedSound['id']): Promise<SoundFile | null> {
    const sound = this.expected.get(id);
    if (!sound || !this.expected.delete(id)) return null;
    const { organizationId, kind, callId, details, at, minDuration = 0 } = sound;
    const duration = this.durationOf(id);
    if (duration < minDuration) return null;
    const file = {
      id,
      organizationId,
      kind,
      name: null,
      callId,
      details,
      bytes: 16_044,
      duration,
      createdAt: at,
    };
    this.taken.push(file);
    return file;
  }
  async discard(id: ExpectedSound['id']): Promise<void> {
    this.expected.delete(id);
  }
}

export function extension(org: string, number: string, change: Partial<Extension> = {}): Extension {
  return {
    id: `${org}-${number}`,
    number,
    name: `Person ${number}`,
    ringTimeInS: 20,
    doNotDisturb: false,
    forwardAlways: null,
    forwardBusy: null,
    forwardNoAnswer: null,
    outboundNumber: null,
    language: null,
    ...change,
  };
}

const NAMES: Record<string, string> = { 101: 'ann', 102: 'bob', 103: 'cat' };

/** @param suffix of its phones' names and its numbers */
function organization(slug: string, suffix: string, address: string): Organization {
  const extensions = ['101', '102', '103'].map((number) => extension(slug, number));
  const did = `+4420794601${suffix}0`;
  return {
    id: slug,
    slug,
    name: slug,
    country: 'GB',
    isSuspended: false,
    timeZone: 'Europe/London',
    language: 'en',
    limits: { ...DEFAULT_LIMITS, concurrentCalls: 100, callsPerSecond: 100 },
    controls: [],
    allowedCountries: ['GB'],
    defaultNumber: null,
    numbers: [did],
    revision: {
      number: 1,
      content: { extensions, routes: [{ number: did, extensionId: `${slug}-101` }], music: 'own' },
    },
    devices: extensions.map((e) => ({
      username: `${NAMES[e.number]}${suffix}`,
      extensionId: e.id,
      name: 'Desk phone',
      transport: 'any',
      digest: 'md5',
      suspension: null,
      digestMd5: '',
      digestSha256: '',
    })),
    trunks: [
      {
        id: `trunk-${slug}`,
        name: 'Carrier',
        isInbound: true,
        isOutbound: true,
        host: address,
        port: 5060,
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
        codecs: ['alaw'],
        addresses: [address],
      },
    ],
    rateDecks: [],
    version: 1,
  };
}

export class Office {
  /** How far somebody has set the machine's clock. Milliseconds. */
  clockSetBy = 0;
  readonly sim: Sim;
  readonly journal = new MemoryJournal();
  readonly files = new MemoryFiles();
  readonly boxes = new MemoryBoxes(this.files.taken);
  readonly alerts: Alert[] = [];
  /** Whose sounds are there. */
  readonly languages = new Set<SpokenLanguage>(SPOKEN_LANGUAGES);
  readonly suspensions: Finding[] = [];
  readonly demo = organization('demo', '1', '10.0.0.1');
  readonly acme = organization('acme', '2', '10.0.0.2');
  registry: CallRegistry;
  readonly #setupLimits: SetupLimits;
  #ids = 0;
  /** Of the present brain: timers of a dead one go on in the same process, and must reach nothing. */
  #brainIsDead = { now: false };

  private constructor(options: SimOptions & { setupLimits?: SetupLimits }) {
    this.sim = createSim(options);
    this.files.durationOf = (id) => this.sim.recordings.get(id as RecordId)?.duration ?? 0;
    this.#setupLimits = options.setupLimits ?? { standing: 100, target: 100, max: 100 };
    this.registry = this.#brain(this.sim.engine);
  }

  /** Everybody registered, the brain connected. */
  static async open(options: SimOptions & { setupLimits?: SetupLimits } = {}): Promise<Office> {
    const office = new Office(options);
    for (const name of ['ann', 'bob', 'cat']) {
      office.sim.world.device(`${name}1`, { org: 'demo' });
      office.sim.world.device(`${name}2`, { org: 'acme' });
    }
    await office.#start();
    return office;
  }

  phone(username: string): Phone {
    return this.sim.world.device(username);
  }

  get demoCarrier() {
    return this.sim.world.carrier({ address: '10.0.0.1', trunkId: 'trunk-demo' });
  }
  get acmeCarrier() {
    return this.sim.world.carrier({ address: '10.0.0.2', trunkId: 'trunk-acme' });
  }

  /** Publishes a changed organization, as an apply or an operator's act would. */
  change(
    of: Organization,
    { limits, ...change }: Partial<Omit<Organization, 'limits'>> & { limits?: Partial<Limits> },
  ): void {
    Object.assign(of, change, { version: of.version + 1, limits: { ...of.limits, ...limits } });
    this.registry.organizations.put({ ...of });
  }

  /** Applies a revision with these changes to an extension. */
  apply(of: Organization, number: string, change: Partial<Extension>): void {
    const { revision } = of;
    const extensions = revision.content.extensions.map((e) => (e.number === number ? { ...e, ...change } : e));
    this.change(of, {
      revision: { number: revision.number + 1, content: { ...revision.content, extensions } },
    });
  }

  /** Adds a second phone to an extension. */
  secondPhone(of: Organization, number: string, username: string): Phone {
    this.change(of, {
      devices: [
        ...of.devices,
        {
          username,
          extensionId: `${of.slug}-${number}`,
          name: 'Mobile',
          transport: 'any',
          digest: 'md5',
          suspension: null,
          digestMd5: '',
          digestSha256: '',
        },
      ],
    });
    return this.sim.world.device(username, { org: of.slug });
  }

  /** `kill -9`, and a new brain on the same journal. */
  async brainDies({ for: downtime = 500 }: { for?: number } = {}): Promise<void> {
    this.sim.killBrain();
    this.#brainIsDead.now = true;
    await this.sim.clock.advance(downtime);
    this.registry = this.#brain(this.sim.secondEngine());
    await this.#start();
  }

  /** The one record of the only call so far; throws when there is not exactly one. */
  get record(): FinishedCall {
    const [only, ...more] = this.journal.finished;
    if (!only || more.length) throw new Error(`${this.journal.finished.length} records, not one`);
    return only;
  }

  /** Waits until all is over, then throws if anything is left anywhere. */
  async closes(): Promise<void> {
    await this.sim.clock.advance(40_000);
    const left = this.registry.calls();
    if (left.length) throw new Error(`calls left: ${left.map((c) => `${c.id} ${c.state.phase}`).join(', ')}`);
    if (this.journal.kept.size) throw new Error(`still in the journal: ${[...this.journal.kept.keys()].join(', ')}`);
    for (const of of [this.demo, this.acme]) {
      const counted = this.registry.limits.inProgress(of.id);
      if (counted) throw new Error(`${of.slug} is still counted with ${counted} calls`);
    }
    if (this.registry.admission.inSetup) throw new Error(`${this.registry.admission.inSetup} still counted in set-up`);
    this.sim.assertQuiet();
    await this.registry.stop();
  }

  #brain(engine: Engine): CallRegistry {
    const dead = { now: false };
    this.#brainIsDead = dead;
    const { journal } = this;
    const registry = new CallRegistry({
      engine,
      clock: {
        now: () => this.sim.clock.now() + this.clockSetBy,
        after: (delay, fn) => this.sim.clock.after(delay, () => dead.now || fn()),
      },
      ids: { next: () => `id${String(++this.#ids).padStart(6, '0')}` },
      log: silent,
      journal: {
        keep: (id, state) => dead.now || journal.keep(id, state),
        finish: (call, spent) => dead.now || journal.finish(call, spent),
        spent: () => journal.spent(),
        countries: journal.countries,
        live: () => journal.live(),
        flush() {},
      },
      files: this.files,
      boxes: this.boxes,
      boxCounts: this.boxes,
      spoken: (language) => (this.languages.has(language) ? language : 'en'),
      setupLimits: this.#setupLimits,
      alerts: { raise: (alert) => void this.alerts.push(alert) },
      suspended: (finding) => void this.suspensions.push(finding),
    });
    registry.organizations.put({ ...this.demo });
    registry.organizations.put({ ...this.acme });
    return registry;
  }

  async #start(): Promise<void> {
    let isStarted = false;
    void this.registry.start().then(() => {
      isStarted = true;
    });
    await this.sim.clock.until('the brain is connected', () => isStarted);
  }
}
