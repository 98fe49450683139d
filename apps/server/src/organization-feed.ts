/**
 * Keeps what the brain and the engine know of the organizations equal to Postgres, which is the truth.
 *
 *   start ── from the local cache, at once ──> following ── Postgres answers ──> in step
 *
 * A change made through the API is live when `organizationChanged` resolves. Changes made elsewhere arrive by NOTIFY,
 * with the new version: one that is known, as after a change of our own, is not read again. Versions are compared every
 * few seconds besides, which also tells whether Postgres is there at all.
 */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import { toOrganizationOnEngine } from '@littlepbx/core/config/on-engine';
import type { Log, OrganizationCache, RateDeckCache } from '@littlepbx/core/ports';
import type { CallsOf, Publisher } from '@littlepbx/core/tenancy/administration';
import { emergencyNumbers } from '@littlepbx/core/tenancy/emergency';
import type { Organization, OrganizationId } from '@littlepbx/core/tenancy/organization';
import { listenForChanges, type OrganizationLoader } from '@littlepbx/data';
import type { DeviceRegistration, EngineDirectory, OrganizationOnEngine } from '@littlepbx/engine/directory';

export interface FeedOptions {
  loader: Pick<OrganizationLoader, 'loadOrganization' | 'loadOrganizations' | 'loadRateDeck' | 'versions'>;
  cache: OrganizationCache;
  registry: Pick<
    CallRegistry,
    'organizations' | 'spending' | 'hangUpDevice' | 'hangUpExtension' | 'hangUpOrganization'
  >;
  rateDecks: RateDeckCache;
  directory: Pick<EngineDirectory, 'publish' | 'replaceAll' | 'unregister'>;
  databaseUrl: string;
  log: Log;
  /** Messages of this extension's box came or went; null: whatever happened was not heard of. */
  onMessages?: (extensionId: string | null) => void;
  /** Some of the registry's organizations are new. */
  onTaken?: () => void;
  /** As `migrations/0016-live-events.sql` announces it; null: whatever happened was not heard of. */
  onLiveEvent?: (payload: string | null) => void;
  onSessionEnded?: (personId: string) => void;
}

/** Milliseconds. */
const COMPARE_EVERY = 2000;
/**
 * Postgres announces a change at the moment its commit returns. If it is one of our own, it is just being read for
 * `organizationChanged`; several in a row, of whomever, are one. Milliseconds.
 */
const SETTLE = 50;

/** When a contact is stored after its password was checked. Milliseconds. */
const CONTACT_STORED = [100, 1000];

/** Transports that a device which must use TLS may come by. */
const SECURE: readonly DeviceRegistration['transport'][] = ['tls', 'wss'];

export class OrganizationFeed implements Publisher {
  readonly #o: FeedOptions;
  #timer: NodeJS.Timeout | null = null;
  #stopListening: (() => Promise<void>) | null = null;
  #isStopped = false;
  #isInStep = false;
  #comparing: Promise<void> | null = null;
  /** Newest reading of each organization, while it lasts. */
  readonly #reading = new Map<OrganizationId, Promise<void>>();
  /** Highest version announced and not looked at yet; null: deleted. */
  readonly #announced = new Map<OrganizationId, number | null>();
  #settling: NodeJS.Timeout | null = null;
  #postgres: string | null = null;
  /** How often its file could not be written (the disk is full) since all of it was: the next comparison brings it up. */
  #engineFaults = 0;

  constructor(options: FeedOptions) {
    this.#o = options;
  }

  /** Version of Postgres; null: it was not there yet. */
  get postgres(): string | null {
    return this.#postgres;
  }

  /** Whether Postgres answered the last time it was asked. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /** What was known when the last brain ended, so that calls work while Postgres is away. */
  async fromCache(): Promise<void> {
    for (const [trunkId, deck] of this.#o.rateDecks.load()) this.#o.registry.spending.putDeck(trunkId, deck);
    const cached = this.#o.cache.load();
    for (const organization of cached) this.#o.registry.organizations.put(organization);
    this.#o.onTaken?.();
    if (cached.length === 0) return;
    // What it has is what the last brain gave it: no reason not to start.
    await this.#replaceAll(cached).catch((error: unknown) =>
      this.#o.log.warn('engine-not-brought-up', { error: String(error) }),
    );
  }

