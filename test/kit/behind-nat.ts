/**
 * A small internet in network namespaces: a phone in a private network behind a router, and this machine behind the same
 * router's other side, reachable under a public address only (1:1). Addresses are those set aside for documentation.
 *
 *     phone 192.168.77.2 ── 192.168.77.1 router 10.88.0.254 ── 10.88.0.1 this machine
 *            seen outside as 203.0.113.77 │ 203.0.113.5 leads to 10.88.0.1
 */
import { execFileSync } from 'node:child_process';

export const PUBLIC_ADDRESS = '203.0.113.5';
export const PHONE_SEEN_AS = '203.0.113.77';
const PHONE_ADDRESS = '192.168.77.2';

const ROUTER = 'lpbx-router';
const PHONE_NETWORK = 'lpbx-phone';
export const PHONE_PLACE = { namespace: PHONE_NETWORK, address: PHONE_ADDRESS, control: PHONE_SEEN_AS };

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
const inside = (namespace: string, ...args: string[]) => ip('netns', 'exec', namespace, ...args);

const RULES = `
table ip nat {
  chain arriving {
    type nat hook prerouting priority dstnat;
    ip daddr ${PUBLIC_ADDRESS} dnat to 10.88.0.1
    comment "The test's remote control of the phone"
    iifname "lpbx-r0" ip daddr ${PHONE_SEEN_AS} ip protocol tcp dnat to ${PHONE_ADDRESS}
  }
  chain leaving {
    type nat hook postrouting priority srcnat;
    ip saddr ${PHONE_ADDRESS} oifname "lpbx-r0" snat to ${PHONE_SEEN_AS}
    ip saddr 10.88.0.1 oifname "lpbx-r1" snat to ${PUBLIC_ADDRESS}
  }
}
table ip filter {
  chain forward {
    type filter hook forward priority filter;
    comment "Private addresses are of no use on the other side"
    ct direction original ip saddr ${PHONE_ADDRESS} ct original ip daddr != ${PUBLIC_ADDRESS} drop
    ip saddr 10.88.0.1 ct original ip daddr ${PHONE_ADDRESS} drop
  }
}`;

/** Builds it; what it returns takes it down again. Needs root. */
export function buildNetwork(): () => void {
  remove();
  ip('netns', 'add', ROUTER);
  ip('netns', 'add', PHONE_NETWORK);
  ip('link', 'add', 'lpbx-h0', 'type', 'veth', 'peer', 'name', 'lpbx-r0', 'netns', ROUTER);
  ip('-n', ROUTER, 'link', 'add', 'lpbx-r1', 'type', 'veth', 'peer', 'name', 'lpbx-p0', 'netns', PHONE_NETWORK);
  ip('address', 'add', '10.88.0.1/24', 'dev', 'lpbx-h0');
  ip('link', 'set', 'lpbx-h0', 'up');
  ip('route', 'add', `${PHONE_SEEN_AS}/32`, 'via', '10.88.0.254');
  ip('-n', ROUTER, 'address', 'add', '10.88.0.254/24', 'dev', 'lpbx-r0');
  ip('-n', ROUTER, 'address', 'add', '192.168.77.1/24', 'dev', 'lpbx-r1');
  for (const device of ['lo', 'lpbx-r0', 'lpbx-r1']) ip('-n', ROUTER, 'link', 'set', device, 'up');
  ip('-n', PHONE_NETWORK, 'address', 'add', `${PHONE_ADDRESS}/24`, 'dev', 'lpbx-p0');
  for (const device of ['lo', 'lpbx-p0']) ip('-n', PHONE_NETWORK, 'link', 'set', device, 'up');
  ip('-n', PHONE_NETWORK, 'route', 'add', 'default', 'via', '192.168.77.1');
  inside(ROUTER, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  execFileSync('ip', ['netns', 'exec', ROUTER, 'nft', '-f', '-'], { input: RULES, stdio: ['pipe', 'pipe', 'pipe'] });
  return remove;
}

function remove(): void {
  for (const namespace of [ROUTER, PHONE_NETWORK]) {
    try {
      ip('netns', 'delete', namespace);
    } catch {
      // It was not there. Its links and this machine's route go with it.
    }
  }
}
