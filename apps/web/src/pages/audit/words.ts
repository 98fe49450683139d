/** What the log's words are called. Words that came later than this page are shown as the server writes them. */
import type { AuditEntryAnswer } from '@littlepbx/contract';
import audit from '../../locales/en/audit.json';

export type Resource = keyof typeof audit.resources;
export type Action = keyof typeof audit.actions;
export type Field = keyof typeof audit.fields;

export const RESOURCES = Object.keys(audit.resources) as Resource[];
export const ACTIONS = Object.keys(audit.actions) as Action[];

export const isResource = (name: string): name is Resource => name in audit.resources;
export const isAction = (name: string): name is Action => name in audit.actions;
export const isField = (name: string): name is Field => name in audit.fields;

/** The word of a field that has one of a few values; null: it has any, or one that came later than this page. */
export function enumWordOf(field: string, value: string): `enums.${string}` | null {
  const words: Record<string, Record<string, string>> = audit.enums;
  return words[field]?.[value] === undefined ? null : `enums.${field}.${value}`;
}

/** `ring_time_in_s` of the database, `ringTimeInS` of the API: one word here. */
export const fieldOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

/** Fields that tell people nothing: ids of what is named beside them, versions, digests. */
const UNTOLD =
  /^(id|version|key_id|updated_at|changed_at|current_revision|digest_sha256|secret_sha256|token_sha256|.*_version)$/;

/** Changes one by one; what has parts, as limits have, part by part. */
export function changesOf({ changes }: Pick<AuditEntryAnswer, 'changes'>): Change[] {
  return Object.entries(changes).flatMap(([name, { before, after }]) => {
    const field = fieldOf(name);
    if (UNTOLD.test(field)) return [];
    return isParted(before) || isParted(after) ? partsOf(field, before, after) : [{ field, before, after }];
  });
}

const isParted = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function partsOf(field: string, before: unknown, after: unknown): Change[] {
  const [was, is] = [isParted(before) ? before : {}, isParted(after) ? after : {}];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) => {
    const [a, b] = [was[name] ?? null, is[name] ?? null];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    const part = fieldOf(name);
    return isParted(a) || isParted(b)
      ? partsOf(part, a, b)
      : [{ field: field === part ? field : part, before: a, after: b }];
  });
}
