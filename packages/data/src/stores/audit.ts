import type { AuditChanges, AuditEntry } from '@littlepbx/core/tenancy/audit-entry';
import type { AuditStore } from '@littlepbx/core/tenancy/stores';
import { type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';

/** Columns are told by the names that the API has for them. */
const camel = (column: string): string => column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function entryOf(row: Selectable<Database['audit']>): AuditEntry {
  return {
    id: row.id,
    at: row.at.getTime(),
    organizationId: row.organization_id,
    author: {
      kind: row.author_kind,
      id: row.author_id,
      name: row.author_name,
      address: row.address,
      requestId: row.request_id,
      operation: row.operation,
    },
    action: row.action,
    resource: row.resource,
    resourceId: row.resource_id,
    label: row.label,
    changes: Object.fromEntries(Object.entries(row.changes as AuditChanges).map(([name, c]) => [camel(name), c])),
  };
}

export function auditStore(trx: Transaction): AuditStore {
  return {
    async list(organizationId, filter, { after, limit }) {
      let query = trx.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit);
      if (organizationId !== null) query = query.where('organization_id', '=', organizationId);
      if (filter.author !== undefined) query = query.where('author_id', '=', filter.author);
      if (filter.action !== undefined) query = query.where('action', '=', filter.action);
      if (filter.resource !== undefined) query = query.where('resource', '=', filter.resource);
      if (filter.resourceId !== undefined) query = query.where('resource_id', '=', filter.resourceId);
      if (filter.since !== undefined) query = query.where('at', '>=', new Date(filter.since));
      if (filter.until !== undefined) query = query.where('at', '<', new Date(filter.until));
      if (after !== null) query = query.where('id', '<', Number(after));
      return (await query.execute()).map(entryOf);
    },
    async lastTouched(organizationId, things) {
      const [resources, ids] = [things.map((t) => t.resource), things.map((t) => t.resourceId)];
      const fields = things.map(({ field }) => field?.split('.') ?? []);
      const columns = fields.map(([column]) => (column === undefined ? null : snake(column)));
      // As Postgres writes an array in a text; names of fields need no quotes.
      const paths = fields.map(([, ...within]) => `{${within.join(',')}}`);
      const isOwner = organizationId === null ? sql`organization_id IS NULL` : sql`organization_id = ${organizationId}`;
      const { rows } = await sql<
        Pick<
          Selectable<Database['audit']>,
          'resource' | 'resource_id' | 'at' | 'author_kind' | 'author_id' | 'author_name'
        >
      >`SELECT a.resource, a.resource_id, a.at, a.author_kind, a.author_id, a.author_name
        FROM unnest(${resources}::text[], ${ids}::text[], ${columns}::text[], ${paths}::text[])
          AS thing (resource, id, changed, path)
        CROSS JOIN LATERAL (
          SELECT * FROM audit WHERE ${isOwner} AND resource = thing.resource
            AND resource_id = thing.id AND (thing.changed IS NULL OR changes ? thing.changed)
            AND (thing.path = '{}' OR (changes -> thing.changed -> 'before' #> thing.path::text[])
              IS DISTINCT FROM (changes -> thing.changed -> 'after' #> thing.path::text[]))
          ORDER BY audit.id DESC LIMIT 1
        ) AS a`.execute(trx);
      return rows.map((row) => ({
        resource: row.resource,
        resourceId: row.resource_id,
        at: row.at.getTime(),
        author: { kind: row.author_kind, id: row.author_id, name: row.author_name },
      }));
    },
    async note(organizationId, { action, resource, resourceId, label, changes }) {
      await sql`SELECT audit_note(${organizationId}::uuid, ${action}::text, ${resource}::text, ${resourceId}::text,
        ${label ?? null}::text, ${JSON.stringify(changes ?? {})}::jsonb)`.execute(trx);
    },
  };
}
