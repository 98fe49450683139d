/** How soon the next call obeys a change, against files and reloads. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Phone } from '../test/phones/index.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { type Installation, until } from './kit/installation.ts';
import { type Line, populate } from './kit/population.ts';
import { inMs, type Measurement } from './kit/report.ts';
import { estimate, median, percentile } from './kit/statistics.ts';

interface Size {
  organizations: number;
  extensionsEach: number;
}

export async function change(context: Context): Promise<Measurement> {
  const size = context.isQuick ? { organizations: 4, extensionsEach: 10 } : { organizations: 200, extensionsEach: 50 };
  const ours = await withInstallation(context, (installation) => ourChanges(installation, size, context));
  const files = await withInstallation(context, (installation) => fileChanges(installation, size, context), false);
  const totals = ours.changes.map((c) => c.total);
  const p95 = percentile(totals, 95);
  const ratio = p95 / percentile(files.seconds, 50);
  const share = estimate(totals.map((t) => t / median(files.seconds)));
  const count = size.organizations * size.extensionsEach;
  return {
    title: `Change to effect: ${size.organizations} organizations x ${size.extensionsEach} extensions`,
    figures: [
      {
        what: 'API write + apply, until the next call obeys, p95',
        value: inMs(p95),
        target: '<= 50 ms',
        isMet: p95 <= 50,
      },
      { what: '… p50, p99', value: `${inMs(median(totals))}, ${inMs(percentile(totals, 99))}` },
      {
        what: '… of it the write and the apply, p50',
        value: `${inMs(median(ours.changes.map((c) => c.write)))}, ${inMs(median(ours.changes.map((c) => c.apply)))}`,
      },
      { what: 'First calls that did not obey', value: `${ours.disobeyed} of ${ours.changes.length}` },
      { what: 'Files, pjsip and dialplan reload, p50', value: inMs(median(files.seconds)) },
      {
        what: 'Ours p95 / files p50',
        value: `1/${(1 / ratio).toFixed(0)} (median 1/${(1 / share.median).toFixed(0)})`,
        target: '<= 1/50',
        isMet: ratio <= 1 / 50,
      },
      { what: `Start of the engine with ${count} endpoints as files`, value: inMs(files.start) },
    ],
    notes: [
      'Ours: PATCH of an always-forward, then apply; the first call begins when apply has answered, and the phone that rings tells whether it obeyed. If not, calls follow until one does, and their time counts.',
      `Files: an engine of its own with ${count} endpoints in pjsip.conf and as many extensions; one endpoint's caller ID and one extension are rewritten, then res_pjsip and the dialplan are reloaded, until the command line shows both. The time to write the whole files is counted.`,
    ],
    data: { ours, files },
  };
}

export interface Change {
  /** Milliseconds. */
  write: number;
  apply: number;
  /** Until the first call that obeyed began. */
  total: number;
}

async function ourChanges(installation: Installation, size: Size, context: Context) {
  context.say(`making ${size.organizations * size.extensionsEach} extensions and devices`);
  const lines = await populate(installation, size);
  const org = `bench-${size.organizations / 2}`;
  await untilQuiet();
  let left = context.isQuick ? 6 : 200;
  const result = await changes(installation, lines.filter((line) => line.org === org) as Party, () => left-- > 0);
  context.say(
    `ours: p95 ${inMs(
      percentile(
        result.changes.map((c) => c.total),
        95,
      ),
    )}`,
  );
  return result;
}

/** Of one organization: who is forwarded, who calls, and two who are called. */
export type Party = [forwarded: Line, caller: Line, left: Line, right: Line, ...others: Line[]];

/**
 * Changes whom the first line forwards to, again and again, and calls it: who rings tells whether it was obeyed.
 * @param goesOn asked before each change
 * @param pause after each. Milliseconds
 */
