/** Reading the audit log, and noting acts that change no table. What changes one is noted by the database itself. */
import { type Access, KEY_PATTERN, ok, pageOf } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { AuditEntry } from './audit-entry.ts';

/** An organization sees what the operator did to it, but not from where. */
function view(actor: Actor, entry: AuditEntry): AuditEntry {
  if (actor.organizationId === null || entry.author.kind === 'key' || entry.author.kind === 'person') return entry;
  return { ...entry, author: { ...entry.author, address: null, requestId: null } };
}

export function auditUseCases(access: Access): Pick<Administration, 'listAudit' | 'noteAct'> {
  return {
    listAudit: (actor, org, filter, page) =>
      org === null
        ? access.asOperator(actor, 'audit:read', (stores) =>
            pageOf(
              page,
              KEY_PATTERN.sequence,
              (slice) => stores.audit.list(null, filter, slice),
              (entry) => String(entry.id),
              (rows) => rows,
            ),
          )
        : access.inOrganization(actor, org, { scope: 'audit:read' }, (stores, row) =>
            pageOf(
              page,
              KEY_PATTERN.sequence,
              (slice) => stores.audit.list(row.id, filter, slice),
              (entry) => String(entry.id),
              (rows) => rows.map((entry) => view(actor, entry)),
            ),
          ),

    noteAct: async (actor, org, act) => {
      if (org === null) {
        return access.asOperator(actor, 'system:write', async (stores) => {
          await stores.audit.note(null, act);
          return ok(null);
        });
      }
      return access.inOrganization(actor, org, { scope: null, forUsers: true }, async (stores, row) => {
        await stores.audit.note(row.id, act);
        return ok(null);
      });
    },
  };
}
