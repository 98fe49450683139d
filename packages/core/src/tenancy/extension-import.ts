/**
 * Many extensions at once, from a table. All of it goes into the draft, or nothing: every bad line is named first.
 * Extensions and devices that the table does not name stay as they are; a device that it names and that is not there is
 * made, and its password shown this once.
 */
import { pinComplaint } from '../voicemail/box.ts';
import { type Access, checkScope, ok, refuse, refuseField } from './access.ts';
import type { Administration } from './administration.ts';
import { newDevice } from './devices.ts';
import { toE164 } from './dialling.ts';
import {
  type Column,
  LIST_SEPARATOR,
  type Line,
  type LineProblem,
  listIn,
  readTable,
  writeTable,
} from './extension-csv.ts';
import { newExtension } from './extensions.ts';
import type { SpokenLanguage } from './language.ts';
import type { Extension, Route } from './organization.ts';
import { quotaRefusal } from './quotas.ts';
import type { DeviceRow, OrganizationRow, Secrets, StoreSet, VoicemailBoxRow } from './stores.ts';
import { Complaints, checkEmail, checkExtension, checkName, missingForwards } from './validation.ts';
import type { ExtensionImport, ExtensionImportReport } from './views.ts';
import { EMPTY_BOX } from './voicemail.ts';

/** Devices of one extension that a table may name. */
const MAX_DEVICES = 10;
/** PINs in one table: each costs a twentieth of a second. Whoever gets none chooses one at `*97`. */
const MAX_PINS = 100;

interface Plan {
  extensions: Extension[];
  routes: Route[];
  devices: { extension: Extension; name: string }[];
  /** Boxes that change, by extension. */
  boxes: Map<string, { email: string | null; pin: string | null }>;
  created: number;
  changed: number;
  problems: LineProblem[];
}

interface Situation {
  row: OrganizationRow;
  extensions: Extension[];
  routes: Route[];
  numbers: string[];
  devices: DeviceRow[];
  boxes: Map<string, VoicemailBoxRow>;
  nextId(): string;
}

async function situation(stores: StoreSet, row: OrganizationRow, nextId: () => string): Promise<Situation> {
  const draft = await stores.drafts.content(row.id);
  const numbers = await stores.numbers.all(row.id);
  const [devices, boxes] = [await stores.devices.all(row.id), await stores.voicemail.boxes(row.id)];
  return { row, ...draft, numbers, devices, boxes, nextId };
}

const seconds = (cell: string) => (/^[0-9]{1,9}$/.test(cell) ? Number(cell) : Number.NaN);

/** The extension that a line asks for, as it is written. */
function asked({ cells }: Line, before: Extension): Extension {
  const orNone = (cell: string | undefined, otherwise: string | null) =>
    cell === undefined ? otherwise : cell || null;
  return {
    ...before,
    name: cells.name ?? before.name,
    ringTimeInS: cells.ringTimeInS ? seconds(cells.ringTimeInS) : before.ringTimeInS,
    // Whether it is yes or no is checked with the rest of the line.
    doNotDisturb: cells.doNotDisturb ? /^yes$/i.test(cells.doNotDisturb) : before.doNotDisturb,
    forwardAlways: orNone(cells.forwardAlways, before.forwardAlways),
    forwardBusy: orNone(cells.forwardBusy, before.forwardBusy),
    forwardNoAnswer: orNone(cells.forwardNoAnswer, before.forwardNoAnswer),
    outboundNumber: orNone(cells.outboundNumber, before.outboundNumber),
    // Whether it is one is checked with the rest of the line.
    language: orNone(cells.language?.toLowerCase(), before.language) as SpokenLanguage | null,
  };
}

