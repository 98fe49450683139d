/**
 * Where a call goes: a pure function of the pinned revision. It asks no limits and makes no legs, so that the same code
 * can later answer "what happens if I dial this?".
 */
import { type Dialled, normalise, type OutsideNumber } from '../tenancy/dialling.ts';
import type { Extension, Organization, RevisionContent } from '../tenancy/organization.ts';
import type { Reason } from './termination.ts';

export type Place =
  | { kind: 'extension'; extension: Extension }
  | { kind: 'outside'; number: OutsideNumber }
  | { kind: 'emergency'; number: string }
  | { kind: 'echo' }
  /** Leaving a message for an extension; `isBusy` changes the greeting. */
  | { kind: 'voicemail'; extension: Extension; isBusy: boolean }
  /** Listening: `*97` the own box, `*98` any. */
  | { kind: 'boxes'; isAny: boolean }
  | { kind: 'nowhere'; reason: Reason };

const FEATURES: Record<string, Place> = {
  '*43': { kind: 'echo' },
  '*97': { kind: 'boxes', isAny: false },
  '*98': { kind: 'boxes', isAny: true },
};

interface Index {
  byNumber: Map<string, Extension>;
  byId: Map<string, Extension>;
  extensionOfDid: Map<string, string>;
}

/** A revision never changes, so its index is made once and goes with it. */
const indexes = new WeakMap<RevisionContent, Index>();

function indexOf(content: RevisionContent): Index {
  let index = indexes.get(content);
  if (!index) {
    index = {
      byNumber: new Map(content.extensions.map((e) => [e.number, e])),
      byId: new Map(content.extensions.map((e) => [e.id, e])),
      extensionOfDid: new Map(content.routes.map((r) => [r.number, r.extensionId])),
    };
    indexes.set(content, index);
  }
  return index;
}

export function extensionById(organization: Organization, id: string): Extension | null {
  return indexOf(organization.revision.content).byId.get(id) ?? null;
}

/** What somebody inside dialled, or a forward names. Emergency numbers first: nothing may shadow them. */
export function placeFor(dialled: string, organization: Organization): Place {
  const { byNumber } = indexOf(organization.revision.content);
  const meant: Dialled = normalise(dialled, organization.country, (number) => byNumber.has(number));
  switch (meant.kind) {
    case 'emergency':
      return { kind: 'emergency', number: meant.number };
    case 'extension': {
      const extension = byNumber.get(meant.number);
      return extension ? { kind: 'extension', extension } : { kind: 'nowhere', reason: 'unknown-number' };
    }
    case 'feature':
      return FEATURES[meant.code] ?? { kind: 'nowhere', reason: 'unknown-number' };
    case 'outside':
      // One of the organization's own numbers needs no carrier.
      return organization.numbers.includes(meant.e164)
        ? placeForDid(meant.e164, organization)
        : { kind: 'outside', number: meant };
    case 'invalid':
      return { kind: 'nowhere', reason: 'number-invalid' };
  }
}

/** Where one of the organization's numbers leads. */
export function placeForDid(e164: string, organization: Organization): Place {
  const index = indexOf(organization.revision.content);
  const extension = index.byId.get(index.extensionOfDid.get(e164) ?? '');
  return extension ? { kind: 'extension', extension } : { kind: 'nowhere', reason: 'unknown-did' };
}
