/**
 * The use cases behind the API: who may do what to an organization, its extensions, devices, numbers, trunks,
 * drafts and revisions. Expected outcomes are values (`Outcome`); exceptions are faults. Each use case starts with
 * the access check, and what is not yours looks exactly like what is not there.
 *
 * Two implementations of the storage are possible behind `stores.ts`; Postgres is the one that exists.
 */
import type { AlertSettings } from '../alerts/settings.ts';
import type { Cdr, TraceStep } from '../call/record.ts';
import type { Language, OwnSession, Person, Session } from '../persons/person.ts';
import type { Invitation, OrganizationUser } from '../persons/stores.ts';
import type { Finding } from '../spending/anomaly.ts';
import type { Rate } from '../spending/rates.ts';
import type { Message } from '../voicemail/box.ts';
import type { NewWebhook, Webhook, WebhookDelivery, WebhookMessage } from '../webhooks/webhook.ts';
import type { Actor, Scope } from './actor.ts';
import type { Act, AuditEntry, AuditFilter, Origin } from './audit-entry.ts';
import type {
  Extension,
  ExtensionLimits,
  MusicChoice,
  OrganizationId,
  Revision,
  RevisionContent,
  Suspension,
} from './organization.ts';
import type { Outcome, Page, Paged, SearchedPage } from './outcome.ts';
import type { Logo } from './stores.ts';
import type {
  AlertSettingsChange,
  ApiKey,
  CallExport,
  CallFilter,
  CallPeriod,
  CallTotals,
  Colleague,
  DeviceChange,
  DeviceCredentials,
  DeviceSettings,
  DeviceView,
  DraftView,
  Expecting,
  ExpectingOrganizationChange,
  ExpectingTrunkChange,
  ExtensionChange,
  ExtensionImport,
  ExtensionImportReport,
  FileFilter,
  FileView,
  MailServerChange,
  MailServerView,
  MusicView,
  NewExtension,
  NewOrganization,
  NewRate,
  NewTrunk,
  NewUser,
  NotRestored,
  NumberView,
  OpenInvitation,
  OrganizationExport,
  OrganizationFilter,
  OrganizationView,
  OwnThings,
  QueuedMailView,
  RevisionView,
  RoleWish,
  RollbackView,
  SeenMailServer,
  SentInvitation,
  Statistics,
  StatisticsQuery,
  SuspensionWish,
  TrunkView,
  UserChange,
  UserView,
  VoicemailBoxChange,
  VoicemailBoxSummary,
  VoicemailBoxView,
  WaitingApplyView,
} from './views.ts';

/** `org` is a slug or a UUID everywhere; a foreign one is `not-found`. */
export interface Administration {
  /**
   * `token` as sent; null for every kind of wrong. Takes the same time for known and unknown keys. Rejects with an
   * Error whose `id` is `database-unavailable` while Postgres is away and the key is not remembered.
   */
  authenticate(token: string): Promise<Actor | null>;

  /** The person of a session cookie's token; rejects as `authenticate`. */
  session(token: string): Promise<Session | null>;
  /** Whose device or key it is; for persons of several organizations, whose request does not say. */
  ownerOf(what: 'device' | 'key', name: string): Promise<OrganizationId | null>;
  /** By the person itself. */
  updatePerson(
    person: Person,
    change: Partial<Pick<Person, 'name' | 'language' | 'theme'>>,
    origin: Origin,
  ): Promise<Outcome<Person>>;
  /** Where the person is logged in. */
  listSessions(person: Person): Promise<Outcome<OwnSession[]>>;
  /** All of the person's but this one. */
  endOtherSessions(session: Session, origin: Origin): Promise<Outcome<null>>;
  /** For the login page: none that is suspended or deleted. */
  siteOf(slug: string): Promise<Outcome<{ slug: string; companyName: string; logoTag: string | null } | null>>;
  siteLogo(slug: string): Promise<Outcome<Logo>>;
  getLogo(actor: Actor, org: string): Promise<Outcome<Logo>>;
  /** Operator only: PNG, JPEG or WebP. */
  setLogo(actor: Actor, org: string, content: Buffer): Promise<Outcome<OrganizationView>>;
  removeLogo(actor: Actor, org: string): Promise<Outcome<null>>;
  /** Whoever asks, and whatever the address: the same answer. */
  requestPasswordReset(email: string, address: string): Promise<Outcome<null>>;

