/** What a key may do, as people read it: of each kind of thing nothing, looking, or changing. */
import type { Scope } from '@littlepbx/contract';

export type Kind = Scope extends `${infer Name}:${string}` ? Name : never;
export type Level = 'none' | 'read' | 'write';
export type Levels = Partial<Record<Kind, Level>>;

/** In the order in which they are shown, and how far each can go. */
const KINDS = {
  extensions: 'write',
  devices: 'write',
  numbers: 'write',
  revisions: 'write',
  calls: 'write',
  voicemail: 'write',
  files: 'write',
  organizations: 'write',
  trunks: 'write',
  keys: 'write',
  users: 'write',
  webhooks: 'write',
  audit: 'read',
  system: 'write',
  bans: 'write',
} as const satisfies Record<Kind, Level>;

/** Those that only the operator's own keys have. */
const OF_OPERATOR: ReadonlySet<Kind> = new Set(['system', 'bans']);

/** How far a new key can go. @param may what whoever makes it may do: no key can do more */
export function most(isOfOperator: boolean, may: (scope: Scope) => boolean): [Kind, Level][] {
  return Object.entries(KINDS).flatMap(([name, level]): [Kind, Level][] => {
    const kind = name as Kind;
    if (OF_OPERATOR.has(kind) && !isOfOperator) return [];
    const canWrite = level === 'write' && (isOfOperator || kind !== 'trunks') && may(`${kind}:write` as Scope);
    if (canWrite) return [[kind, 'write']];
    return may(`${kind}:read` as Scope) ? [[kind, 'read']] : [];
  });
}

export function levelsOf(scopes: readonly Scope[]): Levels {
  const levels: Levels = {};
  for (const scope of scopes) {
    const [kind, level] = scope.split(':') as [Kind, Level];
    if (levels[kind] !== 'write') levels[kind] = level;
  }
  return levels;
}

/** `write` implies `read`. */
export function scopesOf(levels: Levels): Scope[] {
  return Object.entries(levels)
    .filter(([, level]) => level !== 'none')
    .map(([kind, level]) => `${kind}:${level}` as Scope);
}
