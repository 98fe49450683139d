/**
 * Plugs the protection in: what the engine reports, where carriers are, and the file by which the host's firewall learns
 * who is banned.
 */
import { lookup } from 'node:dns/promises';
import { rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Log } from '@littlepbx/core/ports';
import type { Enforcer, Protection } from '@littlepbx/core/protection/protection';
import type { Organization } from '@littlepbx/core/tenancy/organization';
import type { EngineDirectory } from '@littlepbx/engine/directory';
import type { SecurityEvents } from '@littlepbx/engine/security';

/** Milliseconds. */
const RESOLVE_EVERY = 60_000;

/** Carriers' addresses: those that trunks list, those of their hosts, and what the hosts' names were last found to be. */
export class CarrierAddresses {
  readonly #organizations: () => Organization[];
  #byName = new Map<string, string[]>();
  #timer: NodeJS.Timeout | null = null;

  constructor(organizations: () => Organization[]) {
    this.#organizations = organizations;
  }

  *all(): Iterable<string> {
    for (const { trunks } of this.#organizations()) {
      for (const trunk of trunks) {
        yield* trunk.addresses;
        for (const host of hostsOf(trunk)) {
          if (isIP(host)) yield host;
          else yield* this.#byName.get(host) ?? [];
        }
      }
    }
  }

  /** Looks the names up now, and every minute. */
  start(): void {
    const again = () => {
      this.#timer = setTimeout(() => void this.#resolve().finally(again), RESOLVE_EVERY);
    };
    void this.#resolve().finally(again);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** One after the other, in the background; a name that is not found now keeps what it was found to be. */
  async #resolve(): Promise<void> {
    const trunks = this.#organizations().flatMap((o) => o.trunks);
    const names = new Set(trunks.flatMap(hostsOf).filter((host) => isIP(host) === 0));
    const found = new Map<string, string[]>();
    for (const name of names) {
      const addresses = await lookup(name, { all: true }).catch(() => null);
      found.set(name, addresses?.map((a) => a.address) ?? this.#byName.get(name) ?? []);
    }
    this.#byName = found;
  }
}

function hostsOf({ host, outboundProxy }: Organization['trunks'][number]): string[] {
  const bare = (text: string) =>
    text
      .replace(/^sip:/, '')
      .replace(/^\[([^\]]+)\].*$/, '$1')
      .replace(/^([^:]+):\d+$/, '$1');
  return outboundProxy ? [bare(host), bare(outboundProxy)] : [bare(host)];
}

/** Writes the whole state for the host's firewall; changes during a write are written together after it. */
export function fileEnforcer(path: string, log: Log): Enforcer {
  let wanted: string | null = null;
  let isWriting = false;
  const write = async () => {
    isWriting = true;
    while (wanted !== null) {
      const text = wanted;
      wanted = null;
      try {
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch (error) {
        log.error('bans-not-written', { error: String(error) });
      }
    }
    isWriting = false;
  };
  return {
    enforce(state) {
      wanted = JSON.stringify(state);
      if (!isWriting) void write();
    },
  };
}

/** The engine refuses banned addresses itself, by an access list. */
export function engineEnforcer(directory: Pick<EngineDirectory, 'block'>, log: Log): Enforcer {
  return {
    enforce({ banned }) {
      directory.block(banned.map((b) => b.network)).catch((error: unknown) => {
        log.error('bans-not-written', { error: String(error) });
      });
    },
  };
}

/**
 * Failed and good authentications of phones.
 * @param insecure called when a device that must use TLS has authenticated without
 */
export function watchEngine(
  events: SecurityEvents,
  protection: Protection,
  directory: Pick<EngineDirectory, 'deviceRegistrations'>,
  log: Log,
  insecure: (username: string) => void,
): void {
  events.onEvent(({ failure, account, address, transport, isProven }) => {
    if (failure === null) {
      protection.succeeded('sip', address, account);
      if (transport === 'udp' || transport === 'tcp') insecure(account);
    } else {
      protection.failed({ service: 'sip', address, account: account || null, reason: failure, isProven });
    }
  });
  // Who registered before we listened.
  events.onConnected(() => {
    directory.deviceRegistrations().then(
      (all) => {
        for (const { username, address } of all) {
          protection.succeeded('sip', address.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''), username);
        }
      },
      (error: unknown) => log.warn('registrations-unknown', { error: String(error) }),
    );
  });
}
