/** The commands an operator scripts with: their JSON, exit codes and help. */
import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { littlepbx, type Output } from '../kit/installation.ts';
import { hangUp, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';

const typed = (...words: string[]): Promise<Output> => littlepbx([...words, '--data', system.installation.data]);

async function json(...words: string[]): Promise<unknown> {
  const { code, out, err } = await typed(...words, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

describe.concurrent('command line', () => {
  test('device create and reset-password print what a phone needs, and it works', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann', 'bob');
    const org = ['--org', office.slug];
    const made = (await json('device', 'create', ...org, '--extension', '102')) as { [name: string]: unknown };
    const { sipPort } = town.system.installation;
    const shape = {
      username: expect.stringMatching(/^[a-z][a-z0-9]{11,}$/),
      password: expect.stringMatching(/^[\w-]{20,}$/),
      server: expect.any(String),
      port: sipPort,
      transport: 'udp',
    };
    expect(made).toEqual(shape);
    expect(made.username).not.toContain(office.slug);
    const reset = (await json('device', 'reset-password', String(made.username))) as typeof made;
    expect(reset).toEqual({ ...shape, username: made.username });
    expect(reset.password).not.toBe(made.password);
    const old = await town.phone({ username: String(made.username), password: String(made.password) });
    expect((await old.tryRegister()).status).toBe(401);
    const phone = await town.phone({ username: String(reset.username), password: String(reset.password) });
    await phone.register();
    const call = await ann.dial('102');
    const rung = await phone.rings();
    await rung.answer();
    await hangUp(call, rung);
  });

  test('the README’s commands work as printed', async ({ town }) => {
    const office = await town.office();
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const section = /## Work with it\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
    const commands = [...section.matchAll(/^ {4}\.\/littlepbx (.*)$/gm)].map(([, command]) => command!);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      const { code, err } = await typed(...words.map((word) => (word === 'demo' ? office.slug : word)));
      expect({ command, code, err }).toEqual({ command, code: 0, err: '' });
    }
  });

  test('call list prints the records, an array', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const org = ['--org', office.slug];
    expect(await json('call', 'list', ...org)).toEqual([]);
    const { call, answered } = await talk(ann, '102', bob);
    await office.liveCall('talking');
    const live = (await json('call', 'list', '--live', ...org)) as { id: string }[];
    expect(live).toEqual([expect.objectContaining({ from: '101', to: '102', state: 'talking' })]);
    await hangUp(call, answered);
    const record = await office.record();
    expect(record.id).toBe(live[0]!.id);
    expect(await json('call', 'list', ...org)).toEqual([record]);
    expect(await json('call', 'list', '--result', 'busy', ...org)).toEqual([]);
  });

  test('status says how it is', async () => {
    const status = await json('status');
    expect(status).toMatchObject({
      ready: true,
      web: expect.stringMatching(/^http:\/\/[\w.]+:\d+$/),
      sip: expect.stringMatching(new RegExp(`:${system.installation.sipPort}$`)),
      engine: { name: 'asterisk', version: expect.stringMatching(/^22\.\d+\.\d+$/) },
      db: { connected: true },
      orgs: expect.any(Number),
      calls: expect.any(Number),
      registrations: expect.any(Number),
    });
  });

  test('every resource can be made, shown, changed and deleted', async ({ town }) => {
    const office = await town.office();
    const org = ['--org', office.slug];
    const number = town.newNumber();
    await json('extension', 'create', '101', '--name', 'Ann', ...org);
    expect(await json('extension', 'list', ...org)).toMatchObject([{ number: '101', name: 'Ann' }]);
    await json('extension', 'update', '101', '--name', 'Anna', ...org);
    expect(await json('extension', 'show', '101', ...org)).toMatchObject({ name: 'Anna' });
    await json('number', 'create', number, '--extension', '101', ...org);
    expect(await json('number', 'list', ...org)).toMatchObject([{ number, extension: '101' }]);
    await json('trunk', 'create', '--name', 'Carrier', '--host', '127.0.0.1', ...org);
    expect(await json('trunk', 'list', ...org)).toMatchObject([{ name: 'Carrier', hasPassword: false }]);
    expect(await json('apply', ...org)).toMatchObject({ number: 1, isCurrent: true });
    expect(await json('revision', 'list', ...org)).toMatchObject([{ number: 1 }]);
    expect(await json('org', 'show', office.slug)).toMatchObject({ slug: office.slug, appliedRevision: 1 });
    expect((await typed('number', 'delete', number, ...org)).code).toBe(0);
    expect(await json('number', 'list', ...org)).toEqual([]);
  });

  test('a mistake is told in one line, with exit code 1; a wrong command with 2', async ({ town }) => {
    const office = await town.office();
    const cases: [words: string[], code: number, says: RegExp][] = [
      [['org', 'show', 'nobody-of-that-name'], 1, /no organization|not found|there is no/i],
      [['extension', 'create', '1', '--name', 'X', '--org', office.slug], 1, /number/],
      [['device', 'create', '--org', office.slug, '--extension', '999'], 1, /extension/],
      [['device', 'create', '--org', office.slug], 2, /--extension/],
      [['org', 'frobnicate'], 2, /unknown command/],
      [['call', 'list'], 2, /--org/],
    ];
    await Promise.all(
      cases.map(async ([words, code, says]) => {
        const output = await typed(...words);
        expect({ words, code: output.code }).toEqual({ words, code });
        expect(output.err).toMatch(says);
        if (code === 1) expect(output.err.trim().split('\n')).toHaveLength(1);
        expect(output.err).not.toMatch(/\bat .*\.ts:\d+/);
      }),
    );
  });

  test('without an installation it says what to do', async () => {
    const { code, err } = await littlepbx(['status', '--data', '/nonexistent/littlepbx']);
    expect(code).not.toBe(0);
    expect(err).toMatch(/littlepbx up/);
  });

  test('every command has help', async () => {
    // Those of the API are asked one by one, in one process, by apps/cli/src/cli.test.ts.
    const commands = ['up', 'down', 'restart', 'status', 'logs', 'doctor', 'test', 'bench', 'org'];
    const outputs = await Promise.all(commands.map((command) => littlepbx([command, '--help'])));
    for (const [i, { code, out, err }] of outputs.entries()) {
      expect({ command: commands[i], code, err }).toEqual({ command: commands[i], code: 0, err: '' });
      expect(out).toMatch(/usage/i);
    }
    expect((await littlepbx(['--help'])).code).toBe(0);
    expect((await littlepbx(['no-such-command'])).code).not.toBe(0);
  });
});
