/**
 * What stands against single organizations: storage, spending limits, phones and extensions that were suspended by
 * themselves. Each look says what stands now; what does not is over. Spending and suspensions are told by the calls at
 * once (`spending-alerts.ts`), and found here again after a start.
 */
import type { AlertBook } from '@littlepbx/core/alerts/alert-book';
import type { AlertKind, Facts } from '@littlepbx/core/alerts/kinds';
import type { Thresholds } from '@littlepbx/core/alerts/settings';
import type { CallRegistry } from '@littlepbx/core/call/registry';
import { extensionById } from '@littlepbx/core/call/routing';
import type { Files } from '@littlepbx/core/files/files';
import { capName } from '@littlepbx/core/spending/account';
import type { Organization, OrganizationId, Suspension } from '@littlepbx/core/tenancy/organization';

export interface OrganizationSources {
  alerts: Pick<AlertBook, 'raise' | 'resolve' | 'subjects'>;
  registry: {
    organizations: Pick<CallRegistry['organizations'], 'all'>;
    spending: Pick<CallRegistry['spending'], 'near'>;
    isSuspending: CallRegistry['isSuspending'];
  };
  files: Pick<Files, 'room'> & { used(id: OrganizationId): number };
}

/** Storage is full when a message of this length has no room. Milliseconds. */
const NO_ROOM = 60_000;

export class OrganizationWatch {
  readonly #o: OrganizationSources;

  constructor(o: OrganizationSources) {
    this.#o = o;
  }

  look({ storageUsedPercent, spendLimitPercent }: Thresholds): void {
    const { registry, files } = this.#o;
    const stands = new Standing(this.#o.alerts);
    for (const organization of registry.organizations.all()) {
      this.#spending(stands, organization, spendLimitPercent);
      suspensions(stands, organization);
      // None at all is the operator's will, and no news.
      const { storageBytes } = organization.limits;
      if (storageBytes === 0) continue;
      const usedPercent = Math.floor((100 * files.used(organization.id)) / storageBytes);
      if (usedPercent >= storageUsedPercent) stands.is('storage-low', organization.id, organization, { usedPercent });
      if (files.room(organization) < NO_ROOM) stands.is('storage-full', organization.id, organization, { usedPercent });
    }
    for (const kind of ['storage-low', 'storage-full', 'spend-limit-near', 'spend-limit-reached'] as const) {
      stands.othersAreOver(kind);
    }
    for (const kind of ['device-suspended', 'extension-suspended'] as const) {
      stands.othersAreOver(kind, (subject) => !registry.isSuspending(subject));
    }
  }

  #spending(stands: Standing, organization: Organization, percent: number): void {
    const { registry, alerts } = this.#o;
    const reached = alerts.subjects('spend-limit-reached');
    for (const { cap, extensionId, usedPercent } of registry.spending.near(organization, percent)) {
      const subject = capName(extensionId ?? organization.id, cap);
      const facts = { ...numbered(organization, extensionId), cap: cap.id, usedPercent: Math.floor(usedPercent) };
      // It was reached when the next minute did not fit any more, and stays so until much of it is free again.
      if (usedPercent < 100 && !reached.includes(subject)) {
        stands.is('spend-limit-near', subject, organization, facts);
        continue;
      }
      stands.is('spend-limit-reached', subject, organization, facts);
      stands.stays('spend-limit-near', subject);
    }
  }
}

function suspensions(stands: Standing, organization: Organization): void {
  const isOurs = (suspension: Suspension | null | undefined) => suspension?.by === 'system';
  for (const { username, extensionId, suspension } of organization.devices) {
    if (!isOurs(suspension)) continue;
    const facts = { ...numbered(organization, extensionId), reason: suspension!.reason };
    stands.is('device-suspended', username, organization, facts);
  }
  for (const { extensionId, suspension } of organization.controls) {
    if (!isOurs(suspension)) continue;
    const facts = { ...numbered(organization, extensionId), reason: suspension!.reason };
    stands.is('extension-suspended', extensionId, organization, facts);
  }
}

function numbered(organization: Organization, extensionId: string | null): { extension?: string } {
  const extension = extensionId === null ? null : extensionById(organization, extensionId);
  return extension ? { extension: extension.number } : {};
}

/** What one look found. */
class Standing {
  readonly #alerts: OrganizationSources['alerts'];
  readonly #found = new Map<AlertKind, Set<string>>();

  constructor(alerts: OrganizationSources['alerts']) {
    this.#alerts = alerts;
  }

  /** If it stands, it goes on. */
  stays(kind: AlertKind, subject: string): void {
    this.#found.set(kind, (this.#found.get(kind) ?? new Set()).add(subject));
  }

  is(kind: AlertKind, subject: string, { id, slug }: Organization, facts: Facts): void {
    this.stays(kind, subject);
    this.#alerts.raise(kind, { organization: slug, ...facts }, { subject, organizationId: id });
  }

  othersAreOver(kind: AlertKind, isOver: (subject: string) => boolean = () => true): void {
    for (const subject of this.#alerts.subjects(kind)) {
      if (!this.#found.get(kind)?.has(subject) && isOver(subject)) this.#alerts.resolve(kind, { subject });
    }
  }
}
