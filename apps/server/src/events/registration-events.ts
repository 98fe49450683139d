/**
 * Registrations of devices and trunks as live events, and how devices answer: compared every other second while somebody
 * listens. Not at all otherwise, since the engine has to be asked.
 */
import type { Clock } from '@littlepbx/core/ports';
import type { Organization, OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { TrunkRegistration } from '@littlepbx/engine/directory';
import type { Live, SeenRegistration } from '../http/live.ts';
import type { EventHub } from './hub.ts';

/** Milliseconds. */
const LOOK_EVERY = 2_000;

export interface RegistrationSources {
  hub: EventHub;
  live: Pick<Live, 'registrations' | 'trunkStates' | 'look'>;
  organization(id: OrganizationId): Pick<Organization, 'devices' | 'trunks'> | null;
  clock: Clock;
}

interface Seen {
  devices: Map<string, SeenRegistration>;
  trunks: Map<string, TrunkRegistration['state']>;
}

export class RegistrationEvents {
  readonly #o: RegistrationSources;
  /** By organization; of those that are heard. */
  #seen = new Map<OrganizationId, Seen>();
  #cancel: (() => void) | null = null;
  #isLooking = false;
  #isWanted = false;
  #isStopped = false;

  constructor(sources: RegistrationSources) {
    this.#o = sources;
    sources.hub.onHeard = () => void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  /** The first look tells nothing: it is what the listener reads by itself. */
  async #look(): Promise<void> {
    this.#isWanted = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#cancel?.();
    while (this.#isWanted) {
      this.#isWanted = false;
      // The engine is away: what is the same afterwards did not change.
      await this.#compare().catch(() => {});
    }
    this.#isLooking = false;
    if (this.#isStopped || this.#o.hub.registrationsHeard().length === 0) this.#seen.clear();
    else this.#cancel = this.#o.clock.after(LOOK_EVERY, () => void this.#look());
  }

  async #compare(): Promise<void> {
    const { hub, live, organization } = this.#o;
    const [devices, trunks] = await Promise.all([live.registrations(), live.trunkStates()]);
    const now = new Map<OrganizationId, Seen>();
    for (const id of hub.registrationsHeard()) {
      const known = organization(id);
      if (!known) continue;
      const seen: Seen = { devices: new Map(), trunks: new Map() };
      for (const { username } of known.devices) {
        const registration = devices.get(username);
        if (registration) seen.devices.set(username, registration);
      }
      for (const trunk of known.trunks) {
        const state = trunks.get(trunk.id)?.state;
        if (state) seen.trunks.set(trunk.id, state);
      }
      now.set(id, seen);
      if (hub.isLookedAt(id)) live.look(id, seen.devices.values());
      const before = this.#seen.get(id);
      if (before) this.#tell(id, before, seen);
    }
    this.#seen = now;
  }

  #tell(id: OrganizationId, before: Seen, now: Seen): void {
    const { hub } = this.#o;
    for (const [username, { username: _, ...registration }] of now.devices) {
      const was = before.devices.get(username);
      const { address, transport, userAgent, roundTrip, isSilent } = registration;
      // A renewal is no news.
      if (was?.address !== address || was.transport !== transport || was.userAgent !== userAgent) {
        hub.publish(id, { type: 'device-registered', username, registration });
      } else if (was.roundTrip !== roundTrip || was.isSilent !== isSilent) {
        hub.publish(id, { type: 'device-round-trip', username, roundTrip, isSilent });
      }
    }
    for (const username of before.devices.keys()) {
      if (!now.devices.has(username)) hub.publish(id, { type: 'device-unregistered', username });
    }
    for (const [trunkId, state] of now.trunks) {
      if (before.trunks.get(trunkId) !== state) hub.publish(id, { type: 'trunk-registration', trunkId, state });
    }
  }
}
