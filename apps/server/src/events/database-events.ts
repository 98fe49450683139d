/**
 * What Postgres announces of committed changes (`migrations/0016-live-events.sql`), as live events. Announcements of
 * organizations that nobody listens to are not even parsed. An import announces each of its thousand rows: more than a few
 * of the same kind at once become one event that names none.
 */
import type { Happening } from '@littlepbx/contract';
import type { Clock } from '@littlepbx/core/ports';
import type { EventHub } from './hub.ts';

type Changed = Extract<Happening, { type: 'changed' }>;

/** As the triggers write it. */
type Announcement =
  | ({ what: 'changed' } & Omit<Changed, 'type'>)
  | { what: 'voicemail'; extensionId: string; messageId: string; action: 'arrived' | 'changed' | 'deleted' };

/** Postgres announces all of a transaction at once. Milliseconds. */
const SETTLE = 10;
const NAMED = 20;
const UUID_LENGTH = 36;

export class DatabaseEvents {
  readonly #hub: EventHub;
  readonly #clock: Clock;
  #waiting = new Map<string, { organizationId: string; happenings: Happening[] }>();
  #isSettling = false;

  constructor(hub: EventHub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
  }

  /** @param payload UUID of the organization, and JSON */
  heard(payload: string): void {
    const organizationId = payload.slice(0, UUID_LENGTH);
    if (!this.#hub.isHeard(organizationId)) return;
    const happening = happeningOf(JSON.parse(payload.slice(UUID_LENGTH)) as Announcement);
    if (happening.type === 'changed') this.#actorChanged(organizationId, happening);
    const kind =
      happening.type === 'changed'
        ? `${organizationId} ${happening.resource} ${happening.action} ${happening.by.id}`
        : `${organizationId} ${happening.type}`;
    const waiting = this.#waiting.get(kind);
    if (waiting) waiting.happenings.push(happening);
    else this.#waiting.set(kind, { organizationId, happenings: [happening] });
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#clock.after(SETTLE, () => this.#flush());
  }

  /** Who listens may listen no longer, or hear more or less. */
  #actorChanged(organizationId: string, { resource, action, id, fields }: Changed): void {
    if (resource === 'key' && action === 'deleted') this.#hub.dismiss(organizationId, id ?? '');
    else if (resource === 'user') this.#hub.check(id ?? '');
    else if (resource === 'organization' && fields.includes('isSuspended')) this.#hub.checkAll(organizationId);
  }

  #flush(): void {
    this.#isSettling = false;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const { organizationId, happenings } of waiting.values()) {
      const [first] = happenings;
      if (happenings.length > NAMED && first?.type === 'changed') {
        this.#hub.publish(organizationId, { ...first, id: null, label: null, fields: [] });
      } else for (const happening of happenings) this.#hub.publish(organizationId, happening);
    }
  }
}

function happeningOf(announcement: Announcement): Happening {
  if (announcement.what === 'voicemail') {
    const { what: _, ...message } = announcement;
    return { type: 'voicemail-changed', ...message };
  }
  const { what: _, ...changed } = announcement;
  if (changed.resource === 'revision') {
    return { type: 'revision-applied', revision: Number(changed.id), by: changed.by };
  }
  return { type: 'changed', ...changed, fields: changed.fields.map(camel) };
}

/** Columns are told by the names that the API has for them. */
const camel = (column: string): string => column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
