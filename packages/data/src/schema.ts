/** The tables as Kysely sees them; `migrations/` is what makes them. */

import type { TraceStep } from '@littlepbx/core/call/record';
import type { FileDetails } from '@littlepbx/core/files/files';
import type { Language, Role, Theme } from '@littlepbx/core/persons/person';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { AuditChanges, Author } from '@littlepbx/core/tenancy/audit-entry';
import type { SpokenLanguage } from '@littlepbx/core/tenancy/language';
import type {
  AnomalyThresholds,
  Extension,
  ExtensionLimits,
  OffHours,
  Route,
  Suspension,
} from '@littlepbx/core/tenancy/organization';
import type { Logo } from '@littlepbx/core/tenancy/stores';
import type { Digest } from '@littlepbx/engine/directory';
import type { ColumnType, Generated } from 'kysely';
import type { RateRow } from './stores/rates.ts';

export interface Database {
  organization: {
    id: string;
    slug: string;
    name: string;
    country: string;
    is_suspended: boolean;
    concurrent_calls: number;
    calls_per_second: number;
    max_extensions: number;
    max_devices: number;
    max_numbers: number;
    max_keys: number;
    storage_bytes: number;
    recordings_in_days: Generated<number>;
    voicemail_in_days: Generated<number>;
    time_zone: string;
    language: SpokenLanguage;
    minutes_per_hour: number;
    minutes_per_day: number;
    money_per_hour: number;
    money_per_day: number;
    off_hours: Json<OffHours>;
    anomaly: Json<AnomalyThresholds>;
    allowed_countries: string[];
    alert_mail_to: Generated<string[]>;
    default_number: string | null;
    current_revision: number;
    version: Generated<number>;
    created_at: Date;
    deleted_at: Date | null;
    logo_tag: string | null;
  };
  organization_logo: { organization_id: string; type: Logo['type']; content: Buffer };
  number: { e164: string; organization_id: string; assigned_at: Generated<Date> };
  extension: {
    id: string;
    organization_id: string;
    number: string;
    name: string;
    ring_time_in_s: number;
    do_not_disturb: Generated<boolean>;
    forward_always: string | null;
    forward_busy: string | null;
    forward_no_answer: string | null;
    outbound_number: string | null;
    language: SpokenLanguage | null;
  };
  draft_music: { organization_id: string; music: 'own' | 'stock' };
  draft_route: { e164: string; organization_id: string; extension_id: string };
  device: {
    username: string;
    organization_id: string;
    extension_id: string;
    name: string;
    transport: 'any' | 'tls';
    digest: Digest;
    digest_md5: string;
    digest_sha256: string;
    suspension: NullableJson<Suspension>;
    created_at: Date;
  };
  trunk: {
    id: string;
    organization_id: string;
    name: string;
    is_inbound: boolean;
    is_outbound: boolean;
    host: string;
    port: number | null;
    transport: 'udp' | 'tcp' | 'tls';
    register: boolean;
    username: string | null;
    auth_username: string | null;
    password_encrypted: Buffer | null;
    outbound_proxy: string | null;
    from_user: string | null;
    from_domain: string | null;
    verify_certificate: Generated<boolean>;
    certificate_authority: string | null;
    codecs: string[];
    addresses: string[];
    created_at: Generated<Date>;
  };
  revision: {
    organization_id: string;
    number: number;
    content: Json<{ extensions: Extension[]; routes: Route[] }>;
    applied_at: Date;
    /** Id of the key. */
    applied_by: string;
    applied_by_name: string;
    note: string | null;
  };
  repeat: {
    organization_id: string | null;
    author_id: string;
    key: string;
    fingerprint: string;
    answer_encrypted: Buffer;
    created_at: Generated<Date>;
  };
  waiting_apply: {
    organization_id: string;
    asked_at: Date;
    asked_by: string;
    actor: Json<Omit<Actor, 'scopes'> & { scopes: string[] }>;
    deadline: Date;
    note: string | null;
    email: string | null;
  };
  voicemail_box: {
    extension_id: string;
    organization_id: string;
    pin_hash: string | null;
    greeting_id: string | null;
    max_message_in_s: number;
    email: string | null;
    is_sound_attached: boolean;
  };
  voicemail_lock: {
    extension_id: string;
    organization_id: string;
    wrong_tries: Generated<number>;
    locked_until: Date | null;
  };
  voicemail_message: {
    id: string;
    organization_id: string;
    extension_id: string;
    from_number: string | null;
    from_name: string | null;
    is_saved: boolean;
    created_at: Date;
  };
  person: {
    id: string;
    email: string;
    email_verified: Generated<boolean>;
    name: string;
    language: Language;
    theme: Theme;
    is_operator: boolean;
    is_suspended: boolean;
    has_two_factor: boolean;
    created_at: Date;
    updated_at: Generated<Date>;
  };
  person_account: {
    id: string;
    person_id: string;
    provider_id: string;
    account_id: string;
    password: string | null;
    updated_at: Generated<Date>;
  };
  person_session: {
    id: string;
    person_id: string;
    token: string;
    address: string | null;
    user_agent: string | null;
    created_at: Generated<Date>;
    expires_at: Date;
  };
  person_two_factor: { id: string; person_id: string; used_codes: Generated<string[]> };
  membership: {
    organization_id: string;
    person_id: string;
    role: Role;
    extension_id: string | null;
    created_at: Generated<Date>;
  };
  invitation: {
    id: string;
    organization_id: string;
    email: string;
    role: Role;
    extension_id: string | null;
    language: Language;
    invited_by: string | null;
    token_sha256: string;
    created_at: Date;
    expires_at: Date;
  };
  api_key: {
    id: string;
    organization_id: string | null;
    name: string;
    scopes: string[];
    secret_sha256: string;
    created_at: Date;
    last_used_at: Date | null;
  };
  audit: {
    id: Generated<number>;
    organization_id: string | null;
    at: Generated<Date>;
    author_kind: Author['kind'];
    author_id: string | null;
    author_name: string;
    address: string | null;
    request_id: string | null;
    operation: string | null;
    action: string;
    resource: string;
    resource_id: string;
    label: string | null;
    changes: Json<AuditChanges>;
  };
  cdr: {
    id: string;
    organization_id: string;
    direction: string;
    from_number: string | null;
    from_name: string | null;
    to_number: string;
    from_extension: string | null;
    answered_by: string | null;
    handed_on_by: string[];
    did: string | null;
    trunk_id: string | null;
    result: string;
    reason: string;
    blame: string;
    started_at: Date;
    answered_at: Date | null;
    ended_at: Date;
    ring_duration: number;
    talk_duration: number;
    revision: number;
    handled_by: string;
    cost: number;
    currency: string | null;
  };
  extension_control: {
    extension_id: string;
    organization_id: string;
    limits: Json<ExtensionLimits>;
    suspension: NullableJson<Suspension>;
  };
  rate_deck: {
    trunk_id: string;
    organization_id: string;
    version: Generated<number>;
    currency: string;
    rates: Json<RateRow[]>;
    imported_at: Date;
  };
  webhook: {
    id: string;
    organization_id: string;
    url: string;
    description: string;
    events: string[];
    is_active: boolean;
    disabled_reason: 'failing' | 'gone' | null;
    failing_since: Date | null;
    secret_encrypted: Buffer;
    old_secret_encrypted: Buffer | null;
    old_secret_until: Date | null;
    created_at: Date;
  };
  webhook_delivery: {
    id: string;
    organization_id: string;
    webhook_id: string;
    event: string;
    occurred_at: Date;
    content: ColumnType<unknown, string, string>;
    state: Generated<'waiting' | 'delivered' | 'failed'>;
    attempts: Generated<number>;
    next_attempt_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
    attempted_at: Date | null;
    response_status: number | null;
    fault: string | null;
    answer: string | null;
    duration: number | null;
    created_at: Generated<Date>;
  };
  job: {
    id: string;
    organization_id: string | null;
    kind: string;
    payload: ColumnType<unknown, string, string>;
    run_at: Generated<Date>;
    attempts: Generated<number>;
    taken_until: Date | null;
    last_error: string | null;
    failed_at: Date | null;
    created_at: Generated<Date>;
  };
  operator_setting: {
    name: string;
    content: ColumnType<unknown, string, string>;
    secret_encrypted: Buffer | null;
    changed_at: Generated<Date>;
  };
  file: {
    id: string;
    organization_id: string;
    kind: string;
    name: string | null;
    call_id: string | null;
    details: Json<FileDetails>;
    bytes: number;
    duration: number;
    created_at: Date;
  };
  call_trace: { call_id: string; organization_id: string; steps: Json<TraceStep[]> };
}

/** Read as a value, written as text: pg would write an array as a Postgres array. */
type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null, string | null>;
