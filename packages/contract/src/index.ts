/** The public contract: schemas, routes, problems, and the OpenAPI document made from them. */
export type { AlertAnswer, AlertSettingsAnswer } from './alerts.ts';
export type { AuditEntryAnswer } from './audit.ts';
export { type CallReason, type CallResult, type CallStep, REASONS, RESULTS, TRACE_STEPS } from './call-words.ts';
export type { CdrAnswer, LiveCallAnswer, TraceStepAnswer } from './calls.ts';
export { SPOKEN_LANGUAGES, type SpokenLanguage } from './common.ts';
export type { DeviceAnswer, DeviceCredentialsAnswer } from './devices.ts';
export { CLOSE, EVENTS_PATH } from './event-stream.ts';
export {
  EVENTS_DESCRIPTION,
  eventsQuery,
  type Happening,
  type LiveEvent,
  liveEvent,
  scopeOfEvent,
} from './events.ts';
export { type ExampleRequest, exampleAnswer, exampleRequests } from './examples.ts';
export type { ExtensionAnswer } from './extensions.ts';
export type { FileAnswer } from './files.ts';
export type { ApiKeyAnswer } from './keys.ts';
export type { MeAnswer, MembershipAnswer, PersonAnswer } from './login.ts';
export type { MailServerAnswer, MailStateAnswer, QueuedMailAnswer } from './mail.ts';
export type { NumberAnswer } from './numbers.ts';
export { openApiDocument } from './openapi.ts';
export type { OrganizationAnswer } from './organizations.ts';
export {
  COMMON_PROBLEMS,
  PROBLEMS,
  type Problem,
  type ProblemId,
  problem,
  problemOf,
} from './problem.ts';
export type { BanAnswer } from './protection.ts';
export { refusalsOf } from './refusals.ts';
export type { DraftAnswer, DraftChangeAnswer, RevisionAnswer, RollbackPreviewAnswer } from './revisions.ts';
export {
  type Answer,
  BASE_PATH,
  PROBLEM_TYPE,
  type Received,
  type Route,
  route,
  SCOPES,
  type Scope,
  SESSION_COOKIE,
  type Sent,
  type Tag,
} from './route.ts';
export { type OperationId, type Routes, routes } from './routes.ts';
export type { RateAnswer, UsageAnswer } from './spending.ts';
export type { StatisticsAnswer } from './statistics.ts';
export type { SystemAnswer } from './system.ts';
export type { TrunkAnswer } from './trunks.ts';
export type { InvitationAnswer, OrganizationUserAnswer, SentInvitationAnswer, UserAnswer } from './users.ts';
export { hasETag, isChange, versionedBy } from './versions.ts';
export type {
  VoicemailBoxAnswer,
  VoicemailBoxSummaryAnswer,
  VoicemailMessageAnswer,
} from './voicemail.ts';
export { WEBHOOK_EVENTS, WEBHOOK_MESSAGES, type WebhookAnswer, type WebhookDeliveryAnswer } from './webhooks.ts';
