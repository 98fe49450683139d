/** What can be told, in the order in which it is shown. */
import type { WebhookAnswer } from '@littlepbx/contract';

export type WebhookEvent = WebhookAnswer['events'][number];

export const EVENTS = [
  'call-ended',
  'call-began',
  'call-answered',
  'recording-ready',
  'voicemail-arrived',
  'revision-applied',
  'trunk-registration',
] as const satisfies readonly WebhookEvent[];
