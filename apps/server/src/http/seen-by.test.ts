import type { Happening } from '@littlepbx/contract';
import { expect, test } from 'vitest';
import { heardBy, seenBy } from './seen-by.ts';
import { liveCallOf } from './testing/fake-live.ts';

const ORG = '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10';
const ann = { id: 'ann', number: '101', devices: ['annsphone'] };
const carol = { id: 'carol', number: '103', devices: [] };
const by = { kind: 'key', id: 'k', name: 'Admin' };

test('a user sees the calls that the own extension places, gets or answers, and not where others forward theirs', () => {
  const call = { ...liveCallOf(ORG), from: '101', fromExtension: '101', to: '102', with: '102' };
  expect(seenBy(ann, call)).toEqual(call);
  expect(seenBy(carol, call)).toBeNull();
  const forwarded = { ...call, with: '+447700900123' };
  expect(seenBy(ann, forwarded)).toEqual({ ...call, with: null });
  expect(seenBy({ ...carol, number: '102' }, forwarded)).toEqual(forwarded);
  expect(seenBy({ ...carol, number: null }, { ...call, fromExtension: null })).toBeNull();
});

test('a user hears of the own calls, phones and messages alone', () => {
  const call = { ...liveCallOf(ORG), from: '102', fromExtension: '102', to: '101', with: '101' };
  const { id } = call;
  const story: Happening[] = [
    { type: 'call-began', call },
    { type: 'call-changed', call: { ...call, answeredAt: 1 } },
    { type: 'call-ended', id, result: 'answered' },
    { type: 'call-recorded', ids: ['another', id] },
    { type: 'voicemail-changed', extensionId: 'ann', messageId: 'm', action: 'arrived' },
    { type: 'device-unregistered', username: 'annsphone' },
    { type: 'device-round-trip', username: 'annsphone', roundTrip: 24, isSilent: false },
    { type: 'changed', resource: 'device', action: 'changed', id: 'annsphone', label: null, fields: [], by },
    { type: 'revision-applied', revision: 2, by },
  ];
  const office: Happening[] = [
    { type: 'changed', resource: 'extension', action: 'changed', id: 'carol', label: '103', fields: [], by },
    { type: 'trunk-registration', trunkId: 't', state: 'registered' },
  ];
  const told = (who: typeof ann) => {
    const known = new Set<string>();
    return [...story, ...office].map((happening) => heardBy(who, known, happening)).filter((heard) => heard !== null);
  };
  expect(told(ann)).toEqual(story.map((h) => (h.type === 'call-recorded' ? { ...h, ids: [id] } : h)));
  expect(told(carol)).toEqual([{ type: 'revision-applied', revision: 2, by }]);
});
