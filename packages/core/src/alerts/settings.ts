/** How the operator wants to be told, and from when on. */
import type { MailLanguage } from '../mail/mail.ts';
import type { AlertKind } from './kinds.ts';

export interface Thresholds {
  /** Percent of the disk. */
  diskFreePercent: number;
  certificateInDays: number;
  /** Percent of the registered devices that went within five minutes; at least ten of them. */
  registrationsDropPercent: number;
  /** Percent of the calls of ten minutes that failed by the carrier's or our doing; at least twenty of them. */
  failedCallsPercent: number;
  /** 99th percentile over half a minute. Milliseconds. */
  eventLoopLag: number;
  /** Percent of an organization's storage. */
  storageUsedPercent: number;
  /** Percent of a spending limit. */
  spendLimitPercent: number;
  /** The last backup is older. */
  backupInDays: number;
}

export interface AlertSettings {
  mailTo: string[];
  language: MailLanguage;
  webhookUrl: string | null;
  /** Whether the webhook may lead to this machine or a private network. */
  isPrivateAllowed: boolean;
  muted: AlertKind[];
  thresholds: Thresholds;
}

export const ALERT_DEFAULTS: AlertSettings = {
  mailTo: [],
  language: 'en',
  webhookUrl: null,
  isPrivateAllowed: false,
  muted: [],
  thresholds: {
    diskFreePercent: 10,
    certificateInDays: 14,
    registrationsDropPercent: 30,
    failedCallsPercent: 30,
    eventLoopLag: 200,
    storageUsedPercent: 90,
    spendLimitPercent: 80,
    backupInDays: 7,
  },
};
