/**
 * `Administration` in memory, for tests of the HTTP side alone: it keeps what it is given and finds it again, and
 * checks nothing but who owns what. The rules are proven on the real one, by the db tier in `packages/data`.
 */
import { randomUUID } from 'node:crypto';
import { SCOPES } from '@littlepbx/contract';
import { ALERT_DEFAULTS } from '@littlepbx/core/alerts/settings';
import type { Cdr } from '@littlepbx/core/call/record';
import type { Actor, Scope } from '@littlepbx/core/tenancy/actor';
import type { Administration } from '@littlepbx/core/tenancy/administration';
import { DEFAULT_LIMITS, type Extension, NO_EXTENSION_LIMITS } from '@littlepbx/core/tenancy/organization';
import type { Outcome, Paged, Refusal } from '@littlepbx/core/tenancy/outcome';
import type {
  ApiKey,
  DeviceView,
  FileView,
  MailServerView,
  NumberView,
  OrganizationView,
  RevisionView,
  TrunkView,
  VoicemailBoxView,
} from '@littlepbx/core/tenancy/views';
import type { Message } from '@littlepbx/core/voicemail/box';
import type { Webhook, WebhookDelivery } from '@littlepbx/core/webhooks/webhook';

interface Tenant {
  view: OrganizationView;
  extensions: Extension[];
  devices: DeviceView[];
  numbers: NumberView[];
  trunks: TrunkView[];
  revisions: RevisionView[];
  calls: Cdr[];
  files: FileView[];
  webhooks: Webhook[];
  deliveries: WebhookDelivery[];
}

export interface Fake extends Administration {
  tenants: Tenant[];
  keys: (ApiKey & { token: string })[];
  /** What is thrown or refused next, whatever is asked. */
  fault: Error | null;
  /** Makes a key with these scopes (default: all) and gives its token. */
  keyOf(slug: string | null, scopes?: Scope[]): string;
}

/** Nobody calls here. */
const EMPTY_BOX: VoicemailBoxView = {
  hasPin: false,
  lockedUntil: null,
  greeting: null,
  maxMessageInS: 180,
  email: null,
  isSoundAttached: true,
  newMessages: 0,
  oldMessages: 0,
};
const isNamed = (e: Extension, name: string): boolean => e.number === name || e.id === name;

const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const no = (id: Refusal['id'], message: string): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { id, message },
});
const absent = () => no('not-found', 'There is no such thing.');
const page = <T>(items: T[], limit: number): Outcome<Paged<T>> =>
  ok({ items: items.slice(0, limit), nextCursor: items.length > limit ? 'more' : null });
const removed = <T>(list: T[], test: (item: T) => boolean): Outcome<null> => {
  const at = list.findIndex(test);
  if (at < 0) return absent();
  list.splice(at, 1);
  return ok(null);
};