function plan({ lines, problems: unread }: ReturnType<typeof readTable>, now: Situation, mayUpdate: boolean): Plan {
  const { country } = now.row;
  const problems = [...unread];
  const byNumber = new Map(now.extensions.map((e) => [e.number, e]));
  const firstLine = new Map<string, number>();
  const wanted = new Map<Line, Extension>();
  for (const line of lines) {
    const number = line.cells.number ?? '';
    const first = firstLine.get(number);
    const there = byNumber.get(number);
    const complain = (reason: string) => problems.push({ line: line.line, column: 'number', reason });
    if (first !== undefined) complain(`${number} is on line ${first} already`);
    else if (there && !mayUpdate) complain(`extension ${number} is there already`);
    else wanted.set(line, asked(line, there ?? newExtension(now.nextId(), { number, name: '' })));
    firstLine.set(number, first ?? line.line);
  }

  // Lines may forward to each other, whatever their order.
  const all = new Map([...now.extensions, ...wanted.values()].map((e) => [e.number, e.id]));
  const names = new Set(all.keys());
  const context = { country, numbers: new Set(now.numbers), others: all };
  const extensions = new Map(now.extensions.map((e) => [e.id, e]));
  const routes = new Map(now.routes.map((route) => [route.number, route.extensionId]));
  const leading = new Map<string, string[]>();
  for (const r of now.routes) leading.set(r.extensionId, [...(leading.get(r.extensionId) ?? []), r.number]);
  const claimed = new Map<string, number>();
  const devices: Plan['devices'] = [];
  const boxes: Plan['boxes'] = new Map();
  const present = new Map<string, string[]>();
  for (const d of now.devices) present.set(d.extensionId, [...(present.get(d.extensionId) ?? []), d.name]);
  let [created, changed] = [0, 0];

  for (const [line, extension] of wanted) {
    const c = new Complaints();
    const checked = checkExtension(c, extension, context);
    for (const field of missingForwards(checked, country, names)) c.add(field, 'there is no such extension');
    if (!/^(yes|no)?$/i.test(line.cells.doNotDisturb ?? '')) c.add('doNotDisturb', 'must be yes or no');

    const dids =
      line.cells.dids === undefined ? null : listIn(line.cells.dids, /[|;,]/).map((text) => toE164(text, country));
    for (const did of dids ?? []) {
      if (did === null || !context.numbers.has(did)) c.add('dids', "must be the organization's own numbers");
      else if (claimed.has(did)) c.add('dids', `${did} is on line ${claimed.get(did)} already`);
      else claimed.set(did, line.line);
    }
    const devicesAsked = listIn(line.cells.devices ?? '').map((name) => checkName(c, 'devices', name));
    if (devicesAsked.length > MAX_DEVICES) c.add('devices', `must be at most ${MAX_DEVICES}`);
    const { voicemailEmail = '', voicemailPin = '' } = line.cells;
    const email = voicemailEmail === '' ? null : checkEmail(c, 'voicemailEmail', voicemailEmail);
    const pin = voicemailPin === '' ? null : voicemailPin;
    const weakness = pin === null ? null : pinComplaint(pin, checked.number);
    if (weakness) c.add('voicemailPin', weakness);
    for (const { field, reason } of c.fields) problems.push({ line: line.line, column: field, reason });
    if (c.fields.length > 0) continue;

    const before = extensions.get(checked.id);
    const led = leading.get(checked.id) ?? [];
    const isRerouted = dids !== null && (dids.length !== led.length || dids.some((did) => !led.includes(did!)));
    if (dids !== null) {
      // Another line may have taken the number over in the meantime: only what still leads here is taken away.
      for (const number of led) {
        if (!dids.includes(number) && routes.get(number) === checked.id) routes.delete(number);
      }
      for (const did of dids) routes.set(did!, checked.id);
    }
    extensions.set(checked.id, checked);
    const left = [...(present.get(checked.id) ?? [])];
    let hasNewDevice = false;
    for (const name of devicesAsked) {
      const at = left.indexOf(name);
      if (at >= 0) left.splice(at, 1);
      else {
        devices.push({ extension: checked, name });
        hasNewDevice = true;
      }
    }
    const hasNewBox = pin !== null || (email !== null && email !== now.boxes.get(checked.id)?.email);
    if (hasNewBox) boxes.set(checked.id, { email, pin });
    if (!before) created++;
    else if (
      isRerouted ||
      hasNewDevice ||
      hasNewBox ||
      (Object.keys(checked) as (keyof Extension)[]).some((k) => checked[k] !== before[k])
    ) {
      changed++;
    }
  }
  if ([...boxes.values()].filter(({ pin }) => pin !== null).length > MAX_PINS) {
    problems.push({ line: 1, column: 'voicemailPin', reason: `must be in ${MAX_PINS} lines at most` });
  }
  problems.sort((a, b) => a.line - b.line);
  return {
    extensions: [...extensions.values()],
    routes: [...routes].map(([number, extensionId]) => ({ number, extensionId })),
    devices,
    boxes,
    created,
    changed,
    problems,
  };
}

const IMPORT = { scope: 'extensions:write', write: true, isLong: true } as const;

const toField = ({ line, column, reason }: LineProblem) => ({
  field: column === null ? `line ${line}` : `line ${line}, ${column}`,
  reason,
});

