/**
 * A small internet in network namespaces: a phone in a private network behind a router, and this machine behind the same
 * router's other side, reachable under a public address only (1:1). Addresses are those set aside for documentation; N is
 * another for each run, so that two on one machine do not meet.
 *
 *     phone 192.168.77.2 ── 192.168.77.1 router 10.88.N.254 ── 10.88.N.1 this machine
 *            seen outside as 198.51.100.N │ 203.0.113.N leads to 10.88.N.1
 */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

const N = randomInt(1, 254);
export const PUBLIC_ADDRESS = `203.0.113.${N}`;
export const PHONE_SEEN_AS = `198.51.100.${N}`;
/** Of this machine, behind the router: of no use to the phone. */
export const INNER_ADDRESS = `10.88.${N}.1`;
const ROUTER_ADDRESS = `10.88.${N}.254`;
const PHONE_ADDRESS = '192.168.77.2';

const ROUTER = `lpbx-router-${N}`;
const PHONE_NETWORK = `lpbx-phone-${N}`;
const OUR_LINK = `lpbx-h${N}`;
export const PHONE_PLACE = { namespace: PHONE_NETWORK, address: PHONE_ADDRESS, control: PHONE_SEEN_AS };

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
const inside = (namespace: string, ...args: string[]) => ip('netns', 'exec', namespace, ...args);

const RULES = `
table ip nat {
  chain arriving {
    type nat hook prerouting priority dstnat;
    ip daddr ${PUBLIC_ADDRESS} dnat to ${INNER_ADDRESS}
    comment "The test's remote control of the phone"
    iifname "lpbx-r0" ip daddr ${PHONE_SEEN_AS} ip protocol tcp dnat to ${PHONE_ADDRESS}
  }
  chain leaving {
    type nat hook postrouting priority srcnat;
    ip saddr ${PHONE_ADDRESS} oifname "lpbx-r0" snat to ${PHONE_SEEN_AS}
    ip saddr ${INNER_ADDRESS} oifname "lpbx-r1" snat to ${PUBLIC_ADDRESS}
  }
}
table ip filter {
  chain forward {
    type filter hook forward priority filter;
    comment "Private addresses are of no use on the other side"
    ct direction original ip saddr ${PHONE_ADDRESS} ct original ip daddr != ${PUBLIC_ADDRESS} drop
    ip saddr ${INNER_ADDRESS} ct original ip daddr ${PHONE_ADDRESS} drop
  }
}`;

/** Builds it; what it returns takes it down again. Needs root. */
export function buildNetwork(): () => void {
  remove();
  ip('netns', 'add', ROUTER);
  ip('netns', 'add', PHONE_NETWORK);
  ip('link', 'add', OUR_LINK, 'type', 'veth', 'peer', 'name', 'lpbx-r0', 'netns', ROUTER);
  ip('-n', ROUTER, 'link', 'add', 'lpbx-r1', 'type', 'veth', 'peer', 'name', 'lpbx-p0', 'netns', PHONE_NETWORK);
  ip('address', 'add', `${INNER_ADDRESS}/24`, 'dev', OUR_LINK);
  ip('link', 'set', OUR_LINK, 'up');
  ip('route', 'add', `${PHONE_SEEN_AS}/32`, 'via', ROUTER_ADDRESS);
  ip('-n', ROUTER, 'address', 'add', `${ROUTER_ADDRESS}/24`, 'dev', 'lpbx-r0');
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
