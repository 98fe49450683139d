/** Hears of changed organizations, whoever changed them, as long as Postgres is there; reconnects by itself. */
import pg from 'pg';

const ORGANIZATIONS = 'organization_changed';
const MESSAGES = 'voicemail_changed';
const LIVE = 'live_event';
const SESSIONS = 'session_ended';
/** Milliseconds between attempts, doubling from the first to the last. */
const RETRY_FIRST = 250;
const RETRY_LAST = 5_000;
/** How often a silent connection is asked whether it is still one, and how long it may take to say so. Milliseconds. */
const PROBE_EVERY = 10_000;
const PROBE_TIMEOUT = 3_000;

export interface ListenOptions {
  /** Of the role `littlepbx_app`. */
  url: string;
  /** Committed just now; also for changes of one's own. `version` is null when it was deleted. */
  onChange: (organizationId: string, version: number | null) => void;
  /** Messages of this extension's box came or went. */
  onMessages?: (extensionId: string) => void;
  /** What listeners to live events may be told; UUID of the organization, and JSON. */
  onLiveEvent?: (payload: string) => void;
  /** A login of this person has ended. */
  onSessionEnded?: (personId: string) => void;
  /** Listening (again) to a Postgres of this version: whatever happened before was not heard, so compare versions. */
  onListening: (postgres: string) => void;
  onLost?: (error: unknown) => void;
}

/** Starts listening; the returned function ends it. */
export function listenForChanges({
  url,
  onChange,
  onMessages,
  onLiveEvent,
  onSessionEnded,
  onListening,
  onLost,
}: ListenOptions): () => Promise<void> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retry = RETRY_FIRST;
  let isEnded = false;

  function lost(failed: pg.Client, error: unknown): void {
    if (client !== failed || isEnded) return;
    client = undefined;
    clearTimeout(timer);
    abandon(failed);
    onLost?.(error);
    timer = setTimeout(connect, retry);
    retry = Math.min(retry * 2, RETRY_LAST);
  }

  function connect(): void {
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: PROBE_TIMEOUT,
      query_timeout: PROBE_TIMEOUT,
      keepAlive: true,
      application_name: 'littlepbx-listen',
    });
    client = next;
    next.on('error', (error) => lost(next, error));
    next.on('end', () => lost(next, new Error('connection ended')));
    next.on('notification', (message) => {
      if (!message.payload) return;
      if (message.channel === LIVE) return onLiveEvent?.(message.payload);
      if (message.channel === SESSIONS) return onSessionEnded?.(message.payload);
      if (message.channel === MESSAGES) return onMessages?.(message.payload);
      const [id = '', version] = message.payload.split(':');
      onChange(id, version === undefined ? null : Number(version));
    });
    const probe = (): void => {
      timer = setTimeout(() => {
        next.query('SELECT 1').then(probe, (error) => lost(next, error));
      }, PROBE_EVERY);
    };
    next
      .connect()
      .then(() => next.query(`LISTEN ${ORGANIZATIONS}; LISTEN ${MESSAGES}; LISTEN ${LIVE}; LISTEN ${SESSIONS}`))
      .then(() => next.query<{ server_version: string }>('SHOW server_version'))
      .then(({ rows }) => {
        if (client !== next) return;
        retry = RETRY_FIRST;
        // Debian adds its own in brackets.
        onListening(rows[0]?.server_version.split(' ')[0] ?? '');
        probe();
      })
      .catch((error) => lost(next, error));
  }

  connect();
  return async () => {
    isEnded = true;
    clearTimeout(timer);
    if (client) abandon(client);
  };
}

/** A polite end would wait for an answer that a stopped Postgres never gives. */
function abandon(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