export function fakeAdministration(): Fake {
  const tenants: Tenant[] = [];
  const keys: Fake['keys'] = [];
  const alertSettings = structuredClone(ALERT_DEFAULTS);
  let mailServer: MailServerView | null = null;

  const tenantOf = (actor: Actor, org: string): Tenant | undefined =>
    tenants.find(
      ({ view }) =>
        (view.slug === org || view.id === org) && (actor.organizationId === null || actor.organizationId === view.id),
    );
  const within = async <T>(actor: Actor, org: string, use: (t: Tenant) => Outcome<T>): Promise<Outcome<T>> => {
    if (fake.fault) throw fake.fault;
    const tenant = tenantOf(actor, org);
    return tenant ? use(tenant) : absent();
  };
  const oneOf = <T>(item: T | undefined): Outcome<T> => (item === undefined ? absent() : ok(item));
  const deviceOf = async <T>(actor: Actor, username: string, use: (d: DeviceView, t: Tenant) => Outcome<T>) => {
    const tenant = tenants.find((t) => t.devices.some((d) => d.username === username));
    const device = tenant?.devices.find((d) => d.username === username);
    if (!tenant || !device || !tenantOf(actor, tenant.view.id)) return absent();
    return use(device, tenant);
  };
  const keyView = ({ token: _, ...key }: Fake['keys'][number]): ApiKey => key;
  const newKey = (organizationId: string | null, name: string, scopes: Scope[]) => {
    const key = {
      id: randomUUID(),
      name,
      organizationId,
      scopes,
      createdAt: Date.now(),
      lastUsedAt: null,
      token: `lpbx_${randomUUID().replaceAll('-', '')}`,
    };
    keys.push(key);
    return key;
  };
  const extensionIn = (t: Tenant, name: string) => t.extensions.find((e) => e.number === name || e.id === name);

  const fake: Fake = {
    tenants,
    keys,
    fault: null,
    keyOf: (slug, scopes = [...SCOPES]) =>
      newKey(slug === null ? null : (tenants.find((t) => t.view.slug === slug)?.view.id ?? slug), 'test', scopes).token,

    async authenticate(token) {
      if (fake.fault) throw fake.fault;
      const key = keys.find((k) => k.token === token);
      return key
        ? { kind: 'key', id: key.id, name: key.name, organizationId: key.organizationId, scopes: new Set(key.scopes) }
        : null;
    },
    session: async () => null,
    ownerOf: async (what, name) =>
      what === 'key'
        ? (keys.find((k) => k.id === name)?.organizationId ?? null)
        : (tenants.find((t) => t.devices.some((d) => d.username === name))?.view.id ?? null),
    siteOf: async (slug) => {
      const tenant = tenants.find(({ view }) => view.slug === slug && !view.isSuspended);
      return ok(tenant ? { slug, companyName: tenant.view.name, logoTag: null } : null);
    },
    siteLogo: async () => absent(),
    getLogo: (actor, org) => within(actor, org, absent),
    setLogo: (actor, org) => within(actor, org, (t) => ok(t.view)),
    removeLogo: (actor, org) => within(actor, org, () => ok(null)),
    listSessions: async () => ok([]),
    endOtherSessions: async () => ok(null),
    updatePerson: async (person, change) => ok({ ...person, ...change }),
    requestPasswordReset: async () => ok(null),
    listOrganizationUsers: (actor, org, { limit }) => within(actor, org, () => page([], limit)),
    changeRole: (actor, org) => within(actor, org, absent),
    removeUser: (actor, org) => within(actor, org, absent),
    listInvitations: (actor, org, { limit }) => within(actor, org, () => page([], limit)),
    invite: (actor, org, wish) =>
      within(actor, org, (t) => {
        const at = { createdAt: Date.now(), expiresAt: Date.now() + 1000 };
        const ids = { id: randomUUID(), organizationId: t.view.id, invitedBy: actor.name, extensionId: null };
        return ok({ ...ids, ...wish, ...at, isMailed: true, link: null });
      }),
    resendInvitation: (actor, org) => within(actor, org, absent),
    revokeInvitation: (actor, org) => within(actor, org, absent),
    lookAtInvitation: async () => no('link-void', 'There is no such link.'),
    acceptInvitation: async () => no('link-void', 'There is no such link.'),
    listUsers: async () => page([], 1),
    createUser: async (_actor, { email, name, language = 'en', isOperator = false, password }) => {
      const person = { id: randomUUID(), email, name, language, isOperator, isSuspended: false, hasTwoFactor: false };
      return ok({ ...person, createdAt: Date.now(), memberships: [], password: password ? null : 'made-for-a-test' });
    },
    updateUser: async () => absent(),
    resetUserPassword: async () => absent(),
    deleteUser: async () => absent(),
    resolveOrganization: (actor, org) => within(actor, org, (t) => ok(t.view.id)),
    ownThings: (actor, org) => within(actor, org, (t) => ok({ organizationId: t.view.id, only: null })),

    async listOrganizations(actor, _filter, { limit }) {
      return page(
        tenants.map((t) => t.view).filter((v) => tenantOf(actor, v.id)),
        limit,
      );
    },
    getOrganization: (actor, org) => within(actor, org, (t) => ok(t.view)),
    async createOrganization(_actor, { extensions: _e, numbers: _n, trunk: _t, hasAdminKey: _k, admin: _a, ...o }) {
      if (tenants.some((t) => t.view.slug === o.slug)) return no('slug-taken', 'This short name is taken.');
      const view: OrganizationView = {
        allowedCountries: [o.country],
        timeZone: 'UTC',
        language: 'en',
        ...o,
        quotas: { extensions: 100, devices: 100, numbers: 100, keys: 100, ...o.quotas },
        limits: { ...DEFAULT_LIMITS, storageBytes: 1000 },
        id: randomUUID(),
        isSuspended: false,
        defaultNumber: null,
        numbers: [],
        appliedRevision: 0,
        pendingChanges: 0,
        storageUsed: 0,
        retention: { recordingsInDays: 0, voicemailInDays: 0 },
        alertMailTo: o.alertMailTo ?? [],
        logo: null,
        createdAt: Date.now(),
        deletedAt: null,
      };
      tenants.push({
        ...{ view, extensions: [], devices: [], numbers: [], trunks: [], revisions: [], calls: [], files: [] },
        ...{ webhooks: [], deliveries: [] },
      });
      return ok({ ...view, adminToken: null, adminInvitation: null });
    },
    updateOrganization: (actor, org, { limits, quotas, retention, expected: _, ...change }) =>
      within(actor, org, (t) => {
        const { offHours, anomaly } = t.view.limits;
        Object.assign(t.view, change, {
          limits: {
            ...t.view.limits,
            ...limits,
            offHours: { ...offHours, ...limits?.offHours },
            anomaly: { ...anomaly, ...limits?.anomaly },
          },
          quotas: { ...t.view.quotas, ...quotas },
          retention: { ...t.view.retention, ...retention },
        });
        return ok(t.view);
      }),
    deleteOrganization: (actor, org) =>
      within(actor, org, (t) => {
        tenants.splice(tenants.indexOf(t), 1);
        return ok(t.view.id);
      }),
    restoreOrganization: (actor, org) => within(actor, org, (t) => ok(t.view)),
    exportOrganization: (actor, org) =>
      within(actor, org, ({ view, extensions, devices, numbers, trunks }) =>
        ok({
          exportedAt: Date.now(),
          organization: view,
          ...{ extensions, devices, numbers, trunks },
          revisions: [],
          keys: [],
          files: [],
          webhooks: [],
        }),
      ),
    eraseOrganization: async () => {},

    listExtensions: (actor, org, { limit }) => within(actor, org, (t) => page(t.extensions, limit)),
    getExtension: (actor, org, name) => within(actor, org, (t) => oneOf(extensionIn(t, name))),
    listColleagues: (actor, org, { limit }) =>
      within(actor, org, (t) =>
        page(
          t.extensions.map(({ number, name }) => ({ number, name })),
          limit,
        ),
      ),
    createExtension: (actor, org, { restores: _, ...e }) =>
      within(actor, org, (t) => {
        if (extensionIn(t, e.number)) return no('number-taken', 'This number is taken.');
        const extension: Extension = {
          ringTimeInS: 25,
          doNotDisturb: false,
          forwardAlways: null,
          forwardBusy: null,
          forwardNoAnswer: null,
          outboundNumber: null,
          language: null,
          ...e,
          id: randomUUID(),
        };
        t.extensions.push(extension);
        return ok(extension);
      }),
    importExtensions: (actor, org) =>
      within(actor, org, () => ok({ lines: 0, created: 0, changed: 0, unchanged: 0, problems: [], devices: [] })),
    exportExtensions: (actor, org) => within(actor, org, () => ok({ csv: '' })),
    updateExtension: (actor, org, name, change) =>
      within(actor, org, (t) => {
        const extension = extensionIn(t, name);
        return extension ? ok(Object.assign(extension, change)) : absent();
      }),
    deleteExtension: (actor, org, name) =>
      within(actor, org, (t) => removed(t.extensions, (e) => e.number === name || e.id === name)),

    listDevices: (actor, org, { limit }) => within(actor, org, (t) => page(t.devices, limit)),
    getDevice: (actor, username) => deviceOf(actor, username, (d) => ok(d)),
    createDevice: (actor, org, d) =>
      within(actor, org, (t) => {
        const extension = extensionIn(t, d.extension);
        if (!extension) return no('not-found', 'There is no such extension.');
        const device: DeviceView = {
          username: randomUUID().replaceAll('-', '').slice(0, 16),
          extensionId: extension.id,
          extension: extension.number,
          name: d.name ?? 'Phone',
          transport: d.transport ?? 'any',
          digest: d.digest ?? 'md5',
          suspension: null,
          createdAt: Date.now(),
        };
        t.devices.push(device);
        return ok({ ...device, password: 'made-for-a-test', digestMd5: 'must never leave' });
      }),
    updateDevice: (actor, username, change) => deviceOf(actor, username, (d) => ok(Object.assign(d, change))),
    resetDevicePassword: (actor, username) =>
      deviceOf(actor, username, (d) => ok({ ...d, password: 'made-again-for-a-test' })),
    deleteDevice: (actor, username) =>
      deviceOf(actor, username, (_d, t) => removed(t.devices, (d) => d.username === username)),

    listNumbers: (actor, org, { limit }) => within(actor, org, (t) => page(t.numbers, limit)),
    getNumber: (actor, org, number) => within(actor, org, (t) => oneOf(t.numbers.find((n) => n.number === number))),
    assignNumber: (actor, org, n) =>
      within(actor, org, (t) => {
        if (tenants.some((o) => o.numbers.some((other) => other.number === n.number))) {
          return no('number-taken', 'This number is taken.');
        }
        const number = { number: n.number, extension: n.extension ?? null, appliedExtension: null };
        t.numbers.push(number);
        t.view.numbers.push(n.number);
        return ok(number);
      }),
    routeNumber: (actor, org, number, extension) =>
      within(actor, org, (t) => {
        const found = t.numbers.find((n) => n.number === number);
        return found ? ok(Object.assign(found, { extension })) : absent();
      }),
    releaseNumber: (actor, org, number) => within(actor, org, (t) => removed(t.numbers, (n) => n.number === number)),

    listTrunks: (actor, org, { limit }) => within(actor, org, (t) => page(t.trunks, limit)),
    getTrunk: (actor, org, id) => within(actor, org, (t) => oneOf(t.trunks.find((k) => k.id === id))),
    createTrunk: (actor, org, { password, ...k }) =>
      within(actor, org, (t) => {
        const trunk: TrunkView = {
          isInbound: true,
          isOutbound: true,
          port: null,
          transport: 'udp',
          register: false,
          username: null,
          authUsername: null,
          outboundProxy: null,
          fromUser: null,
          fromDomain: null,
          verifyCertificate: true,
          certificateAuthority: null,
          codecs: ['alaw', 'ulaw'],
          addresses: [],
          ...k,
          id: randomUUID(),
          hasPassword: password != null,
        };
        t.trunks.push(trunk);
        return ok(trunk);
      }),
    updateTrunk: (actor, org, id, { password: _, expected: __, ...change }) =>
      within(actor, org, (t) => {
        const trunk = t.trunks.find((k) => k.id === id);
        return trunk ? ok(Object.assign(trunk, change)) : absent();
      }),
    deleteTrunk: (actor, org, id) => within(actor, org, (t) => removed(t.trunks, (k) => k.id === id)),

    listRates: (actor, org, id) =>
      within(actor, org, (t) =>
        t.trunks.some((k) => k.id === id)
          ? ok({ items: [], nextCursor: null, currency: null, importedAt: null, count: 0 })
          : absent(),
      ),
    importRates: (actor, org, id, { currency, isDryRun = false }) =>
      within(actor, org, (t) => (t.trunks.some((k) => k.id === id) ? ok({ currency, count: 1, isDryRun }) : absent())),
    setRate: (actor, org, id, prefix, { currency: _, expected: __, ...price }) =>
      within(actor, org, (t) => (t.trunks.some((k) => k.id === id) ? ok({ prefix, ...price }) : absent())),
    deleteRate: (actor, org, id) =>
      within(actor, org, (t) => (t.trunks.some((k) => k.id === id) ? ok(null) : absent())),
    deleteRates: (actor, org, id) =>
      within(actor, org, (t) => (t.trunks.some((k) => k.id === id) ? ok(null) : absent())),
    getExtensionLimits: (actor, org, name) =>
      within(actor, org, (t) => (extensionIn(t, name) ? ok(NO_EXTENSION_LIMITS) : absent())),
    updateExtensionLimits: (actor, org, name, change) =>
      within(actor, org, (t) => (extensionIn(t, name) ? ok({ ...NO_EXTENSION_LIMITS, ...change }) : absent())),
    suspendDevice: (actor, username, { reason = '' }) =>
      deviceOf(actor, username, (d) => ok({ ...d, suspension: { by: 'organization', reason, at: Date.now() } })),
    unsuspendDevice: (actor, username) => deviceOf(actor, username, (d) => ok({ ...d, suspension: null })),
    suspendExtension: (actor, org, name) =>
      within(actor, org, (t) => (extensionIn(t, name) ? ok({ suspension: null }) : absent())),
    getExtensionSuspension: (actor, org, name) =>
      within(actor, org, (t) => (extensionIn(t, name) ? ok({ suspension: null }) : absent())),
    unsuspendExtension: (actor, org, name) =>
      within(actor, org, (t) => (extensionIn(t, name) ? ok({ suspension: null }) : absent())),
    suspendOrganization: (actor, org) => within(actor, org, (t) => ok({ ...t.view, isSuspended: true })),
    unsuspendOrganization: (actor, org) => within(actor, org, (t) => ok({ ...t.view, isSuspended: false })),
    suspendByItself: async () => ok(null),

    getDraft: (actor, org) =>
      within(actor, org, (t) =>
        ok({
          organizationId: t.view.id,
          revision: t.view.appliedRevision,
          changes: t.extensions.map((e) => ({
            ...{ kind: 'added', what: 'extension', id: e.id, name: e.number, before: null, after: e },
            ...{ changedAt: Date.now(), changedBy: { kind: 'key', id: 'k', name: 'Admin' } },
          })),
          waiting: null,
          removedDevices: [{ username: 'gone', name: 'Desk phone', extension: '199' }],
        }),
      ),
    applyWhenIdle: (actor, org, { deadlineInS = 3600, note = null, email = null }) =>
      within(actor, org, () =>
        ok({ askedAt: Date.now(), askedBy: 'test', deadline: Date.now() + deadlineInS * 1000, note, email }),
      ),
    stopApply: (actor, org) => within(actor, org, () => ok(null)),
    applyWaiting: async () => ok(null),
    resetDraft: (actor, org) => within(actor, org, () => ok(null)),
    apply: (actor, org, note) =>
      within(actor, org, (t) => {
        for (const r of t.revisions) r.isCurrent = false;
        const revision = {
          number: t.revisions.length + 1,
          appliedAt: Date.now(),
          appliedBy: 'test',
          isCurrent: true,
          note: note ?? null,
        };
        t.revisions.unshift(revision);
        t.view.appliedRevision = revision.number;
        return ok(revision);
      }),
    discardDraft: (actor, org) => within(actor, org, () => ok(null)),
    lookAtRollback: (actor, org, number) =>
      within(actor, org, (t) =>
        t.revisions.some((r) => r.number === number)
          ? ok({
              ...{ organizationId: t.view.id, revision: t.view.appliedRevision, changes: [], dropped: 1 },
              removedDevices: [{ username: 'gone', name: 'Desk phone', extension: '199' }],
              notRestored: [{ what: 'number', extension: null, number: '+442079460199' }],
            })
          : absent(),
      ),
    rollback: (actor, org, number) =>
      within(actor, org, (t) => {
        const found = t.revisions.find((r) => r.number === number);
        return found ? ok({ ...found, notRestored: [] }) : absent();
      }),
    listRevisions: (actor, org, { limit }) => within(actor, org, (t) => page(t.revisions, limit)),
    getRevision: (actor, org, number) =>
      within(actor, org, (t) =>
        t.revisions.some((r) => r.number === number)
          ? ok({ number, content: { extensions: t.extensions, routes: [], music: 'own' } })
          : absent(),
      ),

    listCalls: (actor, org, _filter, { limit }) => within(actor, org, (t) => page(t.calls, limit)),
    getCall: (actor, org, id) =>
      within(actor, org, (t) => {
        const cdr = t.calls.find((c) => c.id === id);
        return cdr ? ok({ cdr, trace: [{ at: cdr.startedAt, step: 'call-began', detail: { to: cdr.to } }] }) : absent();
      }),

    exportCalls: (actor, org) => within(actor, org, () => ok((async function* () {})())),
    getStatistics: (actor, org) =>
      within(actor, org, () =>
        ok({
          ...{ since: 0, until: 0, timeZone: 'UTC', buckets: [], busiestHour: null, hoursOfDay: [] },
          ...{ extensions: [], trunks: [] },
          totals: {
            ...{ calls: 0, answered: 0, voicemail: 0, missed: 0, abandoned: 0, failed: 0 },
            ...{ talkDuration: 0, ringDuration: 0, internal: 0, inbound: 0, outbound: 0 },
          },
        }),
      ),
    exportStatistics: (actor, org) => within(actor, org, () => ok('')),
    callTotals: (actor, org) =>
      within(actor, org, () => ok({ since: 0, until: 0, timeZone: 'UTC', totals: [], costs: [] })),
    listAudit: async (actor, org) => (org === null || tenantOf(actor, org) ? page([], 1) : absent()),
    noteAct: async (actor, org) => (org === null ? ok(null) : within(actor, org, () => ok(null))),
    listFiles: (actor, org, _filter, { limit }) => within(actor, org, (t) => page(t.files, limit)),
    getFile: (actor, org, id) => within(actor, org, (t) => oneOf(t.files.find((f) => f.id === id))),
    uploadFile: (actor, org, what) =>
      within(actor, org, (t) => {
        const ref = { id: randomUUID(), organizationId: t.view.id, callId: null, details: {} };
        const file: FileView = { ...ref, ...what, bytes: 16_044, duration: 1000, createdAt: Date.now() };
        t.files.push(file);
        return ok(file);
      }),
    getMusic: (actor, org) => within(actor, org, () => ok({ music: 'own', appliedMusic: 'own' })),
    setMusic: (actor, org, music) => within(actor, org, () => ok({ music, appliedMusic: 'own' })),
    deleteFile: (actor, org, id) => within(actor, org, (t) => removed(t.files, (f) => f.id === id)),

    listVoicemailBoxes: (actor, org, { limit }) =>
      within(actor, org, (t) =>
        page(
          t.extensions.map(({ id, number, name }) => ({
            ...{ extensionId: id, extension: number, name },
            ...{ newMessages: 0, oldMessages: 0, latestAt: null },
          })),
          limit,
        ),
      ),
    getVoicemailBox: (actor, org, extension) =>
      within(actor, org, (t) => (t.extensions.some((e) => isNamed(e, extension)) ? ok(EMPTY_BOX) : absent())),
    updateVoicemailBox: (actor, org, extension, { pin, isLocked: _, ...change }) =>
      within(actor, org, (t) => {
        if (!t.extensions.some((e) => isNamed(e, extension))) return absent();
        return ok({ ...EMPTY_BOX, ...change, hasPin: typeof pin === 'string' });
      }),
    listVoicemailMessages: (actor, org, extension, _filter, { limit }) =>
      within(actor, org, (t) =>
        t.extensions.some((e) => isNamed(e, extension)) ? page<Message>([], limit) : absent(),
      ),
    getVoicemailMessage: (actor, org) => within(actor, org, absent),
    updateVoicemailMessage: (actor, org) => within(actor, org, absent),
    deleteVoicemailMessage: (actor, org) => within(actor, org, absent),

    listWebhooks: (actor, org, { limit }) => within(actor, org, (t) => page(t.webhooks, limit)),
    getWebhook: (actor, org, id) => within(actor, org, (t) => oneOf(t.webhooks.find((w) => w.id === id))),
    createWebhook: (actor, org, { description = '', isActive = true, ...w }) =>
      within(actor, org, (t) => {
        const state = { disabledReason: null, failingSince: null, oldSecretUntil: null };
        const webhook = { ...w, description, isActive, ...state, id: randomUUID(), createdAt: Date.now() };
        t.webhooks.push(webhook);
        return ok({ ...webhook, secret: 'whsec_made-for-a-test' });
      }),
    updateWebhook: (actor, org, id, { expected: _, ...change }) =>
      within(actor, org, (t) => {
        const webhook = t.webhooks.find((w) => w.id === id);
        return webhook ? ok(Object.assign(webhook, change)) : absent();
      }),
    deleteWebhook: (actor, org, id) => within(actor, org, (t) => removed(t.webhooks, (w) => w.id === id)),
    replaceWebhookSecret: (actor, org, id) =>
      within(actor, org, (t) => {
        const webhook = t.webhooks.find((w) => w.id === id);
        return webhook ? ok({ ...webhook, secret: 'whsec_made-again-for-a-test' }) : absent();
      }),
    testWebhook: (actor, org, id) =>
      within(actor, org, (t) => {
        if (!t.webhooks.some((w) => w.id === id)) return absent();
        const now = { occurredAt: Date.now(), createdAt: Date.now(), nextAttemptAt: Date.now() };
        const result = { attemptedAt: null, responseStatus: null, fault: null, answer: null, duration: null };
        const delivery: WebhookDelivery = {
          ...{ id: randomUUID(), webhookId: id, event: 'test', state: 'waiting', attempts: 0 },
          ...now,
          ...result,
        };
        t.deliveries.push(delivery);
        return ok(delivery);
      }),
    listWebhookDeliveries: (actor, org, id, _filter, { limit }) =>
      within(actor, org, (t) =>
        t.webhooks.some((w) => w.id === id)
          ? page(
              t.deliveries.filter((d) => d.webhookId === id),
              limit,
            )
          : absent(),
      ),
    getWebhookMessage: (actor, org, _webhook, id) =>
      within(actor, org, (t) => {
        const delivery = t.deliveries.find((d) => d.id === id);
        if (!delivery) return absent();
        const { event: type, occurredAt, webhookId } = delivery;
        const timestamp = new Date(occurredAt).toISOString();
        return ok({ type, timestamp, organizationId: t.view.id, data: { webhookId } });
      }),
    resendWebhookDelivery: (actor, org, _webhook, id) =>
      within(actor, org, (t) => oneOf(t.deliveries.find((d) => d.id === id))),

    async listKeys(actor, org, { limit }) {
      const owner = org === null ? null : tenantOf(actor, org)?.view.id;
      if (owner === undefined) return absent();
      return page(keys.filter((k) => k.organizationId === owner).map(keyView), limit);
    },
    async createKey(actor, org, k) {
      const owner = org === null ? null : tenantOf(actor, org)?.view.id;
      return owner === undefined ? absent() : ok(newKey(owner, k.name, k.scopes ?? [...actor.scopes]));
    },
    getAlertSettings: async () => ok(alertSettings),
    async updateAlertSettings(_actor, { thresholds, expected: _expected, ...change }) {
      Object.assign(alertSettings, change, { thresholds: { ...alertSettings.thresholds, ...thresholds } });
      return ok({ ...alertSettings, webhookSecret: null });
    },
    getMail: async () => ok({ server: mailServer, waiting: 0, failed: 0 }),
    async setMailServer(_actor, { password, expected: _expected, ...change }) {
      const defaults = { port: 587, security: 'starttls', verifyCertificate: true, username: null } as const;
      mailServer = { ...defaults, fromName: 'LittlePBX', ...change, hasPassword: password != null };
      return ok(mailServer);
    },
    async removeMailServer() {
      mailServer = null;
      return ok(null);
    },
    testMail: async () => (mailServer ? ok(null) : no('mail-not-configured', 'There is no mail server.')),
    listMails: async () => page([], 1),
    retryMail: async () => absent(),
    deleteMail: async () => absent(),
    async deleteKey(actor, id) {
      return removed(
        keys,
        (k) => k.id === id && (actor.organizationId === null || actor.organizationId === k.organizationId),
      );
    },
  };
  return fake;
}
