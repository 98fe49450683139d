/**
 * A company as it is after its first month, for pictures: people with phones, numbers and a line, calls in progress, calls of
 * a month, messages that were spoken, changes that wait; beside it other organizations of the same operator.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Office } from '../kit/office.ts';
import { talk } from '../kit/talk.ts';
import type { Town } from '../kit/town.ts';
import { leaveTone, messagesOf } from '../kit/voicemail.ts';
import { Chance } from '../torture/chance.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STAFF = [
  'Emma Clarke',
  'Oliver Hughes',
  'Priya Patel',
  'Reception',
  'Dmitri Konstantinovich Preobrazhensky-Zaretsky',
  'Отдел продаж',
  'Workshop',
  'Meeting room 2',
];
const CUSTOMERS = [
  ['+442079460555', 'Miller & Co'],
  ['+442079460556', 'Smith Dental'],
  ['+442079460557', null],
  ['+442079460558', 'Northern Rail Freight and Logistics Ltd'],
  [null, null],
] as const;

export interface Company {
  office: Office;
  empty: Office;
  /** One that waited, was sent on and left a message. */
  call: string;
}

export async function openCompany(town: Town): Promise<Company> {
  const { api } = town.system;
  const office = await town.office({ name: 'Harbour & Sons', slug: 'harbour' });
  const { params } = office;
  for (const [i, name] of STAFF.entries()) {
    await office.extension(String(101 + i), { name, ...(i === 6 ? { forwardNoAnswer: 'voicemail' } : {}) });
  }
  const [main, direct] = [await office.did('104'), await office.did('101'), await office.did()] as const;
  await office.update({ defaultNumber: main });
  const carrier = await town.carrier();
  const trunkId = await office.trunk(carrier, { name: 'City Telecom' });
  await office.change('102', { forwardNoAnswer: '103', ringTimeInS: 5, forwardBusy: 'voicemail' });
  await office.apply('Numbers and staff');
  const phone = (extension: string, name = 'Desk phone') => office.phone(extension, { name: extension }, { name });
  const [emma, oliver, priya, reception] = [
    await phone('101'),
    await phone('102'),
    await phone('103'),
    await phone('104'),
    await phone('105', 'Mobile'),
  ] as const;
  await office.device('101', { name: 'Mobile' });
  await office.device('106', { name: 'Desk phone' });

  await insertMonth(town, office, [main, direct], trunkId);
  const dialIn = (number: string, from: string, name: string) =>
    carrier.dial(number, { from: `"${name}" <sip:${from}@carrier.example>` });

  // Nobody picks up at Oliver's, nor at Priya's, where calls are forwarded then: the caller leaves a message.
  await office.set('103', { forwardNoAnswer: 'voicemail', ringTimeInS: 5 });
  await api.routeNumber({ params: { ...params, number: direct }, body: { extension: '102' } });
  await office.apply('Direct number to Oliver');
  const unheard = await dialIn(direct, '+442079460555', 'Miller & Co');
  await leaveTone(unheard);
  await unheard.hangUp();
  await messagesOf(office, '103', 1);
  await office.set('101', { forwardAlways: 'voicemail' });
  const colleague = await oliver.dial('101');
  await leaveTone(colleague);
  await colleague.hangUp();
  await messagesOf(office, '101', 1);
  const { items } = await api.listCalls({ params, query: { search: '460555', result: 'voicemail', limit: 1 } });

  await api.updateOrganization({ params, body: { timeZone: 'Europe/London' } });
  await api.createKey({ params, body: { name: 'Customer database' } });

  // What waits: one is changed, one is new, one is gone, and a number leads elsewhere.
  await office.change('101', { forwardAlways: null, ringTimeInS: 45, name: 'Emma Clarke-Jones' });
  await office.extension('109', { name: 'Trainee' });
  await api.deleteExtension({ params: { ...params, extension: '108' } });
  await api.routeNumber({ params: { ...params, number: main }, body: { extension: '102' } });

  await talk(emma, '103', priya);
  const waiting = await dialIn(main, '+442079460556', 'Smith Dental');
  await reception.rings();
  await waiting.ringing();

  const empty = await town.office({ name: 'Fresh Start Bakery', slug: 'bakery' });
  for (const [slug, name, country] of [
    ['thompson', 'Thompson Legal', 'GB'],
    ['romashka', 'Ромашка', 'RU'],
    ['bergmann', 'Bergmann Feinmechanik und Vermessungstechnik Gesellschaft mbH & Co. KG', 'DE'],
  ] as const) {
    const other = await town.office({ slug, name, country });
    await other.did();
    if (country === 'DE') await other.suspend();
  }
  return { office, empty, call: items[0]!.id };
}

