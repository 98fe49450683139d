/**
 * Keeps what the brain and the engine know of the organizations equal to Postgres, which is the truth.
 *
 *   start ── from the local cache, at once ──> following ── Postgres answers ──> in step
 *
 * A change made through the API is live when `organizationChanged` resolves. Changes made elsewhere arrive by NOTIFY;
 * versions are compared every few seconds besides, which also tells whether Postgres is there at all.
 */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import { toOrganizationOnEngine } from '@littlepbx/core/config/on-engine';
import type { Log, OrganizationCache } from '@littlepbx/core/ports';
import type { Publisher } from '@littlepbx/core/tenancy/administration';
import { emergencyNumbers } from '@littlepbx/core/tenancy/emergency';
import type { Organization, OrganizationId } from '@littlepbx/core/tenancy/organization';
import { listenForChanges, type OrganizationLoader } from '@littlepbx/data';
import type { EngineDirectory, OrganizationOnEngine } from '@littlepbx/engine/directory';

export interface FeedOptions {
  loader: OrganizationLoader;
  cache: OrganizationCache;
  registry: CallRegistry;
  directory: EngineDirectory;
  databaseUrl: string;
  log: Log;
}

/** Milliseconds. */
const COMPARE_EVERY = 2000;

export class OrganizationFeed implements Publisher {
  readonly #o: FeedOptions;
  #timer: NodeJS.Timeout | null = null;
  #stopListening: (() => Promise<void>) | null = null;
  #isStopped = false;
  #isInStep = false;
  #comparing: Promise<void> | null = null;

  constructor(options: FeedOptions) {
    this.#o = options;
  }

  /** Whether Postgres answered the last time it was asked. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /** What was known when the last brain ended, so that calls work while Postgres is away. */
  async fromCache(): Promise<void> {
    const cached = this.#o.cache.load();
    for (const organization of cached) this.#o.registry.organizations.put(organization);
    if (cached.length) await this.#o.directory.replaceAll(cached.map(onEngine));
  }

  /** Compares with Postgres now, and from then on every few seconds. */
  async start(): Promise<void> {
    await this.#compare();
    this.#stopListening = listenForChanges({
      url: this.#o.databaseUrl,
      onChange: (id) => void this.#changedElsewhere(id),
      onListening: () => void this.#compare(),
    });
    const again = () => {
      this.#timer = setTimeout(() => void this.#compare().finally(() => this.#isStopped || again()), COMPARE_EVERY);
    };
    again();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#stopListening?.();
  }

  async organizationChanged(id: OrganizationId): Promise<void> {
    const organization = await this.#o.loader.loadOrganization(id);
    await this.#take(organization ? [organization] : [], organization ? [] : [id]);
  }

  async deviceRevoked(username: string): Promise<void> {
    this.#o.registry.hangUpDevice(username);
    // With the engine away there is no contact that a call could reach, and its next start has the new password.
    await this.#o.directory.unregister(username).catch((error: unknown) => {
      this.#o.log.warn('contact-not-removed', { username, error: String(error) });
    });
  }

  /** Also heard for one's own changes; then the version is known already and nothing follows. */
  async #changedElsewhere(id: OrganizationId): Promise<void> {
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
    if (changed.length || removed.length) await this.#take(await loader.loadOrganizations(changed), removed);
  }

  async #take(loaded: Organization[], removed: OrganizationId[]): Promise<void> {
    const { registry, cache, directory } = this.#o;
    // Two changes close together may be read in either order; the higher version is the later one.
    const newer = loaded.filter((o) => o.version > (registry.organizations.get(o.id)?.version ?? -1));
    for (const organization of newer) registry.organizations.put(organization);
    for (const id of removed) registry.organizations.remove(id);
    if (removed.length) await directory.replaceAll(registry.organizations.all().map(onEngine));
    else if (newer.length) await directory.publish(newer.map(onEngine));
    if (newer.length) cache.save(newer);
    if (removed.length) cache.remove(removed);
  }
}

function onEngine(organization: Organization): OrganizationOnEngine {
  return toOrganizationOnEngine(organization, emergencyNumbers(organization.country));
}