export async function changes(installation: Installation, party: Party, goesOn: () => boolean, pause = 20) {
  const { client } = installation;
  const [{ org, extension }, caller, left, right] = party;
  const phone = ({ username, password, extension: name }: Line) =>
    Phone.create({ name, server: '127.0.0.1', port: installation.sipPort, username, password });
  const [from, ...targets] = await Promise.all([phone(caller), phone(left), phone(right)]);
  let rang = '';
  for (const target of targets) {
    await target.register();
    target.onCall = () => {
      rang = target.name;
    };
  }
  const made: Change[] = [];
  let disobeyed = 0;
  for (let i = 0; goesOn(); i++) {
    const wanted = (i % 2 ? left : right).extension;
    const started = performance.now();
    await client.updateExtension({ params: { org, extension }, body: { forwardAlways: wanted } });
    const written = performance.now();
    await client.applyDraft({ params: { org }, body: {} });
    const applied = performance.now();
    let began = applied;
    for (let tries = 1; ; tries++) {
      rang = '';
      const call = await from.dial(extension);
      await call.ringing();
      await until('a phone to ring', 2000, () => rang !== '', 1);
      await call.cancel();
      await call.ended();
      if (rang === wanted) break;
      if (tries === 1) disobeyed++;
      if (tries === 100) throw new Error('the change never took effect');
      began = performance.now();
    }
    made.push({ write: written - started, apply: applied - written, total: began - started });
    // What was applied is told to the files after the answer too; the next change must not meet that.
    await sleep(pause);
  }
  for (const p of [from, ...targets]) await p.close();
  return { changes: made, disobeyed };
}

async function fileChanges(installation: Installation, size: Size, context: Context) {
  const { console: engine } = installation;
  const etc = join(installation.data, 'engine/etc');
  const pjsip = (callerId: string) => endpointsFile(size, callerId);
  const dialplan = (target: string) => extensionsFile(size, target);
  const paths = { pjsip: join(etc, 'pjsip.conf'), dialplan: join(etc, 'extensions.conf') };
  const heads = { pjsip: readFileSync(paths.pjsip, 'utf8'), dialplan: readFileSync(paths.dialplan, 'utf8') };
  // Back to Asterisk's defaults: all objects from pjsip.conf.
  writeFileSync(join(etc, 'sorcery.conf'), '');
  const write = (value: string) => {
    writeFileSync(paths.pjsip, heads.pjsip);
    appendFileSync(paths.pjsip, pjsip(value));
    writeFileSync(paths.dialplan, heads.dialplan);
    appendFileSync(paths.dialplan, dialplan(value));
  };
  const shows = async (value: string) =>
    (await engine.run('pjsip show endpoint e1-1')).includes(`<${value}>`) &&
    (await engine.run('dialplan show 1001@org-1')).includes(`NoOp(${value})`);
  write('1000');
  process.kill(installation.pid('engine'), 'SIGKILL');
  const killed = performance.now();
  await sleep(500);
  await until('the engine with files', 300_000, () => shows('1000').catch(() => false), 100);
  const start = performance.now() - killed;
  context.say(`engine with files started in ${inMs(start)}`);
  const seconds: number[] = [];
  for (let i = 1; i <= (context.isQuick ? 2 : 10); i++) {
    await untilQuiet();
    const value = String(1000 + i);
    const started = performance.now();
    write(value);
    await engine.run('module reload res_pjsip.so', 300_000);
    await engine.run('dialplan reload', 300_000);
    await until('the reload to take effect', 300_000, () => shows(value), 1);
    seconds.push(performance.now() - started);
    context.say(`files: ${inMs(seconds.at(-1)!)}`);
  }
  return { seconds, start };
}

function endpointsFile(size: Size, callerId: string): string {
  let text = `
[phone](!)
type = endpoint
context = devices
disallow = all
allow = g722,ulaw,alaw
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
direct_media = no

[secret](!)
type = auth
auth_type = userpass

[place](!)
type = aor
max_contacts = 1
remove_existing = yes

`;
  forEach(size, (org, n, name) => {
    const number = org === 1 && n === 1 ? callerId : String(1000 + n);
    text += `[${name}](phone)\ncontext = org-${org}\ncallerid = "Person ${n}" <${number}>\nauth = ${name}\naors = ${name}\n`;
    text += `[${name}](secret)\nusername = ${name}\npassword = ${name}-bench-only\n[${name}](place)\n\n`;
  });
  return text;
}

function extensionsFile(size: Size, target: string): string {
  let text = '';
  forEach(size, (org, n, name) => {
    if (n === 1) text += `[org-${org}]\n`;
    if (org === 1 && n === 1) text += `exten => 1001,1,NoOp(${target})\nsame => n,Dial(PJSIP/${name},30)\n`;
    else text += `exten => ${1000 + n},1,Dial(PJSIP/${name},30)\n`;
  });
  return text;
}

function forEach({ organizations, extensionsEach }: Size, visit: (org: number, n: number, name: string) => void): void {
  for (let org = 1; org <= organizations; org++) {
    for (let n = 1; n <= extensionsEach; n++) visit(org, n, `e${org}-${n}`);
  }
}
