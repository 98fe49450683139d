/**
 * Organizations as the brain needs them, in one statement for any number of them: a single snapshot, so that nothing
 * committed in between can mix old devices with a new revision, and one round trip, since reading one organization
 * stands between a change and its effect.
 */

import { EMPTY_CONTENT } from '@littlepbx/core/config/diff';
import { RateDeck } from '@littlepbx/core/spending/rates';
import type {
  Device,
  Organization,
  OrganizationId,
  RevisionContent,
  Trunk,
} from '@littlepbx/core/tenancy/organization';
import { sql } from 'kysely';
import type { Cipher } from './cipher.ts';
import { rateStore } from './stores/rates.ts';
import { appliedContent } from './stores/revisions.ts';
import type { TenantDb, Transaction } from './tenant-db.ts';

/** Reading everything at a start may take longer than a request would wait. Milliseconds. */
const TIMEOUT = 15_000;

type OrganizationRecord = Omit<Organization, 'revision' | 'trunks'> & {
  currentRevision: number;
  content: RevisionContent | null;
  devices: Device[];
  /** Passwords as base64 of what is stored. */
  trunks: Trunk[];
};

export class OrganizationLoader {
  readonly #db: TenantDb;
  readonly #cipher: Cipher;

  constructor(db: TenantDb, cipher: Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  /**
   * @param ids all when left out; those that are not there are missing from the answer
   * @throws StoreUnavailable
   */
  async loadOrganizations(ids?: OrganizationId[]): Promise<Organization[]> {
    if (ids?.length === 0) return [];
    return this.#db.asOperator((trx) => this.#load(trx, ids), TIMEOUT);
  }

  /** Null when it was deleted. */
  async loadOrganization(id: OrganizationId): Promise<Organization | null> {
    return (await this.#db.withOrganization(id, (trx) => this.#load(trx, [id])))[0] ?? null;
  }

  /** Null when the trunk has none. */
  async loadRateDeck(organizationId: OrganizationId, trunkId: string): Promise<RateDeck | null> {
    const deck = await this.#db.withOrganization(organizationId, (trx) => rateStore(trx).get(organizationId, trunkId));
    return deck && new RateDeck(deck.version, deck.currency, deck.rates);
  }

  /** Versions of all, to see what was missed while nobody listened. */
  async versions(): Promise<Map<OrganizationId, number>> {
    const rows = await this.#db.asOperator((trx) =>
      trx.selectFrom('organization').select(['id', 'version']).where('deleted_at', 'is', null).execute(),
    );
    return new Map(rows.map((row) => [row.id, row.version]));
  }

  async #load(trx: Transaction, ids: OrganizationId[] | undefined): Promise<Organization[]> {
    const { rows } = await sql<OrganizationRecord>`
      SELECT o.id, o.slug, o.name, o.country, o.is_suspended AS "isSuspended",
        o.time_zone AS "timeZone", o.language,
        json_build_object('concurrentCalls', o.concurrent_calls, 'callsPerSecond', o.calls_per_second,
          'minutesPerHour', o.minutes_per_hour, 'minutesPerDay', o.minutes_per_day,
          'moneyPerHour', o.money_per_hour, 'moneyPerDay', o.money_per_day,
          'storageBytes', o.storage_bytes, 'offHours', o.off_hours, 'anomaly', o.anomaly) AS limits,
        (SELECT coalesce(json_agg(json_build_object(
            'extensionId', c.extension_id, 'limits', c.limits, 'suspension', c.suspension)), '[]')
          FROM extension_control c WHERE c.organization_id = o.id) AS controls,
        (SELECT coalesce(json_agg(json_build_object('trunkId', k.trunk_id, 'version', k.version)), '[]')
          FROM rate_deck k WHERE k.organization_id = o.id) AS "rateDecks",
        o.allowed_countries AS "allowedCountries", o.default_number AS "defaultNumber",
        o.current_revision AS "currentRevision", o.version, r.content,
        EXISTS (SELECT FROM file f WHERE f.organization_id = o.id AND f.kind = 'music') AS "hasMusic",
        ARRAY(SELECT n.e164 FROM number n WHERE n.organization_id = o.id ORDER BY n.e164) AS numbers,
        (SELECT coalesce(json_agg(json_build_object(
            'username', d.username, 'extensionId', d.extension_id, 'name', d.name, 'transport', d.transport,
            'digest', d.digest, 'suspension', d.suspension, 'digestMd5', d.digest_md5, 'digestSha256', d.digest_sha256) ORDER BY d.username), '[]')
          FROM device d WHERE d.organization_id = o.id) AS devices,
        (SELECT coalesce(json_agg(json_build_object(
            'id', t.id, 'name', t.name, 'isInbound', t.is_inbound, 'isOutbound', t.is_outbound, 'host', t.host,
            'port', t.port, 'transport', t.transport, 'register', t.register, 'username', t.username,
            'authUsername', t.auth_username, 'password', encode(t.password_encrypted, 'base64'),
            'outboundProxy', t.outbound_proxy, 'fromUser', t.from_user, 'fromDomain', t.from_domain,
            'verifyCertificate', t.verify_certificate, 'certificateAuthority', t.certificate_authority,
            'codecs', t.codecs, 'addresses', t.addresses) ORDER BY t.id), '[]')
          FROM trunk t WHERE t.organization_id = o.id) AS trunks,
        (SELECT coalesce(json_agg(json_build_object(
            'extensionId', b.extension_id, 'greeting', b.greeting_id, 'maxMessageInS', b.max_message_in_s)
            ORDER BY b.extension_id), '[]')
          FROM voicemail_box b WHERE b.organization_id = o.id) AS boxes
      FROM organization o
      LEFT JOIN revision r ON r.organization_id = o.id AND r.number = o.current_revision
      WHERE o.deleted_at IS NULL AND ${ids === undefined ? sql`true` : sql`o.id = ANY(${ids}::uuid[])`}
      ORDER BY o.slug`.execute(trx);
    return rows.map(({ currentRevision, content, trunks, ...organization }) => ({
      ...organization,
      revision: {
        number: currentRevision,
        content: content ? appliedContent(content) : EMPTY_CONTENT,
      },
      trunks: trunks.map((trunk) => ({
        ...trunk,
        password: trunk.password && this.#cipher.decrypt(trunk.id, Buffer.from(trunk.password, 'base64')),
      })),
    }));
  }
}
