/**
 * Calls as live events. Of a call that changes several times in a row the last state is told; what a listener would see
 * no difference in is not told. Costs one look-up per change while nobody listens.
 */
import type { CallObserver } from '@littlepbx/core/call/observer';
import type { FinishedCall } from '@littlepbx/core/call/record';
import type { SoundFile } from '@littlepbx/core/files/files';
import type { Clock } from '@littlepbx/core/ports';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { LiveCall } from '../http/live.ts';
import type { EventHub } from './hub.ts';

/** Ringing, early media and an answer may be one turn apart. Milliseconds. */
const SETTLE = 20;

export interface CallEventSources {
  hub: EventHub;
  /** Null: it has ended. */
  liveCall(organizationId: OrganizationId, id: string): LiveCall | null;
  clock: Clock;
}

export class CallEvents {
  readonly #o: CallEventSources;
  /** By call. */
  readonly #changed = new Map<string, { organizationId: OrganizationId; isNew: boolean }>();
  /** What was told last, by call; of calls that somebody heard of. */
  readonly #told = new Map<string, string>();

  constructor(sources: CallEventSources) {
    this.#o = sources;
  }

  readonly observer: Pick<CallObserver, 'began' | 'changed' | 'ended'> = {
    began: ({ id, organizationId }) => this.#look(id, organizationId, true),
    changed: ({ id, organizationId }) => this.#look(id, organizationId, false),
    ended: ({ cdr: { id, organizationId, result } }) => {
      this.#changed.delete(id);
      this.#told.delete(id);
      // Whoever did not hear that it began does not mind.
      this.#o.hub.publish(organizationId, { type: 'call-ended', id, result });
    },
  };

  /** Postgres has the records of these calls. */
  recorded(calls: readonly FinishedCall[]): void {
    const ids = new Map<OrganizationId, string[]>();
    for (const { cdr } of calls) {
      if (!this.#o.hub.isHeard(cdr.organizationId)) continue;
      const own = ids.get(cdr.organizationId);
      if (own) own.push(cdr.id);
      else ids.set(cdr.organizationId, [cdr.id]);
    }
    for (const [id, own] of ids) this.#o.hub.publish(id, { type: 'call-recorded', ids: own });
  }

  /** Postgres knows these sounds. */
  stored(files: readonly SoundFile[]): void {
    for (const { id: fileId, kind, organizationId, callId } of files) {
      if (kind !== 'recording' || callId === null) continue;
      this.#o.hub.publish(organizationId, { type: 'recording-ready', callId, fileId });
    }
  }

  #look(id: string, organizationId: OrganizationId, isNew: boolean): void {
    if (!this.#o.hub.isHeard(organizationId)) return;
    if (this.#changed.size === 0) this.#o.clock.after(SETTLE, () => this.#flush());
    if (isNew || !this.#changed.has(id)) this.#changed.set(id, { organizationId, isNew });
  }

  #flush(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const [id, { organizationId, isNew }] of changed) {
      const call = this.#o.hub.isHeard(organizationId) ? this.#o.liveCall(organizationId, id) : null;
      if (!call) continue;
      const text = JSON.stringify(call);
      if (this.#told.get(id) === text) continue;
      this.#told.set(id, text);
      this.#o.hub.publish(organizationId, { type: isNew ? 'call-began' : 'call-changed', call });
    }
  }
}
