import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { basename } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { withFlags } from './installation.ts';
import { claimPorts, portsOf } from './ports.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port of this machine that somebody has. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

it('names all ports that are taken, who has them, and what would do instead', async () => {
  const [webPort, sipPort] = [await takenPort(), await takenPort()];
  const wanted = withFlags(null, { webPort, sipPort, pgPort: 1998, rtpPorts: { from: 2000, to: 2999 } });
  const refusal = await claimPorts(wanted, { webPort, sipPort }, false).catch((error: Error) => error.message);
  expect(refusal).toContain(`${webPort}/tcp (web) by ${basename(process.execPath)} (pid ${process.pid})`);
  expect(refusal).toContain(`${sipPort}/tcp (SIP) by ${basename(process.execPath)} (pid ${process.pid})`);
  const flags = Object.fromEntries(
    [...String(refusal).matchAll(/(--[a-z-]+-ports?) (\d+)(?:-\d+)?/g)].map(([, flag, port]) => [flag, Number(port)]),
  );
  const used = portsOf(wanted).map(({ port }) => port);
  for (const flag of ['--web-port', '--sip-port']) {
    expect(flags[flag]).toBeGreaterThan(1024);
    expect(used).not.toContain(flags[flag]);
  }
});
