/** A database that is somebody else's, whose owner may no more than he must: used, backed up, and restored into another. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePorts, type Installation, littlepbx, newPorts, stopInstallation } from '../kit/installation.ts';
import { startPostgres } from '../kit/postgres.ts';
import { System } from '../kit/system.ts';
import { hangUp, talk } from '../kit/talk.ts';
import { Town } from '../kit/town.ts';

test('is used, backed up and restored by an owner who may read no row of it as such', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'h-external-'));
  const [port] = await freePorts(1);
  const postgres = await startPostgres(port!);
  const running: Installation[] = [];
  try {
    postgres.sql("create role owner login createrole password 'of-the-owner'");
    for (const name of ['first', 'second']) postgres.sql(`create database ${name} owner owner`);
    const url = (name: string) => `postgres://owner:of-the-owner@127.0.0.1:${port}/${name}`;

    const { flags, ...where } = await newPorts();
    const one: Installation = { data: join(folder, 'one'), ...where, rtpTimeoutInS: 60 };
    const up = await littlepbx(['up', '--detach', '--data', one.data, '--database-url', url('first'), ...flags]);
    expect(up.code, up.err).toBe(0);
    running.push(one);
    const town = new Town(new System(one));
    const office = await town.office();
    await office.extension('101', { name: 'Ann' });
    await office.extension('102', { name: 'Bob' });
    await office.apply();
    const [anns, bobs] = [await office.device('101'), await office.device('102')];

    const file = join(folder, 'external.backup');
    const made = await littlepbx(['backup', file, '--data', one.data]);
    expect(made.code, made.err).toBe(0);
    const elsewhere = await newPorts();
    const two: Installation = { data: join(folder, 'two'), ...elsewhere, rtpTimeoutInS: 60 };
    const how = ['restore', file, '--data', two.data, ...elsewhere.flags];
    // Never into what the first one uses.
    const refused = await littlepbx([...how, '--database-url', url('first')]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('not empty') });
    const back = await littlepbx([...how, '--database-url', url('second')]);
    expect(back.code, back.err).toBe(0);
    const again = await littlepbx(['up', '--detach', '--data', two.data]);
    expect(again.code, again.err).toBe(0);
    running.push(two);

    const other = new Town(new System(two));
    const [ann, bob] = await Promise.all(
      [anns, bobs].map(async ({ username, password }) =>
        (await other.phone({ name: username, username, password })).register(),
      ),
    );
    const { call, answered } = await talk(ann!, '102', bob!);
    await hangUp(call, answered);
    // What happens in one happens in that one alone.
    const params = { org: office.slug };
    await other.system.api.updateOrganization({ params, body: { name: 'Restored' } });
    expect((await town.system.api.getOrganization({ params })).name).not.toBe('Restored');
    expect(postgres.sql('select name from organization', 'second')).toEqual(['Restored']);
    await Promise.all(other.phones.map((phone) => phone.close()));
  } finally {
    for (const installation of running) await stopInstallation(installation);
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
