import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Owner, readIfThere } from '../files.ts';
import { runOrFail } from '../run.ts';

/**
 * Three system users, one per process, made once per machine. Not the root's own `asterisk` and `postgres`: their
 * numbers belong to others on the host (102 is `messagebus` here and there), who could then signal and trace our engine.
 */
export interface Users {
  brain: Owner;
  engine: Owner;
  db: Owner;
}

const NAMES = { root: 'root', brain: 'littlepbx', engine: 'littlepbx-engine', db: 'littlepbx-db' } as const;
const WHO = ['brain', 'engine', 'db'] as const;

/** The users, made where missing. */
export async function ensureUsers(): Promise<Users> {
  return {
    brain: await ensureUser(NAMES.brain),
    engine: await ensureUser(NAMES.engine),
    db: await ensureUser(NAMES.db),
  };
}

/** Those of our users that have processes now. */
export function usersInUse(): string[] {
  const running = new Set(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => /^Uid:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/status`) ?? '')?.[1]),
  );
  return WHO.map((who) => NAMES[who]).filter((name) => running.has(String(find(name)?.uid ?? 'none')));
}

/** Removes the users; their groups go with them. */
export async function removeUsers(): Promise<void> {
  // The brain's last: the engine's is in its group.
  for (const who of ['db', 'engine', 'brain'] as const) if (find(NAMES[who])) await runOrFail('userdel', [NAMES[who]]);
}

async function ensureUser(name: string): Promise<Owner> {
  const there = find(name);
  if (there) return there;
  await runOrFail('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]);
  const made = find(name);
  if (!made) throw new Error(`useradd made no user ${name}`);
  return made;
}

function find(name: string): Owner | null {
  return parsePasswd(readFileSync('/etc/passwd', 'utf8'), name);
}

/** Name of one of our users by its number, `root` for all others; a backup knows owners by name. */
export function nameOfUser(users: Users, uid: number): string {
  return NAMES[WHO.find((who) => users[who].uid === uid) ?? 'root'];
}

/** As `nameOfUser`, for groups. */
export function nameOfGroup(users: Users, gid: number): string {
  return NAMES[WHO.find((who) => users[who].gid === gid) ?? 'root'];
}

/** Numbers of a user and a group by their names; unknown names are root. */
export function ownerNamed(users: Users, user: string, group: string): Owner {
  const whoIs = (name: string) => WHO.find((who) => NAMES[who] === name);
  const [u, g] = [whoIs(user), whoIs(group)];
  return { uid: u ? users[u].uid : 0, gid: g ? users[g].gid : 0 };
}

/** Numbers of a user in a passwd file. */
export function parsePasswd(passwd: string, name: string): Owner | null {
  const line = passwd.split('\n').find((l) => l.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** Names the users in an isolated root: initdb refuses to run as a user without a name. */
export function nameUsersIn(root: string, users: Users): void {
  for (const [file, lineOf] of [
    ['passwd', (name: string, o: Owner) => `${name}:x:${o.uid}:${o.gid}::/nonexistent:/usr/sbin/nologin`],
    ['group', (name: string, o: Owner) => `${name}:x:${o.gid}:`],
  ] as const) {
    const path = join(root, 'etc', file);
    const before = readFileSync(path, 'utf8');
    const others = before.split('\n').filter((l) => l !== '' && !/^littlepbx(-engine|-db)?:/.test(l));
    const ours = WHO.map((who) => lineOf(NAMES[who], users[who]));
    const after = `${[...others, ...ours].join('\n')}\n`;
    if (after !== before) writeFileSync(path, after);
  }
}
