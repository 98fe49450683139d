import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem, hostname, totalmem } from 'node:os';
import { isPrivate, localAddresses, mainAddress } from '../addresses.ts';
import { gigabytes } from '../bytes.ts';
import { readIfThere } from '../files.ts';
import { firewallFault, hasTable } from '../firewall/firewall.ts';
import { findOwnAsterisk } from '../install/engine.ts';
import { guardFault } from '../install/guard.ts';
import { type Installation, loadInstallation, pathsOf, withFlags } from '../install/installation.ts';
import { holderOf, portsOf, tryPort } from '../install/ports.ts';
import { versionsIn } from '../install/root.ts';
import { rootsOf } from '../install/roots.ts';
import { runningSupervisor } from '../processes/supervisor.ts';
import { run, which } from '../run.ts';
import { serviceNote } from '../service/systemd.ts';
import { languagesText, mailText, readStatus, type Status } from './status.ts';

/** One thing looked at. */
export interface Finding {
  what: string;
  state: 'ok' | 'warning' | 'failing';
  /** What was seen, and for a problem what to do. */
  detail: string;
}

const ok = (what: string, detail: string): Finding => ({ what, state: 'ok', detail });
const warning = (what: string, detail: string): Finding => ({ what, state: 'warning', detail });
const failing = (what: string, detail: string): Finding => ({ what, state: 'failing', detail });

/** Looks at the machine and the installation. @returns whether nothing is failing */
export async function doctor(data: string, asJson: boolean): Promise<boolean> {
  const findings = await examine(data);
  if (asJson) console.log(JSON.stringify(findings, null, 2));
  else {
    const sign = { ok: 'ok     ', warning: 'WARNING', failing: 'FAILING' };
    for (const f of findings) console.log(`${sign[f.state]}  ${f.what}: ${f.detail}`);
  }
  return findings.every((f) => f.state !== 'failing');
}

async function examine(data: string): Promise<Finding[]> {
  const remembered = loadInstallation(data);
  const installation = remembered ?? withFlags(null, {});
  const isRunning = remembered !== null && runningSupervisor(pathsOf(data)) !== null;
  const parts = await Promise.all([
    privileges(),
    processes(data, remembered, isRunning),
    versions(installation),
    isRunning ? [] : ports(installation),
    isRunning && remembered ? firewall(data, remembered) : [],
    dns(),
    clock(),
    addresses(installation),
    disk(existsSync(data) ? data : '/'),
    memory(),
    fileLimit(),
  ]);
  return parts.flat();
}

function privileges(): Finding[] {
  if (process.getuid?.() === 0) return [];
  return [failing('user', 'not root: `up`, `down` and much of what follows need it. Run it again with sudo.')];
}

async function processes(data: string, remembered: Installation | null, isRunning: boolean): Promise<Finding[]> {
  if (!remembered) return [warning('installation', `none in ${data}. Make one: ./littlepbx up --data ${data}`)];
  if (!isRunning) {
    const note = serviceNote(pathsOf(data));
    const start = note ? `systemctl start ${note.name}.target` : `./littlepbx up --detach --data ${data}`;
    return [warning('installation', `it is not running. Start it: ${start}`)];
  }
  const s = await readStatus(data);
  if (s.ready) {
    const isFine = s.mail?.server != null && s.mail.failed === 0;
    return [
      ok('installation', `ready, ${s.orgs} organizations, ${s.calls} calls`),
      (isFine ? ok : warning)('mail', mailText(s.mail)),
      ...languages(s.languages),
    ];
  }
  const missing = Object.entries(s.processes).flatMap(([name, process]) => (process ? [] : [name]));
  if (missing.length > 0) {
    return [failing('installation', `${missing.join(', ')} not running; see ./littlepbx logs ${missing[0]}`)];
  }
  if (!(s.engine.connected || s.db.connected))
    return [
      failing(
        'installation',
        'the brain does not answer, or has no connection to engine and database; see ./littlepbx logs brain',
      ),
    ];
  const lost = [s.engine.connected ? '' : 'engine', s.db.connected ? '' : 'db'].filter(Boolean);
  return [
    failing('installation', `the brain has no connection to ${lost.join(' and ')}; see ./littlepbx logs ${lost[0]}`),
  ];
}

function languages(all: Status['languages']): Finding[] {
  const isWhole = all?.every(({ state, isWanted }) => state === 'there' || !isWanted) ?? true;
  if (isWhole) return [ok('languages', languagesText(all))];
  const again = 'English is spoken meanwhile. To try at once: ./littlepbx sounds install LANGUAGE';
  return [warning('languages', `${languagesText(all)}; ${again}`)];
}

