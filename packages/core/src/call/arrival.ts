/** What a leg that arrives is: a call of some organization to some place, or nobody's. */
import type { EngineEvent, LegSource } from '@littlepbx/engine/port';
import type { Organization } from '../tenancy/organization.ts';
import type { CallState } from './call-state.ts';
import type { Organizations } from './organizations.ts';
import type { CallDirection } from './record.ts';
import { extensionById, type Place, placeFor, placeForDid } from './routing.ts';
import type { Reason } from './termination.ts';

export type NewLeg = Extract<EngineEvent, { type: 'leg:new' }>;

export type Arrival =
  | { kind: 'call'; state: CallState; organization: Organization; place: Place }
  /** No organization is known that it could be recorded for. */
  | { kind: 'nobody'; reason: Reason };

export function arrivalOf(leg: NewLeg, organizations: Organizations, id: string): Arrival {
  return leg.source.kind === 'device'
    ? fromDevice(leg, leg.source.username, organizations, id)
    : fromCarrier(leg, leg.source, organizations, id);
}

function fromDevice(leg: NewLeg, username: string, organizations: Organizations, id: string): Arrival {
  const found = organizations.byDevice(username);
  if (!found) return { kind: 'nobody', reason: 'unknown-number' };
  const { organization, device } = found;
  const extension = extensionById(organization, device.extensionId);
  const place = placeFor(leg.dialled, organization);
  const isEmergency = place.kind === 'emergency';
  const state = newState(id, leg, organization, isEmergency || place.kind === 'outside' ? 'outbound' : 'internal');
  state.fromDevice = username;
  state.isEmergency = isEmergency;
  if (extension) {
    state.fromExtension = { id: extension.id, number: extension.number };
    // Ours, never what the phone claims; but whether to show it is the caller's to say.
    const isPrivate = leg.callerId.isPrivate ?? false;
    state.callerId = { name: extension.name, number: extension.number, isPrivate };
  }
  state.parties[leg.leg] = {
    kind: 'device',
    device: username,
    extensionId: device.extensionId,
    label: extension?.number ?? username,
  };
  const mayCall = extension !== null || isEmergency;
  return { kind: 'call', state, organization, place: mayCall ? place : { kind: 'nowhere', reason: 'unknown-number' } };
}

function fromCarrier(
  leg: NewLeg,
  source: Extract<LegSource, { kind: 'carrier' }>,
  organizations: Organizations,
  id: string,
): Arrival {
  const inbound = organizations.inbound(source.trunkId, source.address, leg.dialled, leg.to);
  if (!inbound.ok) {
    const { organization, reason } = inbound;
    if (!organization) return { kind: 'nobody', reason };
    const state = newState(id, leg, organization, 'inbound');
    state.trunkId = source.trunkId;
    return { kind: 'call', state, organization, place: { kind: 'nowhere', reason } };
  }
  const { organization, did, trunk } = inbound;
  const state = newState(id, leg, organization, 'inbound');
  state.did = did;
  state.trunkId = trunk.id;
  state.parties[leg.leg] = { kind: 'trunk', device: null, extensionId: null, label: leg.callerId.number ?? '' };
  return { kind: 'call', state, organization, place: placeForDid(did, organization) };
}

function newState(id: string, leg: NewLeg, organization: Organization, direction: CallDirection): CallState {
  return {
    id,
    organizationId: organization.id,
    revision: organization.revision.number,
    direction,
    phase: 'routing',
    callerLeg: leg.leg,
    callerId: leg.callerId,
    fromExtension: null,
    fromDevice: null,
    dialled: leg.dialled,
    did: null,
    trunkId: null,
    anchor: leg.leg,
    isAnchorAnswered: false,
    far: null,
    bridge: null,
    attempt: null,
    parties: {},
    recording: null,
    transferor: null,
    visited: [],
    isEmergency: false,
    charges: [],
    answeredBy: null,
    startedAt: leg.at,
    answeredAt: null,
    trace: [],
    refusal: null,
    isAdopted: false,
    isHeld: false,
  };
}