/** Boxes act at once: they are no part of the draft. */
async function setBoxes(
  stores: StoreSet,
  row: OrganizationRow,
  boxes: Plan['boxes'],
  secrets: Pick<Secrets, 'hashPin'>,
): Promise<void> {
  const before = await stores.voicemail.boxes(row.id);
  const after = await Promise.all(
    [...boxes].map(async ([extensionId, { email, pin }]) => {
      const box = { ...(before.get(extensionId) ?? EMPTY_BOX) };
      if (email !== null) box.email = email;
      if (pin !== null) box.pinHash = await secrets.hashPin(pin);
      return { extensionId, box, isUnlocked: pin !== null };
    }),
  );
  for (const { extensionId, box, isUnlocked } of after) {
    await stores.voicemail.put(row.id, extensionId, box);
    if (isUnlocked) await stores.voicemail.setLock(row.id, extensionId, { wrongTries: 0, lockedUntil: null });
  }
}

export function extensionImportUseCases(access: Access): Pick<Administration, 'importExtensions' | 'exportExtensions'> {
  const { clock, ids, secrets } = access.ports;

  return {
    async importExtensions(actor, org, { csv, isDryRun = false, mayUpdate = false }: ExtensionImport) {
      return access.inOrganization(actor, org, IMPORT, async (stores, row, effects) => {
        const table = readTable(csv);
        const result = plan(table, await situation(stores, row, () => ids.next()), mayUpdate);
        const { created, changed, devices, boxes, problems } = result;
        const lines = table.lines.length;
        const report: ExtensionImportReport = {
          lines,
          created,
          changed,
          unchanged: problems.length > 0 ? 0 : lines - created - changed,
          problems,
          devices: [],
        };
        const has = (column: Column) => table.lines.some(({ cells }) => cells[column] !== undefined);
        const lacking =
          (has('dids') && checkScope(actor, 'numbers:write')) ||
          (has('devices') && checkScope(actor, 'devices:write')) ||
          ((has('voicemailEmail') || has('voicemailPin')) && checkScope(actor, 'voicemail:write'));
        if (lacking) return lacking;
        if (isDryRun && problems.length > 0) return ok(report);
        if (problems.length > 0) {
          const fields = problems.map(toField);
          return refuse({ id: 'invalid', message: `${fields.length} problems; nothing was imported`, fields });
        }
        if (lines === 0) return refuseField('invalid', 'csv', 'has no lines below its titles');
        const full =
          (created > 0 && (await quotaRefusal(stores, row, 'extensions', created))) ||
          (devices.length > 0 && (await quotaRefusal(stores, row, 'devices', devices.length)));
        if (full) return full;
        if (isDryRun) return ok(report);

        const made = devices.map(({ extension, name }) => ({
          extension,
          ...newDevice(secrets, { organizationId: row.id, extensionId: extension.id, name, createdAt: clock.now() }),
        }));
        await stores.drafts.replace(row.id, {
          extensions: result.extensions,
          routes: result.routes,
          music: await stores.drafts.music(row.id),
        });
        await stores.devices.insertAll(made.map(({ device }) => device));
        await setBoxes(stores, row, boxes, secrets);
        effects.changed = made.length > 0 || boxes.size > 0;
        return ok({
          ...report,
          devices: made.map(({ extension, device, password }) => ({
            extension: extension.number,
            name: device.name,
            username: device.username,
            password,
          })),
        });
      });
    },

    exportExtensions: (actor, org) =>
      access.inOrganization(actor, org, { scope: 'extensions:read' }, async (stores, row) => {
        const now = await situation(stores, row, () => ids.next());
        const dids = Map.groupBy(now.routes, (route) => route.extensionId);
        const devices = Map.groupBy(now.devices, (device) => device.extensionId);
        // Who may not see boxes gets empty cells, which change nothing when they come back.
        const boxes = checkScope(actor, 'voicemail:read') ? new Map() : now.boxes;
        const rows = now.extensions.map((e) => ({
          number: e.number,
          name: e.name,
          ringTimeInS: String(e.ringTimeInS),
          doNotDisturb: e.doNotDisturb ? 'yes' : 'no',
          forwardAlways: e.forwardAlways ?? '',
          forwardBusy: e.forwardBusy ?? '',
          forwardNoAnswer: e.forwardNoAnswer ?? '',
          outboundNumber: e.outboundNumber ?? '',
          language: e.language ?? '',
          dids: (dids.get(e.id) ?? []).map((route) => route.number).join(LIST_SEPARATOR),
          devices: (devices.get(e.id) ?? []).map((device) => device.name).join(LIST_SEPARATOR),
          voicemailEmail: boxes.get(e.id)?.email ?? '',
          // Nobody can read it.
          voicemailPin: '',
        }));
        return ok({ csv: writeTable(rows) });
      }),
  };
}
