/**
 * The brain: composition root. The only file that makes drivers, pools and stores, and plugs them into core.
 *
 * Order of a start: what was known last (local file) -> calls can be taken; the engine -> earlier calls are adopted; then
 * Postgres and the API. So a brain that starts while Postgres is away still carries calls.
 */
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlertBook } from '@littlepbx/core/alerts/alert-book';
import { CallRegistry } from '@littlepbx/core/call/registry';
import { MAIL_JOB } from '@littlepbx/core/mail/mail';
import { Protection } from '@littlepbx/core/protection/protection';
import { createAdministration } from '@littlepbx/core/tenancy/create-administration';
import { ERASE_JOB } from '@littlepbx/core/tenancy/organization-deletion';
import { createBoxes } from '@littlepbx/core/tenancy/voicemail';
import { Lamps } from '@littlepbx/core/voicemail/lamps';
import { WebhookReach } from '@littlepbx/core/webhooks/reach';
import {
  Cipher,
  countMessages,
  createStores,
  FileIntake,
  nodeSecrets,
  OrganizationLoader,
  openLocalFile,
  RecordedSounds,
  SoundFolder,
  startFileShipper,
  startJobWorker,
  startRecordShipper,
  TenantDb,
} from '@littlepbx/data';
import { AsteriskEngine, AsteriskSecurityEvents, createAsteriskDirectory } from '@littlepbx/engine/asterisk';
import { AlertChannels } from './alerts/channels.ts';
import { testChannels } from './alerts/test-channels.ts';
import { Watch } from './alerts/watch.ts';
import { createLive } from './brain-live.ts';
import { systemClock as clock, ids, whenClockIsSet } from './clock.ts';
import { CallEvents } from './events/call-events.ts';
import { DatabaseEvents } from './events/database-events.ts';
import { EventHub } from './events/hub.ts';
import { RegistrationEvents } from './events/registration-events.ts';
import { collectFallbackCalls } from './fallback-records.ts';
import { createHttp } from './http/app.ts';
import { BuiltPage } from './http/page.ts';
import { keepFiles } from './keep-files.ts';
import { createLog } from './log.ts';
import { mailDelivery } from './mail/delivery.ts';
import { createSmtp } from './mail/smtp.ts';
import { voicemailMail } from './mail/voicemail-mail.ts';
import { observeCalls } from './metrics/calls.ts';
import { MetricsPage } from './metrics/exposition.ts';
import { gaugeState } from './metrics/gauges.ts';
import { watchMachine } from './metrics/machine.ts';
import { ofOrganizations } from './metrics/organizations.ts';
import { recentQueues } from './metrics/queues.ts';
import { OrganizationFeed } from './organization-feed.ts';
import { createLogins } from './persons/logins.ts';
import { passwordReset } from './persons/password-reset.ts';
import { PromptSounds } from './prompt-sounds.ts';
import { CarrierAddresses, engineEnforcer, fileEnforcer, watchEngine } from './protection.ts';
import { RoundTrips } from './round-trips.ts';
import { readSettings } from './settings.ts';
import { createAlerts } from './spending-alerts.ts';
import { standBy } from './stand-by.ts';
import { createSuspensionKeeper } from './suspension-orders.ts';
import { watchWaitingApplies } from './waiting-applies.ts';
import { webhookDelivery } from './webhooks/delivery.ts';
import { keepDeliveries } from './webhooks/keep.ts';
import { LiveNews } from './webhooks/live-news.ts';

const settings = readSettings(process.env.LITTLEPBX_SETTINGS ?? '/etc/littlepbx/brain.json');
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const masterKey = readFileSync(settings.files.masterKey);
const log = createLog({ level: settings.logLevel, personalData: settings.logPersonalData, key: masterKey });
log.info('brain-starts', { version, pid: process.pid });

if (settings.standby) await standBy(settings.standby, settings.databaseUrl, masterKey, log);
const cipher = new Cipher(masterKey);
const local = openLocalFile(settings.files.journal, masterKey);
local.journal.onTrouble = (reason) =>
  reason === null ? log.info('journal-writes-again') : log.error('journal-stuck', { reason });