  /** Id of the organization, if the actor may name it; asks for no scope. For what the brain itself answers (live calls). */
  resolveOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationId>>;

  /** Same for who is bound to one extension; `only`: what such an actor may know of. */
  ownThings(actor: Actor, org: string): Promise<Outcome<{ organizationId: OrganizationId; only: OwnThings | null }>>;

  listOrganizations(actor: Actor, filter: OrganizationFilter, page: Page): Promise<Outcome<Paged<OrganizationView>>>;
  getOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationView>>;
  /** With all that it starts with, or not at all. `adminToken`: shown this once. */
  createOrganization(
    actor: Actor,
    o: NewOrganization,
  ): Promise<Outcome<OrganizationView & { adminToken: string | null; adminInvitation: SentInvitation | null }>>;
  updateOrganization(
    actor: Actor,
    org: string,
    change: ExpectingOrganizationChange,
  ): Promise<Outcome<OrganizationView>>;
  /**
   * It can be restored for 7 days, unless it is erased now. Calls go on.
   * @param confirm its short name again
   */
  deleteOrganization(
    actor: Actor,
    org: string,
    how: { confirm: string; isErasedNow: boolean },
  ): Promise<Outcome<OrganizationId>>;
  restoreOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationView>>;
  /** All that is known of it, without secrets and without its calls. */
  exportOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationExport>>;
  /** The job `ERASE_JOB`. */
  eraseOrganization(payload: unknown): Promise<void>;

