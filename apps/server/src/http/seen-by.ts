/** What of calls in progress and of live events somebody sees who is bound to one extension (`core/tenancy/own-extension.ts`). */
import type { Happening } from '@littlepbx/contract';
import type { OwnThings } from '@littlepbx/core/tenancy/views';
import type { LiveCall } from './live.ts';

/** The call as such a person sees it; null: it is not theirs. @param only null: whoever sees all of them */
export function seenBy(only: OwnThings | null, call: LiveCall): LiveCall | null {
  if (only === null) return call;
  const { number } = only;
  if (number === null || ![call.fromExtension, call.to, call.with].includes(number)) return null;
  // Where those whom one calls have their calls forwarded to is theirs to know.
  const isKnown = call.to === number || call.with === number || call.with === call.to;
  return isKnown ? call : { ...call, with: null };
}

/**
 * What such a person is told of a live event; null: nothing.
 * @param known own calls that were told of and have no record yet; kept here
 */
export function heardBy(only: OwnThings, known: Set<string>, happening: Happening): Happening | null {
  switch (happening.type) {
    case 'call-began':
    case 'call-changed': {
      const call = seenBy(only, happening.call);
      if (call) known.add(call.id);
      // A call that was passed on to somebody else is over for this one.
      else if (known.has(happening.call.id)) return { type: 'call-ended', id: happening.call.id, result: 'answered' };
      return call && { ...happening, call };
    }
    case 'call-ended':
      return known.has(happening.id) ? happening : null;
    case 'call-recorded': {
      const ids = happening.ids.filter((id) => known.delete(id));
      return ids.length > 0 ? { ...happening, ids } : null;
    }
    case 'voicemail-changed':
      return happening.extensionId === only.id ? happening : null;
    case 'device-registered':
    case 'device-unregistered':
    case 'device-round-trip':
      return only.devices.includes(happening.username) ? happening : null;
    case 'revision-applied':
      return happening;
    case 'changed':
      return happening.resource === 'device' && only.devices.includes(happening.id ?? '') ? happening : null;
    case 'trunk-registration':
    case 'recording-ready':
      return null;
  }
}