async function versions(i: Installation): Promise<Finding[]> {
  const roots = rootsOf(i);
  const own = await findOwnAsterisk(i.asterisk).catch(() => null);
  const versionIn = (root: string, of: 'asterisk' | 'postgres') => existsSync(root) && versionsIn(root)[of];
  const inRoot = versionIn(roots.engine, 'asterisk');
  const asterisk = own ? `${own.version} (${own.path})` : inRoot || 'not installed yet';
  const postgres = i.db.isExternal
    ? `${i.versions.postgres ?? '?'} (external)`
    : versionIn(roots.db, 'postgres') || 'not installed yet';
  const seen = `Node ${process.versions.node}, Asterisk ${asterisk}, PostgreSQL ${postgres}`;
  const findings = [ok('versions', seen)];
  for (const tool of ['unshare', 'flock', 'chroot', 'useradd']) {
    if (!(await which(tool)))
      findings.push(failing('tools', `${tool} is missing: apt-get install util-linux coreutils passwd`));
  }
  if (!inRoot && !(await which('mmdebstrap')) && !(await which('apt-get'))) {
    findings.push(
      failing('tools', 'neither mmdebstrap nor apt-get is here; install mmdebstrap, or Asterisk >= 22.10.1'),
    );
  }
  const fault = own === null && inRoot ? guardFault(roots.engine) : null;
  if (fault !== null) {
    const what = 'a phone of the house can make the engine fail by one message, and overload costs it more';
    findings.push(
      warning('guard', `the engine goes without (${what}): ${fault}. \`up\` tries again a day after it failed`),
    );
  }
  const namespaces = await run('unshare', ['-m', 'true']).catch(() => ({ code: 1 }));
  if (process.getuid?.() === 0 && namespaces.code !== 0) {
    findings.push(failing('namespaces', 'unshare -m fails: in a container, give it the capability SYS_ADMIN'));
  }
  return findings;
}

async function firewall(data: string, i: Installation): Promise<Finding[]> {
  if (i.firewall.isActive) {
    if (await hasTable(pathsOf(data))) return [ok('bans', 'enforced by nftables')];
    return [failing('bans', 'the nftables table is gone. Make it again: ./littlepbx down, then up')];
  }
  if (!i.firewall.isWanted)
    return [ok('bans', "enforced by the engine's access list (--no-firewall); no flood limits")];
  const fault = (await firewallFault()) ?? 'they can be used now: ./littlepbx down, then up';
  return [warning('bans', `enforced by the engine's access list, without flood limits: ${fault}`)];
}

async function ports(i: Installation): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const use of portsOf(i)) {
    const reason = await tryPort(use);
    if (reason === null) continue;
    const holder = holderOf(use.protocol, use.port);
    const who = holder ? ` by ${holder}` : ` (${reason})`;
    findings.push(
      failing(
        'ports',
        `${use.name} ${use.port}/${use.protocol} is taken${who}. Stop that, or: ./littlepbx up ${use.flag} ...`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok('ports', 'all free')];
}

async function dns(): Promise<Finding[]> {
  const name = hostname();
  const started = performance.now();
  const found = await lookup(name).catch(() => null);
  const ms = Math.round(performance.now() - started);
  if (!found)
    return [warning('DNS', `this machine's name ${name} has no address. Add "127.0.1.1 ${name}" to /etc/hosts`)];
  if (ms > 1000) return [warning('DNS', `looking up ${name} takes ${ms} ms. Add "127.0.1.1 ${name}" to /etc/hosts`)];
  return [ok('DNS', `${name} is ${found.address} (${ms} ms)`)];
}

async function clock(): Promise<Finding[]> {
  const year = new Date().getFullYear();
  if (year < 2025)
    return [failing('clock', `it shows the year ${year}. Set it: certificates and call records depend on it`)];
  const { code, output } = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']).catch(() => ({
    code: 1,
    output: '',
  }));
  if (code === 0 && output.trim() === 'yes') return [ok('clock', 'synchronized')];
  const hasChrony = (await run('chronyc', ['-n', 'tracking']).catch(() => ({ code: 1 }))).code === 0;
  if (hasChrony) return [ok('clock', 'kept by chrony')];
  return [
    warning('clock', 'nothing is known to keep it in time. apt-get install chrony (records and TLS depend on it)'),
  ];
}

function addresses(i: Installation): Finding[] {
  const { publicAddress, bind } = i.sip;
  const own = localAddresses().map((a) => a.address);
  if (bind !== '0.0.0.0' && !own.includes(bind) && !bind.startsWith('127.')) {
    return [failing('address', `--sip-bind ${bind} is no address of this machine (${own.join(', ')})`)];
  }
  if (publicAddress) {
    const how = own.includes(publicAddress) ? 'its own' : 'by NAT: forward the SIP and RTP ports to this machine';
    return [ok('address', `${publicAddress}, ${how}`)];
  }
  const main = mainAddress();
  if (own.length === 0) return [warning('address', 'only loopback: no phone elsewhere can reach it')];
  if (isPrivate(main)) {
    return [
      warning(
        'address',
        `${main} is private. Phones outside this network need: ./littlepbx up --public-address IP, and SIP and RTP forwarded`,
      ),
    ];
  }
  return [ok('address', main)];
}

function disk(path: string): Finding[] {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const text = `${gigabytes(free)} free at ${path}`;
  if (free < 1e9) return [failing('disk', `${text}; at least 1 GB is needed, recordings take 1 MB a minute`)];
  return [free < 5e9 ? warning('disk', `${text}; recordings take 1 MB a minute`) : ok('disk', text)];
}

function memory(): Finding[] {
  const available =
    Number(/^MemAvailable:\s+(\d+)/m.exec(readIfThere('/proc/meminfo') ?? '')?.[1] ?? 0) * 1024 || freemem();
  const text = `${gigabytes(totalmem())}, ${gigabytes(available)} available, ${availableParallelism()} cores`;
  return [available < 4e8 ? warning('memory', `${text}; 1 GB is what it takes`) : ok('memory', text)];
}

function fileLimit(): Finding[] {
  const hard = /^Max open files\s+\d+\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '?';
  if (hard !== 'unlimited' && Number(hard) < 16_384) {
    return [
      warning('open files', `at most ${hard}; a call takes about 8. Raise the limit: ulimit -Hn 65536 before up`),
    ];
  }
  return [ok('open files', `up to ${hard}`)];
}
