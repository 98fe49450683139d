/** One organization in people's words: its staff with their phones, its numbers, carriers and records. */
import { randomBytes } from 'node:crypto';
import type { Client } from '@littlepbx/contract/client';
import { eventually, PATIENCE, type Phone, type PhoneOptions } from '../phones/index.ts';
import type { Town } from './town.ts';

type Input<M extends keyof Client> = NonNullable<Parameters<Client[M]>[0]> extends { body?: infer B } ? B : never;
type Answer<M extends keyof Client> = Awaited<ReturnType<Client[M]>>;

export type ExtensionSettings = Omit<Input<'updateExtension'>, 'number'>;
export type TrunkSettings = Partial<Input<'createTrunk'>>;
export type DeviceSettings = Omit<Input<'createDevice'>, 'extension'>;
export type Credentials = Answer<'createDevice'>;
export type Record = Answer<'getCall'>['cdr'];
export type LiveCall = Answer<'listLiveCalls'>['items'][number];

export interface OfficeOptions {
  /** Any that is free, where nobody looks at it. */
  slug?: string;
  name?: string;
  country?: string;
  limits?: NonNullable<Input<'createOrganization'>['limits']>;
  allowedCountries?: string[];
}

/** Fits every writer of SIP and is no name of another test. */
const newSlug = (): string => `o${randomBytes(6).toString('hex')}`;
const capitalized = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

export class Office {
  readonly id: string;
  readonly slug: string;
  readonly town: Town;

  private constructor(town: Town, id: string, slug: string) {
    this.town = town;
    this.id = id;
    this.slug = slug;
  }

  static async open(
    town: Town,
    { slug = newSlug(), name = `Office ${slug}`, country = 'GB', limits, allowedCountries }: OfficeOptions = {},
  ): Promise<Office> {
    const { id } = await town.system.api.createOrganization({
      body: {
        slug,
        name,
        country,
        // Not what these tests are about, unless they say so.
        limits: limits ?? { concurrentCalls: 100, callsPerSecond: 100 },
        ...(allowedCountries ? { allowedCountries } : {}),
      },
    });
    return new Office(town, id, slug);
  }

  get api(): Client {
    return this.town.system.api;
  }

  get params(): { org: string } {
    return { org: this.slug };
  }

  /**
   * Extensions 101, 102, … in the order of the names, each with one registered phone, applied. Settings name others by
   * their number.
   */
  async staff<N extends string>(...names: N[]): Promise<{ [K in N]: Phone }> {
    for (const [i, name] of names.entries()) await this.extension(String(101 + i), { name: capitalized(name) });
    await this.apply();
    const phones = await Promise.all(
      names.map(async (name, i) => [name, await this.phone(String(101 + i), { name })] as const),
    );
    return Object.fromEntries(phones) as { [K in N]: Phone };
  }

  /** An extension in the draft. */
  async extension(number: string, settings: ExtensionSettings = {}): Promise<string> {
    await this.api.createExtension({ params: this.params, body: { name: `Extension ${number}`, ...settings, number } });
    return number;
  }

  /** Changes an extension and applies. */
  async set(extension: string, settings: ExtensionSettings): Promise<void> {
    await this.change(extension, settings);
    await this.apply();
  }

  /** Changes an extension in the draft only. */
  async change(extension: string, settings: ExtensionSettings): Promise<void> {
    await this.api.updateExtension({ params: { ...this.params, extension }, body: settings });
  }

  apply(note?: string): Promise<Answer<'applyDraft'>> {
    return this.api.applyDraft({ params: this.params, body: note === undefined ? {} : { note } });
  }

  /** Acts at once. */
  async update(body: Input<'updateOrganization'>): Promise<void> {
    await this.api.updateOrganization({ params: this.params, body });
  }

  async suspend(calls: 'end' | 'keep' = 'keep'): Promise<void> {
    await this.api.suspendOrganization({ params: this.params, body: { calls } });
  }

  device(extension: string, settings: DeviceSettings = {}): Promise<Credentials> {
    return this.api.createDevice({ params: this.params, body: { extension, ...settings } });
  }