  /** Compares with Postgres now, and from then on every few seconds. */
  async start(): Promise<void> {
    await this.#compare();
    this.#stopListening = listenForChanges({
      url: this.#o.databaseUrl,
      onChange: (id, version) => this.#heard(id, version),
      onMessages: (extensionId) => this.#o.onMessages?.(extensionId),
      onLiveEvent: (payload) => this.#o.onLiveEvent?.(payload),
      onSessionEnded: (personId) => this.#o.onSessionEnded?.(personId),
      onListening: (postgres) => {
        this.#postgres = postgres;
        this.#o.onMessages?.(null);
        this.#o.onLiveEvent?.(null);
        void this.#compare();
      },
    });
    const again = () => {
      this.#timer = setTimeout(() => void this.#compare().finally(() => this.#isStopped || again()), COMPARE_EVERY);
    };
    again();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#settling) clearTimeout(this.#settling);
    await this.#stopListening?.();
  }

  async organizationChanged(id: OrganizationId): Promise<void> {
    const reading = this.#read(id);
    this.#reading.set(id, reading);
    try {
      await reading;
    } finally {
      if (this.#reading.get(id) === reading) this.#reading.delete(id);
    }
  }

  async #read(id: OrganizationId): Promise<void> {
    const organization = await this.#o.loader.loadOrganization(id);
    await this.#take(organization ? [organization] : [], organization ? [] : [id]);
  }

  callsEnded({ of, id }: CallsOf): void {
    const { registry } = this.#o;
    if (of === 'organization') registry.hangUpOrganization(id);
    else if (of === 'extension') registry.hangUpExtension(id, 'extension-suspended');
    else registry.hangUpDevice(id);
  }

  async devicesUnregistered(usernames: string[]): Promise<void> {
    await this.#forgetContacts(usernames);
  }

  async deviceSecured(username: string): Promise<void> {
    await this.#forgetContacts([username], SECURE);
  }

  /**
   * A device that must use TLS has shown its password another way: Asterisk's registrar knows no transport, so what it
   * took down is forgotten at once. Twice, because the engine tells of the password before it stores the contact.
   */
  deviceSeenInsecure(username: string): void {
    if (this.#o.registry.organizations.byDevice(username)?.device.transport !== 'tls') return;
    for (const delay of CONTACT_STORED) setTimeout(() => void this.deviceSecured(username), delay).unref();
  }

  /** With the engine away there is no contact that a call could reach, and its next start has the new settings. */
  async #forgetContacts(usernames: string[], keep?: typeof SECURE): Promise<void> {
    await this.#o.directory.unregister(usernames, keep).catch((error: unknown) => {
      this.#o.log.warn('contacts-not-removed', { usernames, error: String(error) });
    });
  }

  #heard(id: OrganizationId, version: number | null): void {
    if (this.#isStopped) return;
    const before = this.#announced.get(id);
    this.#announced.set(id, version === null || before === null ? null : Math.max(version, before ?? version));
    this.#settling ??= setTimeout(() => {
      this.#settling = null;
      const announced = [...this.#announced];
      this.#announced.clear();
      for (const [changed, to] of announced) void this.#catchUp(changed, to);
    }, SETTLE);
  }

  async #catchUp(id: OrganizationId, version: number | null): Promise<void> {
    await this.#reading.get(id)?.catch(() => {});
    const known = this.#o.registry.organizations.get(id)?.version ?? null;
    if (version === null ? known === null : known !== null && known >= version) return;
    await this.organizationChanged(id).catch((error: unknown) => {
      this.#o.log.warn('change-not-read', { organization: id, error: String(error) });
    });
  }

  #compare(): Promise<void> {
    this.#comparing ??= this.#compareNow()
      .catch((error: unknown) => {
        if (this.#isInStep) this.#o.log.warn('database-lost', { error: String(error) });
        this.#isInStep = false;
      })
      .finally(() => {
        this.#comparing = null;
      });
    return this.#comparing;
  }

  async #compareNow(): Promise<void> {
    const { loader, registry, log } = this.#o;
    const versions = await loader.versions();
    if (!this.#isInStep) log.info('database-connected', { organizations: versions.size });
    this.#isInStep = true;
    const known = new Map(registry.organizations.all().map((o) => [o.id, o.version]));
    const changed = [...versions].filter(([id, version]) => known.get(id) !== version).map(([id]) => id);
    const removed = [...known.keys()].filter((id) => !versions.has(id));
    if (changed.length === 0 && removed.length === 0 && this.#engineFaults === 0) return;
    const loaded = await loader.loadOrganizations(changed);
    await this.#take(loaded, removed).catch((error: unknown) => {
      if (this.#engineFaults === 0) throw error;
      // That is no fault of the database.
      log.warn('engine-not-brought-up', { error: String(error) });
    });
  }

  /** Read only when they are new: a deck may be long, and an organization is read at each change of it. */
  async #takeDecks({ id, trunks, rateDecks }: Organization): Promise<void> {
    const { spending } = this.#o.registry;
    for (const { trunkId, version } of rateDecks) {
      if (spending.deckOf(trunkId)?.version === version) continue;
      const deck = await this.#o.loader.loadRateDeck(id, trunkId);
      spending.putDeck(trunkId, deck);
      if (deck) this.#o.rateDecks.save(trunkId, deck);
    }
    for (const trunk of trunks) {
      if (!spending.deckOf(trunk.id) || rateDecks.some((named) => named.trunkId === trunk.id)) continue;
      spending.putDeck(trunk.id, null);
      this.#o.rateDecks.remove(trunk.id);
    }
  }

  async #replaceAll(organizations: Organization[]): Promise<void> {
    const known = this.#engineFaults;
    await this.#tell(this.#o.directory.replaceAll(organizations.map(onEngine)));
    // One that failed meanwhile may have been newer than what was just written.
    if (this.#engineFaults === known) this.#engineFaults = 0;
  }

  async #tell(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
      this.#engineFaults++;
      throw error;
    });
  }

  async #take(loaded: Organization[], removed: OrganizationId[]): Promise<void> {
    const { registry, cache, directory, log } = this.#o;
    // Two changes close together may be read in either order; the higher version is the later one.
    const newer = loaded.filter((o) => o.version > (registry.organizations.get(o.id)?.version ?? -1));
    for (const organization of newer) {
      await this.#takeDecks(organization);
      registry.organizations.put(organization);
    }
    for (const id of removed) registry.organizations.remove(id);
    this.#o.onTaken?.();
    if (removed.length || this.#engineFaults > 0) await this.#replaceAll(registry.organizations.all());
    else if (newer.length) await this.#tell(directory.publish(newer.map(onEngine)));
    try {
      if (newer.length) cache.save(newer);
      if (removed.length) cache.remove(removed);
    } catch (error) {
      // A full disk: the change is in effect, and only a start without Postgres would miss it.
      log.warn('organizations-not-cached', { error: String(error) });
    }
  }
}

function onEngine(organization: Organization): OrganizationOnEngine {
  return toOrganizationOnEngine(organization, emergencyNumbers(organization.country));
}
