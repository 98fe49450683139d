/** A phone that asks to be hidden (RFC 3323): what our module in the engine tells of it, and an engine without the module. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually, Phone } from '../../../test/phones/index.ts';
import { AsteriskEngine } from '../src/asterisk/engine.ts';
import type { EngineEvent } from '../src/port.ts';
import { type AsteriskProcess, isolatedRoot, startAsterisk } from './asterisk-process.ts';
import { deviceOnEngine } from './device.ts';

const root = isolatedRoot();
const PASSWORD: string = randomUUID();

describe.skipIf(root === null).each([
  { engineIs: 'an engine with our module', hasGuard: true },
  { engineIs: 'an engine without it', hasGuard: false },
])('$engineIs', ({ hasGuard }) => {
  let asterisk: AsteriskProcess;
  let engine: AsteriskEngine;
  let ann: Phone;
  const arrived: Extract<EngineEvent, { type: 'leg:new' }>[] = [];

  beforeAll(async () => {
    asterisk = await startAsterisk(root!, hasGuard);
    const fallback = { extensions: [], numbers: [], emergency: [] };
    const devices = [deviceOnEngine('annsphone', PASSWORD)];
    await asterisk.directory.replaceAll([
      { id: randomUUID(), version: 1, isSuspended: false, hasMusic: false, devices, trunks: [], fallback },
    ]);
    ann = await Phone.create({
      server: '127.0.0.1',
      port: asterisk.sipPort,
      username: 'annsphone',
      password: PASSWORD,
    });
    await vi.waitFor(() => ann.tryRegister({ within: 1000 }), { timeout: 60_000, interval: 100 });
    engine = new AsteriskEngine(asterisk.ari, asterisk.files);
    engine.onEvent((event) => {
      if (event.type === 'leg:new') arrived.push(event);
    });
    await engine.start();
  });
  afterAll(async () => {
    await ann?.close();
    await engine?.stop();
    await asterisk?.stop();
  });

  test.each([
    { privacy: 'id', isPrivate: true },
    { privacy: 'ID ; Critical', isPrivate: true },
    { privacy: 'none;id', isPrivate: true },
    { privacy: 'x-none', isPrivate: true },
    { privacy: 'none', isPrivate: false },
    { privacy: ' None', isPrivate: false },
    { privacy: null, isPrivate: false },
  ])('a caller whose phone says Privacy: $privacy is hidden: $isPrivate', async ({ privacy, isPrivate }) => {
    const before = arrived.length;
    const call = await ann.dial('102', privacy === null ? {} : { headers: { Privacy: privacy } });
    const leg = await eventually(() => arrived[before], { reason: () => 'nobody heard of the call' });
    expect(leg).toMatchObject({ dialled: '102', callerId: { isPrivate } });
    await call.cancel();
  });
});