  /** The draft's extensions. Addressed by number or id. */
  listExtensions(actor: Actor, org: string, page: SearchedPage): Promise<Outcome<Paged<Extension>>>;
  getExtension(actor: Actor, org: string, extension: string): Promise<Outcome<Extension>>;
  /** Of all extensions in effect. */
  listColleagues(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<Colleague>>>;
  /** @param e `restores`: id of one that was removed from the draft, whose devices and box it shall have */
  createExtension(actor: Actor, org: string, e: NewExtension & { restores?: string }): Promise<Outcome<Extension>>;
  updateExtension(actor: Actor, org: string, extension: string, change: ExtensionChange): Promise<Outcome<Extension>>;
  deleteExtension(actor: Actor, org: string, extension: string): Promise<Outcome<null>>;

  /** All of a table into the draft, or nothing. */
  importExtensions(actor: Actor, org: string, table: ExtensionImport): Promise<Outcome<ExtensionImportReport>>;
  exportExtensions(actor: Actor, org: string): Promise<Outcome<{ csv: string }>>;

  listDevices(actor: Actor, org: string, page: SearchedPage): Promise<Outcome<Paged<DeviceView>>>;
  getDevice(actor: Actor, username: string): Promise<Outcome<DeviceView>>;
  createDevice(
    actor: Actor,
    org: string,
    d: { extension: string } & DeviceChange,
  ): Promise<Outcome<DeviceView & DeviceCredentials>>;
  updateDevice(
    actor: Actor,
    username: string,
    change: DeviceChange & Expecting<DeviceSettings>,
  ): Promise<Outcome<DeviceView>>;
  /** @param calls in progress end when left out: whoever had the password is out. */
  resetDevicePassword(
    actor: Actor,
    username: string,
    calls?: 'end' | 'keep',
  ): Promise<Outcome<DeviceView & DeviceCredentials>>;
  deleteDevice(actor: Actor, username: string): Promise<Outcome<null>>;

  listNumbers(actor: Actor, org: string, page: SearchedPage): Promise<Outcome<Paged<NumberView>>>;
  getNumber(actor: Actor, org: string, number: string): Promise<Outcome<NumberView>>;
  /** Operator only: assigns a number that nobody has. National or E.164 writing. */
  assignNumber(
    actor: Actor,
    org: string,
    n: { number: string; extension?: string | null },
  ): Promise<Outcome<NumberView>>;
  /** Where it leads, in the draft. */
  routeNumber(
    actor: Actor,
    org: string,
    number: string,
    extension: string | null,
    expected?: { extension?: string | null },
  ): Promise<Outcome<NumberView>>;
  releaseNumber(actor: Actor, org: string, number: string): Promise<Outcome<null>>;

  listTrunks(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<TrunkView>>>;
  getTrunk(actor: Actor, org: string, trunk: string): Promise<Outcome<TrunkView>>;
  createTrunk(actor: Actor, org: string, t: NewTrunk): Promise<Outcome<TrunkView>>;
  updateTrunk(actor: Actor, org: string, trunk: string, change: ExpectingTrunkChange): Promise<Outcome<TrunkView>>;
  deleteTrunk(actor: Actor, org: string, trunk: string): Promise<Outcome<null>>;

  /** Operator only, as all of rates. */
  listRates(
    actor: Actor,
    org: string,
    trunk: string,
    page: Page & { prefix?: string },
  ): Promise<Outcome<Paged<Rate> & { currency: string | null; importedAt: number | null; count: number }>>;
  /** Replaces the trunk's deck, or only says whether it could. */
  importRates(
    actor: Actor,
    org: string,
    trunk: string,
    deck: { currency: string; csv: string; isDryRun?: boolean },
  ): Promise<Outcome<{ currency: string; count: number; isDryRun: boolean }>>;
  /** @param prefix digits */
  setRate(actor: Actor, org: string, trunk: string, prefix: string, wanted: NewRate): Promise<Outcome<Rate>>;
  deleteRate(actor: Actor, org: string, trunk: string, prefix: string): Promise<Outcome<null>>;
  deleteRates(actor: Actor, org: string, trunk: string): Promise<Outcome<null>>;

  getExtensionLimits(actor: Actor, org: string, extension: string): Promise<Outcome<ExtensionLimits>>;
  /** An organization's key may only lower. */
  updateExtensionLimits(
    actor: Actor,
    org: string,
    extension: string,
    change: Partial<ExtensionLimits>,
  ): Promise<Outcome<ExtensionLimits>>;

  suspendDevice(actor: Actor, username: string, wish: SuspensionWish): Promise<Outcome<DeviceView>>;
  unsuspendDevice(actor: Actor, username: string): Promise<Outcome<DeviceView>>;
  suspendExtension(
    actor: Actor,
    org: string,
    extension: string,
    wish: SuspensionWish,
  ): Promise<Outcome<{ suspension: Suspension | null }>>;
  getExtensionSuspension(
    actor: Actor,
    org: string,
    extension: string,
  ): Promise<Outcome<{ suspension: Suspension | null }>>;
  unsuspendExtension(actor: Actor, org: string, extension: string): Promise<Outcome<{ suspension: Suspension | null }>>;
  /** Operator only. */
  suspendOrganization(actor: Actor, org: string, wish: SuspensionWish): Promise<Outcome<OrganizationView>>;
  unsuspendOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationView>>;
  /** Nobody asked for it: what watches the calls found something. */
  suspendByItself(finding: Finding): Promise<Outcome<null>>;

  getDraft(actor: Actor, org: string): Promise<Outcome<DraftView>>;
  /** Validates the draft and publishes it as the next revision, in one transaction. Live when it resolves. */
  apply(actor: Actor, org: string, note?: string): Promise<Outcome<RevisionView>>;
  /** As soon as no call is in progress, at the latest at the deadline. Replaces one that waits. */
  applyWhenIdle(
    actor: Actor,
    org: string,
    wish: { deadlineInS?: number; note?: string; email?: string },
  ): Promise<Outcome<WaitingApplyView>>;
  /** `not-found`: none waits (any more). */
  stopApply(actor: Actor, org: string): Promise<Outcome<null>>;
  /** The time has come. Null: none waits, or the draft could not be applied, which is told by mail. */
  applyWaiting(organizationId: OrganizationId): Promise<Outcome<RevisionView | null>>;
  discardDraft(actor: Actor, org: string): Promise<Outcome<null>>;
  /** The draft gets sensible defaults. */
  resetDraft(actor: Actor, org: string): Promise<Outcome<null>>;
  /** What `rollback` would do, or why it would be refused. */
  lookAtRollback(actor: Actor, org: string, revision: number): Promise<Outcome<RollbackView>>;
  /** Publishes an earlier revision's content as a new one. */
  rollback(
    actor: Actor,
    org: string,
    revision: number,
  ): Promise<Outcome<RevisionView & { notRestored: NotRestored[] }>>;
  listRevisions(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<RevisionView>>>;
  getRevision(actor: Actor, org: string, revision: number): Promise<Outcome<Revision & { content: RevisionContent }>>;

  /** Past calls, newest first. */
  listCalls(actor: Actor, org: string, filter: CallFilter, page: Page): Promise<Outcome<Paged<Cdr>>>;
  getCall(actor: Actor, org: string, id: string): Promise<Outcome<{ cdr: Cdr; trace: TraceStep[] }>>;

  /** CSV, oldest first, read while it is taken. It throws `StoreUnavailable` in the middle when the database goes away. */
  exportCalls(actor: Actor, org: string, wanted: CallExport): Promise<Outcome<AsyncIterable<string>>>;
  callTotals(actor: Actor, org: string, period: CallPeriod): Promise<Outcome<CallTotals>>;
  getStatistics(actor: Actor, org: string, query: StatisticsQuery): Promise<Outcome<Statistics>>;
  /** The buckets as CSV. */
  exportStatistics(actor: Actor, org: string, query: StatisticsQuery): Promise<Outcome<string>>;

  /** What was changed, newest first. Null lists the whole installation's, for the operator. */
  listAudit(actor: Actor, org: string | null, filter: AuditFilter, page: Page): Promise<Outcome<Paged<AuditEntry>>>;
  /** Notes an act that changed no table; asks for no scope. Null: upon the whole installation, for the operator. */
  noteAct(actor: Actor, org: string | null, act: Act): Promise<Outcome<null>>;
  /** What who is held hears, in the draft and as applied. */
  getMusic(actor: Actor, org: string): Promise<Outcome<MusicView>>;
  setMusic(actor: Actor, org: string, music: MusicChoice): Promise<Outcome<MusicView>>;
  /** Sounds, newest first. */
  listFiles(actor: Actor, org: string, filter: FileFilter, page: Page): Promise<Outcome<Paged<FileView>>>;
  getFile(actor: Actor, org: string, id: string): Promise<Outcome<FileView>>;
  /** @param sound the file as it comes, of whatever format; read no further than is allowed */
  uploadFile(
    actor: Actor,
    org: string,
    what: { kind: Exclude<FileView['kind'], 'recording'>; name: string },
    sound: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<FileView>>;
  deleteFile(actor: Actor, org: string, id: string): Promise<Outcome<null>>;

  /** Of the extensions of the draft, by number. */
  listVoicemailBoxes(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<VoicemailBoxSummary>>>;
  /** Boxes belong to extensions of the draft, by number or id. */
  getVoicemailBox(actor: Actor, org: string, extension: string): Promise<Outcome<VoicemailBoxView>>;
  updateVoicemailBox(
    actor: Actor,
    org: string,
    extension: string,
    change: VoicemailBoxChange,
  ): Promise<Outcome<VoicemailBoxView>>;
  /** Newest first. */
  listVoicemailMessages(
    actor: Actor,
    org: string,
    extension: string,
    filter: { isSaved?: boolean },
    page: Page,
  ): Promise<Outcome<Paged<Message>>>;
  getVoicemailMessage(actor: Actor, org: string, extension: string, id: string): Promise<Outcome<Message>>;
  updateVoicemailMessage(
    actor: Actor,
    org: string,
    extension: string,
    id: string,
    change: { isSaved: boolean },
  ): Promise<Outcome<Message>>;
  deleteVoicemailMessage(actor: Actor, org: string, extension: string, id: string): Promise<Outcome<null>>;

  listOrganizationUsers(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<OrganizationUser>>>;
  changeRole(actor: Actor, org: string, user: string, wish: RoleWish): Promise<Outcome<OrganizationUser>>;
  removeUser(actor: Actor, org: string, user: string): Promise<Outcome<null>>;
  listInvitations(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<Invitation>>>;
  invite(
    actor: Actor,
    org: string,
    wish: { email: string; language: Language } & RoleWish,
  ): Promise<Outcome<SentInvitation>>;
  resendInvitation(actor: Actor, org: string, invitation: string): Promise<Outcome<SentInvitation>>;
  revokeInvitation(actor: Actor, org: string, invitation: string): Promise<Outcome<null>>;
  /** By whoever has the link. */
  lookAtInvitation(token: string): Promise<Outcome<OpenInvitation>>;
  /** @param session of who accepts, when logged in */
  acceptInvitation(
    token: string,
    wish: { name?: string; password?: string; language?: Language },
    session: Session | null,
    origin: Origin,
  ): Promise<Outcome<{ person: Person; isNew: boolean }>>;

  /** Operator only, as all of persons. */
  listUsers(actor: Actor, filter: { email?: string }, page: Page): Promise<Outcome<Paged<UserView>>>;
  /** `password`: the one that was made, shown this once. */
  createUser(actor: Actor, user: NewUser): Promise<Outcome<UserView & { password: string | null }>>;
  updateUser(actor: Actor, user: string, change: UserChange): Promise<Outcome<UserView>>;
  resetUserPassword(actor: Actor, user: string): Promise<Outcome<{ email: string; password: string }>>;
  deleteUser(actor: Actor, user: string): Promise<Outcome<null>>;

  listKeys(actor: Actor, org: string | null, page: Page): Promise<Outcome<Paged<ApiKey>>>;
  createKey(
    actor: Actor,
    org: string | null,
    k: { name: string; scopes?: Scope[] },
  ): Promise<Outcome<ApiKey & { token: string }>>;
  deleteKey(actor: Actor, id: string): Promise<Outcome<null>>;

  listWebhooks(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<Webhook>>>;
  getWebhook(actor: Actor, org: string, webhook: string): Promise<Outcome<Webhook>>;
  /** `secret`: shown this once. */
  createWebhook(actor: Actor, org: string, w: NewWebhook): Promise<Outcome<Webhook & { secret: string }>>;
  updateWebhook(
    actor: Actor,
    org: string,
    webhook: string,
    change: Partial<NewWebhook> & Expecting<Required<NewWebhook>>,
  ): Promise<Outcome<Webhook>>;
  deleteWebhook(actor: Actor, org: string, webhook: string): Promise<Outcome<null>>;
  /** The former one signs too, for a day. */
  replaceWebhookSecret(actor: Actor, org: string, webhook: string): Promise<Outcome<Webhook & { secret: string }>>;
  testWebhook(actor: Actor, org: string, webhook: string): Promise<Outcome<WebhookDelivery>>;
  /** Newest first. */
  listWebhookDeliveries(
    actor: Actor,
    org: string,
    webhook: string,
    filter: { state?: WebhookDelivery['state'] },
    page: Page,
  ): Promise<Outcome<Paged<WebhookDelivery>>>;
  /** What it sends. */
  getWebhookMessage(actor: Actor, org: string, webhook: string, delivery: string): Promise<Outcome<WebhookMessage>>;
  resendWebhookDelivery(
    actor: Actor,
    org: string,
    webhook: string,
    delivery: string,
  ): Promise<Outcome<WebhookDelivery>>;

  /** The operator's alone, like all that follows. */
  getMail(actor: Actor): Promise<Outcome<{ server: MailServerView | null; waiting: number; failed: number }>>;
  setMailServer(actor: Actor, server: MailServerChange & Expecting<SeenMailServer>): Promise<Outcome<MailServerView>>;
  removeMailServer(actor: Actor): Promise<Outcome<null>>;
  /** Sends one now, past the queue. */
  testMail(actor: Actor, to: string): Promise<Outcome<null>>;
  /** What waits to go out, and what was given up; oldest first. */
  listMails(actor: Actor, page: Page): Promise<Outcome<Paged<QueuedMailView>>>;
  retryMail(actor: Actor, id: string): Promise<Outcome<null>>;
  deleteMail(actor: Actor, id: string): Promise<Outcome<null>>;

  getAlertSettings(actor: Actor): Promise<Outcome<AlertSettings>>;
  /** `webhookSecret`: of a new address, shown once; else null. */
  updateAlertSettings(
    actor: Actor,
    change: AlertSettingsChange & { expected?: AlertSettingsChange },
  ): Promise<Outcome<AlertSettings & { webhookSecret: string | null }>>;
}

/** Whose calls. */
export interface CallsOf {
  of: 'device' | 'extension' | 'organization';
  id: string;
}

/** What the brain does when an organization changed; called after the change is committed, awaited before the answer. */
export interface Publisher {
  organizationChanged(id: OrganizationId): Promise<void>;
  /** Their contacts are forgotten: a password was reset, they were suspended or deleted. */
  devicesUnregistered(usernames: string[]): Promise<void>;
  /** Calls in progress end, emergency calls excepted. */
  callsEnded(of: CallsOf): void;
  /** From now on the device may come by TLS alone: contacts that came otherwise are forgotten. Its calls go on. */
  deviceSecured(username: string): Promise<void>;
}