/** Calls of 30 days, more at noon and few at the weekend; always the same ones. */
async function insertMonth(town: Town, office: Office, dids: readonly string[], trunk_id: string): Promise<void> {
  const { data } = town.system.installation;
  const { dbApp } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as { dbApp: string };
  const { db } = JSON.parse(readFileSync(join(data, 'installation.json'), 'utf8')) as { db: { port: number } };
  const chance = new Chance(7);
  const random = () => chance.next();
  const extension = () => String(101 + Math.floor(random() ** 1.6 * STAFF.length));
  const today = new Date().setUTCHours(0, 0, 0, 0);
  const record = (startedAt: number): object => {
    const ring = 2000 + chance.below(16_000);
    const talk = 8000 + Math.floor(random() ** 3 * 1_500_000);
    const direction = chance.pick(['inbound', 'inbound', 'inbound', 'outbound', 'internal'] as const);
    const [from_number, from_name] = chance.pick(CUSTOMERS);
    const did = chance.pick(dids);
    const own = extension();
    const outside = '+442079460558';
    const parties = {
      inbound: { from_number, from_name, did, to_number: did, answered_by: own, trunk_id },
      outbound: { from_number: own, from_extension: own, to_number: outside, answered_by: outside, trunk_id },
      internal: { from_number: own, from_extension: own, to_number: '104', answered_by: '104' },
    }[direction];
    const luck = random();
    const isAnswered = luck < 0.78;
    const [result, reason] = isAnswered
      ? ['answered', chance.pick(['caller-hung-up', 'callee-hung-up'])]
      : luck < 0.88
        ? ['no-answer', 'no-answer']
        : luck < 0.94
          ? ['cancelled', 'caller-hung-up']
          : luck < 0.97
            ? ['busy', 'busy']
            : ['voicemail', 'message-left'];
    return {
      id: randomUUID(),
      organization_id: office.id,
      direction,
      ...parties,
      result,
      reason,
      blame: 'caller',
      started_at: new Date(startedAt),
      answered_at: isAnswered ? new Date(startedAt + ring) : null,
      ended_at: new Date(startedAt + ring + (isAnswered ? talk : 0)),
      ring_duration: ring,
      talk_duration: isAnswered ? talk : 0,
      revision: 1,
      handled_by: 'brain',
      cost: 0,
    };
  };
  const calls: object[] = [];
  for (let day = 1; day <= 30; day++) {
    const midnight = today - day * DAY;
    const isWeekend = [0, 6].includes(new Date(midnight).getUTCDay());
    const count = isWeekend ? 3 : 34 + chance.below(20);
    for (let i = 0; i < count; i++) calls.push(record(midnight + (7.5 + 5.5 * (random() + random())) * HOUR));
  }
  const client = new pg.Client({
    connectionString: `postgres://littlepbx_app:${dbApp}@127.0.0.1:${db.port}/littlepbx`,
  });
  await client.connect();
  try {
    await client.query("SELECT set_config('app.operator', 'on', false)");
    await client.query('INSERT INTO cdr SELECT * FROM json_populate_recordset(null::cdr, $1)', [JSON.stringify(calls)]);
  } finally {
    await client.end();
  }
}
