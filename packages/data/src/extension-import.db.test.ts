import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

const NUMBER = '+4930901820601';

async function office(slug: string, number?: string) {
  const { id, admin } = await t.organization(slug);
  value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
  if (number) value(await t.administration.assignNumber(t.operator, id, { number, extension: '101' }));
  const draft = async () => {
    const { items } = value(await t.administration.listExtensions(admin, id, ALL));
    return items.map(({ id: _, ...e }) => e);
  };
  return {
    id,
    admin,
    draft,
    bring: (csv: string, o = {}) => t.administration.importExtensions(admin, id, { csv, ...o }),
  };
}

describe('an import', () => {
  it('puts people, their numbers and their phones into the draft, and shows each password once', async () => {
    const { id, admin, draft, bring } = await office('brings', NUMBER);
    const report = value(
      await bring(
        `number;name;forwardBusy;dids;devices\n102;Ольга;103;030 901820601;Desk|Mobile\n103;"O'Brien, Bob";;;\n`,
      ),
    );
    expect(report).toMatchObject({ lines: 2, created: 2, changed: 0, problems: [] });
    expect(report.devices.map((d) => [d.extension, d.name])).toEqual([
      ['102', 'Desk'],
      ['102', 'Mobile'],
    ]);
    expect(report.devices[0]!.password).toMatch(/^[A-Za-z0-9]{24}$/);
    expect((await draft()).map((e) => [e.number, e.name, e.forwardBusy])).toEqual([
      ['101', 'Ann', null],
      ['102', 'Ольга', '103'],
      ['103', "O'Brien, Bob", null],
    ]);
    expect(value(await t.administration.getNumber(admin, id, NUMBER)).extension).toBe('102');
    const devices = value(await t.administration.listDevices(admin, id, ALL)).items;
    expect(devices.map((d) => d.username).toSorted()).toEqual(report.devices.map((d) => d.username).toSorted());
    expect(value(await t.administration.getOrganization(admin, id)).appliedRevision).toBe(0);
  });

  it('that has a bad line changes nothing, and names them all', async () => {
    const { admin, id, draft, bring } = await office('bad-lines');
    const before = await draft();
    const csv = [
      'number,name,ringTimeInS,forwardBusy,outboundNumber,dids,devices,doNotDisturb',
      '102,Bob,25,,,,Desk,',
      '102,Bob again,,,,,,',
      '101,Ann,,,,,,',
      '1,Short,,,,,,',
      '112,Emergency,,,,,,',
      '103,,soon,199,+493012345678,+493012345678,,',
      '104,Dan,,104,,,"Kit<chen",maybe',
      '105,Eve,,106,,,,Yes',
      '106,Fay,,,,',
    ].join('\n');
    const dry = value(await bring(csv, { isDryRun: true }));
    expect(dry.problems.map((p) => [p.line, p.column])).toEqual([
      [3, 'number'],
      [4, 'number'],
      [5, 'number'],
      [6, 'number'],
      [7, 'name'],
      [7, 'ringTimeInS'],
      [7, 'outboundNumber'],
      [7, 'forwardBusy'],
      [7, 'dids'],
      [8, 'forwardBusy'],
      [8, 'doNotDisturb'],
      [8, 'devices'],
      [9, 'forwardBusy'],
      [10, null],
    ]);
    expect(dry.problems[0]!.reason).toBe('102 is on line 2 already');
    const real = await bring(csv);
    expect(real.ok ? [] : [real.refusal.id, real.refusal.fields!.length]).toEqual(['invalid', 14]);
    expect(real.ok ? '' : real.refusal.fields![0]!.field).toBe('line 3, number');
    expect(await draft()).toEqual(before);
    expect(value(await t.administration.listDevices(admin, id, ALL)).items).toEqual([]);
  });

  it('as a dry run says what it would do, and does nothing', async () => {
    const { draft, bring } = await office('dry');
    const before = await draft();
    const report = value(await bring('number,name,devices\n102,Bob,Desk\n', { isDryRun: true }));
    expect(report).toMatchObject({ created: 1, problems: [], devices: [] });
    expect(await draft()).toEqual(before);
    expect(refusal(await bring('number,name\n'))).toBe('invalid');
  });

  it('of what was exported changes nothing', async () => {
    const { id, admin, bring, draft } = await office('around', '+4930901820602');
    const name = '=1+1';
    value(await t.administration.createExtension(admin, id, { number: '102', name, forwardAlways: '+4930901820602' }));
    value(await t.administration.updateExtension(admin, id, '101', { outboundNumber: '+4930901820602' }));
    for (const device of ['Phone', 'Phone', 'Desk, left']) {
      value(await t.administration.createDevice(admin, id, { extension: '101', name: device }));
    }
    const before = await draft();
    const { csv } = value(await t.administration.exportExtensions(admin, id));
    expect(csv).toContain("'=1+1");
    const report = value(await bring(csv, { mayUpdate: true }));
    expect(report).toMatchObject({ lines: 2, created: 0, changed: 0, unchanged: 2, devices: [] });
    expect(await draft()).toEqual(before);
    // And into another organization, where they are new; numbers are not theirs.
    const other = await office('around-b');
    const there = value(await other.bring(csv.replace('101', '201').replaceAll("'+4930901820602", ''), {}));
    expect(there).toMatchObject({ created: 2 });
    expect(there.devices.map((d) => d.name).toSorted()).toEqual(['Desk, left', 'Phone', 'Phone']);
  });

  it('changes what is there when it may, by the columns that it has', async () => {
    const { id, admin, bring, draft } = await office('update', '+4930901820603');
    value(await t.administration.updateExtension(admin, id, '101', { ringTimeInS: 40, forwardBusy: '+4930901820603' }));
    const report = value(await bring('number,name,dids\n101,Anna,\n', { mayUpdate: true }));
    expect(report).toMatchObject({ created: 0, changed: 1 });
    expect(await draft()).toMatchObject([{ name: 'Anna', ringTimeInS: 40, forwardBusy: '+4930901820603' }]);
    expect(value(await t.administration.getNumber(admin, id, '+4930901820603')).extension).toBeNull();
    value(await bring('number,forwardBusy,ringTimeInS\n101,,\n', { mayUpdate: true }));
    expect(await draft()).toMatchObject([{ name: 'Anna', ringTimeInS: 40, forwardBusy: null }]);
  });

  it('sets up voicemail boxes at once: where messages are told, and a first PIN', async () => {
    const { id, admin, bring } = await office('boxes');
    const box = (extension: string) => t.administration.getVoicemailBox(admin, id, extension).then(value);
    const csv = 'number,name,voicemailEmail,voicemailPin\n102,Bob,bob@example.com,271828\n103,Cyd,,\n';
    expect(value(await bring(csv))).toMatchObject({ created: 2 });
    expect(await box('102')).toMatchObject({ email: 'bob@example.com', hasPin: true });
    expect(await box('103')).toMatchObject({ email: null, hasPin: false });
    // Empty cells leave a box as it is, and what was exported changes nothing.
    const table = value(await t.administration.exportExtensions(admin, id)).csv;
    expect(table).toContain('bob@example.com');
    expect(table).not.toContain('271828');
    expect(value(await bring(table, { mayUpdate: true }))).toMatchObject({ changed: 0, unchanged: 3 });
    expect(await box('102')).toMatchObject({ email: 'bob@example.com', hasPin: true });
    const bad = 'number,voicemailEmail,voicemailPin\n102,nobody,123456\n';
    expect(value(await bring(bad, { mayUpdate: true, isDryRun: true })).problems.map((p) => p.column)).toEqual([
      ...['voicemailEmail', 'voicemailPin'],
    ]);
    const weak = { ...admin, scopes: new Set(['extensions:write', 'extensions:read'] as const) };
    expect(refusal(await t.administration.importExtensions(weak, id, { csv, mayUpdate: true }))).toBe('forbidden');
    expect(value(await t.administration.exportExtensions(weak, id)).csv).not.toContain('bob@example.com');
  });

  it('takes the language of each, and refuses one that nobody speaks', async () => {
    const { bring, draft } = await office('tongues');
    expect(value(await bring('number,name,language\n102,Bob,RU\n103,Cyd,\n'))).toMatchObject({ created: 2 });
    expect((await draft()).map((e) => e.language)).toEqual([null, 'ru', null]);
    const bad = value(await bring('number,name,language\n104,Dan,xx\n', { isDryRun: true }));
    expect(bad.problems).toMatchObject([{ line: 2, column: 'language' }]);
  });

  it('needs the scopes of all that it changes, and room for all of it', async () => {
    const { id, admin, bring } = await office('rights');
    const weak = { ...admin, scopes: new Set(['extensions:write'] as const) };
    const csv = 'number,name,devices\n102,Bob,Desk\n';
    expect(refusal(await t.administration.importExtensions(weak, id, { csv }))).toBe('forbidden');
    expect(refusal(await t.administration.importExtensions(weak, id, { csv: 'number,name\n102,Bob\n' }))).toBe('ok');
    value(await t.administration.updateOrganization(t.operator, id, { quotas: { extensions: 3 } }));
    expect(refusal(await bring('number,name\n103,A\n104,B\n'))).toBe('quota-reached');
    value(await bring('number,name\n103,A\n'));
  });

  it('of 2,000 people with a phone each takes no longer than a request may', async () => {
    const { id, admin, bring } = await office('large');
    value(await t.administration.updateOrganization(t.operator, id, { quotas: { extensions: 3000 } }));
    const lines = Array.from({ length: 2000 }, (_, i) => `${2000 + i},Person ${i},${2000 + ((i + 1) % 2000)},Desk`);
    const csv = `number,name,forwardBusy,devices\n${lines.join('\n')}\n`;
    const times: number[] = [];
    for (const o of [{ isDryRun: true }, {}, { isDryRun: true, mayUpdate: true }]) {
      const started = performance.now();
      value(await bring(csv, o));
      times.push(Math.round(performance.now() - started));
    }
    console.log(`import of 2,000 lines: dry run ${times[0]} ms, for real ${times[1]} ms, again ${times[2]} ms`);
    expect(Math.max(...times)).toBeLessThan(10_000);
    expect(value(await t.administration.getOrganization(admin, id)).pendingChanges).toBe(2001);
    const { version } = (await t.loader.loadOrganization(id))!;
    value(await bring('number,name,devices\n9001,A,Desk\n'));
    expect((await t.loader.loadOrganization(id))!.version).toBeGreaterThan(version);
  });
});