  /** A device of the extension and a phone with its credentials, registered. */
  async phone(extension: string, options: Partial<PhoneOptions> = {}, settings: DeviceSettings = {}): Promise<Phone> {
    const { username, password } = await this.device(extension, settings);
    const phone = await this.town.phone({ name: extension, username, password, ...options });
    return phone.register();
  }

  /** A number of the outside world that is now this organization's; leads to `extension` once applied. */
  async did(extension: string | null = null): Promise<string> {
    const number = this.town.newNumber();
    await this.api.assignNumber({ params: this.params, body: { number, extension } });
    return number;
  }

  /** Both ways by the addresses of `carrier`; at once. Returns the trunk's id. */
  async trunk(carrier: Phone, settings: TrunkSettings = {}): Promise<string> {
    const { host, port } = carrier.local;
    const { id } = await this.api.createTrunk({
      params: this.params,
      body: { name: 'Carrier', host, port, isInbound: true, isOutbound: true, addresses: [host], ...settings },
    });
    return id;
  }

  /** An API key of the organization's admin. */
  async adminKey(): Promise<string> {
    return (await this.api.createKey({ params: this.params, body: { name: 'Admin' } })).token;
  }

  async liveCalls(): Promise<LiveCall[]> {
    return (await this.api.listLiveCalls({ params: this.params })).items;
  }

  /** The one call in progress, once it is in this state: a phone knows of an answer or a hold before the brain does. */
  async liveCall(state?: LiveCall['state']): Promise<LiveCall> {
    let seen: LiveCall[] = [];
    return eventually(
      async () => {
        seen = await this.liveCalls();
        const isIt = seen.length === 1 && (state === undefined || seen[0]!.state === state);
        return isIt ? seen[0]! : undefined;
      },
      { reason: () => `in progress is not one call, ${state ?? 'any'}: ${seen.map((call) => call.state).join(', ')}` },
    );
  }

  /** Records of all calls that ended, oldest first, once there are `count`. */
  async records(count: number): Promise<Record[]> {
    let seen: Record[] = [];
    await eventually(
      async () => {
        seen = (await this.api.listCalls({ params: this.params, query: { limit: 200 } })).items;
        return seen.length >= count ? true : undefined;
      },
      {
        // Refusals that are spoken end some seconds after they began.
        within: 30_000,
        reason: () => `${seen.length} calls were recorded instead of ${count}: ${seen.map(told).join('; ')}`,
      },
    );
    if (seen.length > count)
      throw new Error(`${seen.length} calls were recorded, not ${count}: ${seen.map(told).join('; ')}`);
    return seen.reverse();
  }

  /** The record of the only call there was. */
  async record(): Promise<Record> {
    return (await this.records(1))[0]!;
  }

  /** The recordings of a call, once there are `count`. */
  async recordings(call: string, count: number, { within = PATIENCE } = {}): Promise<Answer<'listFiles'>['items']> {
    const query = { kind: 'recording', call } as const;
    return eventually(
      async () => {
        const { items } = await this.api.listFiles({ params: this.params, query });
        return items.length >= count ? items : undefined;
      },
      { within, reason: () => `there are not ${count} recordings of the call ${call}` },
    );
  }

  /** The bytes of a sound. */
  async sound(file: string): Promise<Buffer> {
    const answer = await this.api.downloadFile({ params: { ...this.params, file } });
    return Buffer.from(await answer.arrayBuffer());
  }

  /** Names of the steps in a call's trace. */
  async steps(call: Record): Promise<string[]> {
    const { trace } = await this.api.getCall({ params: { ...this.params, call: call.id } });
    return trace.map((step) => step.step);
  }

  /** What happened here, for the text of a failure. */
  async explain(): Promise<string> {
    const { items } = await this.api.listCalls({ params: this.params, query: { limit: 10 } });
    const traces = await Promise.all(
      items.map(async (cdr) => {
        const { trace } = await this.api.getCall({ params: { ...this.params, call: cdr.id } });
        const steps = trace.map((s) => `    +${s.at - cdr.startedAt} ${s.step} ${JSON.stringify(s.detail ?? {})}`);
        return `  ${told(cdr)}\n${steps.join('\n')}`;
      }),
    );
    return `${this.slug}:\n${traces.join('\n')}`;
  }
}

const told = (r: Record): string => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}, blame ${r.blame}`;