const db = new TenantDb({
  url: settings.databaseUrl,
  onIdleError: (error) => log.warn('database-connection-lost', { error: error.message }),
});
const page = new MetricsPage();
const observer = observeCalls(page);
const requests = page.histogram(
  'littlepbx_engine_request_seconds',
  'How long the engine takes to answer a request.',
  [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
);
const engine = new AsteriskEngine(settings.ari, settings.files.sounds, (took) => requests.observe(took / 1000));
const directory = createAsteriskDirectory({
  configDb: settings.files.engineConfig,
  stateDb: settings.files.engineState,
  ami: settings.ami,
  rtpTimeoutInS: settings.rtpTimeoutInS,
  files: settings.files.sounds,
  onWarning: (message, cause) => log.warn('engine-directory', { message, cause: String(cause) }),
});
const folder = new SoundFolder(settings.files.sounds, log);
const sounds = new RecordedSounds({ folder, local: local.sounds, log });
const stores = createStores(db, cipher);
const lamps = new Lamps({ engine, log, count: (extensionId) => countMessages(db, extensionId) });
const intake = new FileIntake(folder, `${settings.files.sounds}/incoming`);
// Uploads are decoded where neither keys nor passwords are.
if (!(await intake.open([settings.files.journal, settings.files.engineConfig].map((file) => dirname(file))))) {
  log.warn('decoding-not-locked-in');
}
const spendingAlerts = createAlerts(
  log,
  { raise: (...alert) => alerts.raise(...alert) },
  (id) => registry.organizations.get(id)?.slug,
);
const suspensions = createSuspensionKeeper({
  orders: local.suspensionOrders,
  administration: () => administration,
  registry: () => registry,
  clock,
  log,
});
const registry = new CallRegistry({
  engine,
  clock,
  ids,
  log,
  journal: local.journal,
  files: sounds,
  boxes: createBoxes({
    stores,
    disk: sounds,
    secrets: nodeSecrets,
    clock,
    ids,
    changed: (id) => feed.organizationChanged(id),
  }),
  boxCounts: lamps,
  spoken: (language) => prompts.spoken(language),
  onEngineBack: () => lamps.engineBack(),
  setupLimits: settings.admission,
  observer: {
    ...observer,
    began: (call) => {
      observer.began(call);
      callEvents.observer.began(call);
    },
    changed: (call) => callEvents.observer.changed(call),
    ended: (record) => {
      observer.ended(record);
      callEvents.observer.ended(record);
      watch.observer.ended(record);
    },
  },
  alerts: spendingAlerts,
  nearPercent: () => channels.thresholds.spendLimitPercent,
  suspended: (finding) => suspensions.order(finding),
});
whenClockIsSet((by) => {
  log.warn('clock-set', { by });
  registry.clockWasSet(by);
});
const prompts = new PromptSounds({ settings: settings.prompts, clock, log });
const hub = new EventHub(clock);
const callEvents = new CallEvents({ hub, clock, liveCall: (...which) => live.liveCall(...which) });
const databaseEvents = new DatabaseEvents(hub, clock);
const liveNews = new LiveNews({ hub, stores, clock, log });
const webhookReach = new WebhookReach(settings.webhooks.networks);
const loader = new OrganizationLoader(db, cipher);
const feed = new OrganizationFeed({
  loader,
  cache: local.organizations,
  rateDecks: local.rateDecks,
  registry,
  directory,
  databaseUrl: settings.databaseUrl,
  log,
  onMessages: (extensionId) => lamps.changed(extensionId),
  onTaken: () => prompts.wantedBy(registry.organizations.all()),
  onLiveEvent: (payload) => {
    if (payload === null) hub.reset();
    else databaseEvents.heard(payload);
    liveNews.heard(payload);
  },
  onSessionEnded: (personId) => hub.check(personId),
});
const mailTransport = createSmtp();
const carrierAddresses = new CarrierAddresses(() => registry.organizations.all());
const protection = new Protection({
  store: local.bans,
  enforcer:
    settings.protection.enforcedBy === 'firewall'
      ? fileEnforcer(settings.protection.bans, log)
      : engineEnforcer(directory, log),
  carriers: () => carrierAddresses.all(),
  clock,
  ids,
  log,
});
const securityEvents = new AsteriskSecurityEvents(settings.ami);
const administration = createAdministration({
  stores,
  publisher: feed,
  files: sounds,
  intake,
  clock,
  ids,
  secrets: nodeSecrets,
  mailTransport,
  webhookReach,
  publicUrl: settings.publicUrl,
});
const logins = createLogins({
  db,
  stores,
  secrets: nodeSecrets,
  masterKey,
  publicUrl: settings.publicUrl,
  warn: (message) => log.warn('login-fault', { message }),
});
const roundTrips = new RoundTrips({ directory, clock, log });
const machine = watchMachine(settings);
const queues = recentQueues(directory);
const live = createLive({
  registry,
  alerts: spendingAlerts,
  directory,
  roundTrips,
  engine,
  database: { isConnected: () => feed.isInStep, version: () => feed.postgres },
  prompts,
  recordsWaiting: () => local.journal.waiting(),
  version,
  machine,
  queues,
});
const registrationEvents = new RegistrationEvents({
  hub,
  live,
  organization: (id) => registry.organizations.get(id),
  clock,
});
gaugeState(page, {
  live,
  registry,
  engine,
  queues,
  pool: () => db.pool,
  recordsRefused: () => local.journal.refusedCount(),
  disks: machine.disks,
  certificateExpiry: machine.certificateExpiry,
});
const channels = new AlertChannels({
  stores,
  transport: mailTransport,
  memory: {
    load: () => local.memory.load('alert-ways'),
    save: (ways) => local.memory.save('alert-ways', ways),
  },
  log,
});
const alerts = new AlertBook({
  clock,
  ids,
  log,
  memory: { load: () => local.memory.load('alerts'), save: (state) => local.memory.save('alerts', state) },
  isMuted: channels.isMuted,
  channels: channels.there,
  send: channels.send,
});
const installedAt = local.memory.load<number>('installed-at') ?? clock.now();
remember('installed-at', installedAt);
const watch = new Watch({
  alerts,
  thresholds: () => channels.thresholds,
  live,
  directory,
  registry,
  files: sounds,
  machine,
  installedAt: () => installedAt,
  journalStuckSince: () => local.journal.stuckSince,
  mailsGivenUp: () => stores.asOperator(async ({ jobs }) => (await jobs.count(MAIL_JOB)).failed),
  clock,
});
const http = createHttp({
  alerts: {
    list: () => alerts.list(),
    async settingsChanged() {
      await channels.read();
      // Another threshold shows at once.
      await watch.lookSlowly();
    },
    test: () => testChannels(channels, ids, clock),
  },
  administration,
  logins,
  live,
  events: hub,
  protection,
  sounds: folder,
  page: new BuiltPage(fileURLToPath(new URL('../../web/dist', import.meta.url))),
  settings,
  log,
  metrics: async (organizations) => (await page.text()) + (await ofOrganizations(registry, organizations)),
});
// Before anything that may take long: the supervisor asks whether we live.
await http.listen(settings.web);

alerts.start();
watch.start();
// Set for as long as a brain runs: one that finds it there follows one that died.
if (local.memory.load('is-running') === true) alerts.raise('brain-restarted');
remember('is-running', true);
await feed.fromCache();
suspensions.start();
protection.start();
watchEngine(securityEvents, protection, directory, log, (username) => feed.deviceSeenInsecure(username));
securityEvents.start();
const engineStarted = registry.start().then(() => log.info('engine-connected', { version: engine.version() }));
const shipper = startRecordShipper({
  journal: local.journal,
  db,
  clock,
  log,
  onRecorded: (calls) => callEvents.recorded(calls),
});
const fileShipper = startFileShipper({
  ...{ local: local.sounds, folder, db, clock, log },
  onStored: (files) => callEvents.stored(files),
});
await feed.start();
void channels.start();
const jobs = startJobWorker({
  db,
  clock,
  log,
  kinds: {
    ...mailDelivery({ stores, transport: mailTransport, log }),
    [ERASE_JOB]: {
      concurrency: 1,
      retries: Array.from({ length: 48 }, () => 3_600_000),
      run: async ({ payload }) => {
        await administration.eraseOrganization(payload);
        return { kind: 'done' };
      },
    },
    ...voicemailMail({ stores, pathOf: (file) => folder.pathOf(file) }),
    ...passwordReset(logins),
    ...webhookDelivery({ stores, reach: webhookReach, clock, log }),
  },
});
await engineStarted;
liveNews.start();
const stopDeliveries = keepDeliveries({ stores, clock, log });
const stopApplying = watchWaitingApplies({ stores, administration, registry, clock, log });
const stopKeeping = keepFiles({ sounds, folder, db, registry, log });
carrierAddresses.start();
const stopCollecting = collectFallbackCalls(directory, local.journal, ids, log);
log.info('brain-ready', { calls: registry.calls().length });
// After that: to begin it takes its time too.
local.checkpointAside();
// Node writes it at an orderly end only, and the next start may follow a kill.
flushCompileCache();

/** A full disk is no reason not to start or stop. */
function remember(name: string, value: unknown): void {
  try {
    local.memory.save(name, value);
  } catch (error) {
    log.warn('not-remembered', { name, error: String(error) });
  }
}

async function stop(signal: string): Promise<void> {
  remember('is-running', false);
  log.info('brain-stops', { signal, calls: registry.calls().length });
  // Calls go on without us; whoever comes next adopts them.
  await http.close();
  registrationEvents.stop();
  roundTrips.stop();
  stopCollecting();
  stopApplying();
  stopKeeping();
  stopDeliveries();
  carrierAddresses.stop();
  securityEvents.close();
  protection.stop();
  await registry.stop();
  await liveNews.stop();
  await feed.stop();
  await shipper.stop();
  await jobs.stop();
  watch.stop();
  channels.stop();
  alerts.stop();
  await fileShipper.stop();
  directory.close();
  live.close();
  machine.close();
  local.close();
  await db.close();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(1), 5000).unref();
    void stop(signal);
  });
}
process.on('uncaughtException', (error) => {
  // A fault nobody expected: the state in memory is not to be trusted. The supervisor starts a new brain, which adopts.
  log.error('fault', { error: error.stack ?? String(error) });
  process.exit(70);
});
