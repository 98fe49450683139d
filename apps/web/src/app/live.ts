/**
 * What happens in the organization that is shown, as it happens: one stream for the whole page. Whatever was read from the
 * server under a key that begins with `['organization', org, resource]` is read anew when an event tells of it; calls in
 * progress come with the events themselves. Without the stream, `pollWithout` has pages ask now and then.
 */
import type { DeviceAnswer, LiveCallAnswer, LiveEvent } from '@littlepbx/contract';
import { CLOSE, listenToEvents, type StreamState } from '@littlepbx/contract/event-stream';
import { useEffect, useState } from 'react';
import { interruption } from './api.ts';
import { queryClient } from './query.ts';
import { createStore } from './store.ts';

type Heard = Exclude<LiveEvent, { type: 'alive' }>;

const isLive = createStore(false);
const hearers = new Set<(event: Heard) => void>();

/** Several changes in a row are one. Milliseconds. */
const GATHER = 250;
/** What is summed up over many calls is read anew less often. */
const GATHER_SUMS = 10_000;
const AGAIN_AFTER = 2_000;

/** What else a change of these changes. */
const ALSO: Record<string, string[]> = {
  extension: ['extensions', 'devices', 'numbers', 'draft', 'voicemail'],
  'extension-control': ['extensions', 'devices'],
  route: ['numbers', 'draft'],
  music: ['music', 'draft'],
  number: ['numbers'],
  device: ['devices'],
  trunk: ['trunks', 'numbers'],
  revision: ['revisions', 'draft'],
  'waiting-apply': ['revisions', 'draft'],
  file: ['files', 'music', 'greetings', 'recordings'],
  voicemail: ['voicemail'],
  key: ['keys'],
  webhook: ['webhooks', 'webhook-deliveries'],
  user: ['users'],
  membership: ['users'],
  invitation: ['users'],
  organization: ['details', 'name', 'time-zone'],
};

interface Listening {
  org: string;
  /** The login with which it was begun is over, not the person's. */
  onEnd: () => void;
  state: StreamState;
  stop(): void;
}

/** Begun before a page of it was drawn. */
let ahead: Listening | null = null;
let heard: Listening | null = null;
/** For a page that may never be drawn. Milliseconds. */
const AHEAD_FOR = 10_000;

/**
 * Listens to an organization whose page is about to be drawn: what is read after the stream's `hello` is not read again.
 */
export function listenAhead(org: string): void {
  if (ahead?.org === org || heard?.org === org) return;
  ahead?.stop();
  const begun = listen(org);
  ahead = begun;
  setTimeout(() => {
    if (ahead !== begun) return;
    ahead = null;
    begun.stop();
  }, AHEAD_FOR);
}

/** Hook: listens to this organization, if any is shown; anew after somebody whose session had ended is logged in again. */
export function useLive(org: string | undefined): void {
  const isLoggedOut = interruption.use() !== null;
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round listens anew
  useEffect(() => {
    if (org === undefined || isLoggedOut) return undefined;
    const listening = ahead?.org === org && ahead.state !== 'ended' ? ahead : listen(org);
    ahead = null;
    heard = listening;
    isLive.set(listening.state === 'live');
    listening.onEnd = () => setRound((n) => n + 1);
    return () => {
      heard = null;
      isLive.set(false);
      listening.stop();
    };
  }, [org, isLoggedOut, round]);
}

/** Listens until it is stopped. */
function listen(org: string): Listening {
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sumsTimer: ReturnType<typeof setTimeout> | undefined;
  let endTimer: ReturnType<typeof setTimeout> | undefined;
  const invalidate = (...rest: string[]) =>
    void queryClient.invalidateQueries({ queryKey: ['organization', org, ...rest] });

  const touch = (...resources: string[]) => {
    for (const resource of resources) changed.add(resource);
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const resource of changed) invalidate(resource);
      changed.clear();
    }, GATHER);
  };

  const liveCalls = ['organization', org, 'live-calls'];
  const setCalls = (change: (calls: LiveCallAnswer[]) => LiveCallAnswer[]) =>
    queryClient.setQueryData<LiveCallAnswer[]>(liveCalls, (calls) => (calls ? change(calls) : calls));

  // Each phone is asked twice a minute: too often to read all of them anew.
  const setAnswering = ({ username, roundTrip, isSilent }: Extract<Heard, { type: 'device-round-trip' }>) =>
    queryClient.setQueryData<DeviceAnswer[]>(['organization', org, 'devices'], (devices) =>
      devices?.map((device) =>
        device.username === username && device.registration
          ? { ...device, registration: { ...device.registration, roundTrip, isSilent } }
          : device,
      ),
    );

  const hear = (event: Heard) => {
    switch (event.type) {
      case 'hello':
        if (!event.isResumed) invalidate();
        break;
      case 'reset':
        invalidate();
        break;
      case 'call-began':
      case 'call-changed':
        // A list that is just being read may have been made before this.
        touch('live-call');
        if (queryClient.isFetching({ queryKey: liveCalls }) > 0) touch('live-calls');
        setCalls((calls) => {
          const others = calls.filter(({ id }) => id !== event.call.id);
          return [...others, event.call].sort((a, b) => a.startedAt - b.startedAt);
        });
        break;
      case 'call-ended':
        touch('live-call');
        if (queryClient.isFetching({ queryKey: liveCalls }) > 0) touch('live-calls');
        setCalls((calls) => calls.filter(({ id }) => id !== event.id));
        break;
      case 'call-recorded':
        touch('call');
        sumsTimer ??= setTimeout(() => {
          sumsTimer = undefined;
          invalidate('statistics');
        }, GATHER_SUMS);
        break;
      case 'recording-ready':
        touch('recordings');
        break;
      case 'voicemail-changed':
        touch('voicemail');
        break;
      case 'device-registered':
      case 'device-unregistered':
        touch('devices');
        break;
      case 'device-round-trip':
        setAnswering(event);
        break;
      case 'trunk-registration':
        touch('trunks');
        break;
      case 'revision-applied':
        touch('revisions', 'draft', 'extensions', 'numbers', 'devices', 'music');
        break;
      case 'changed':
        touch(...(ALSO[event.resource] ?? []), 'audit');
        break;
    }
    for (const hearer of hearers) hearer(event);
  };

  const stream = listenToEvents({
    baseUrl: location.origin,
    org,
    onEvent: hear,
    onState(state, code) {
      listening.state = state;
      if (heard === listening) isLive.set(state === 'live');
      if (state !== 'ended' || code === null) return;
      // The server ended it: whoever looks is logged out, has another role, or is no user of this organization any more;
      // else a new password made a new session.
      void queryClient.invalidateQueries({ queryKey: ['me'] });
      if (code === CLOSE.notAuthenticated) endTimer = setTimeout(() => listening.onEnd(), AGAIN_AFTER);
    },
  });
  const listening: Listening = {
    org,
    onEnd: () => {},
    state: 'connecting',
    stop() {
      clearTimeout(timer);
      clearTimeout(sumsTimer);
      clearTimeout(endTimer);
      stream.close();
    },
  };
  return listening;
}

/** Hears every event; returns what ends it. For what no key of a query can say. */
export function onLiveEvent(hearer: (event: Heard) => void): () => void {
  hearers.add(hearer);
  return () => void hearers.delete(hearer);
}

/** Hook: how often to ask while nothing tells what happens; `false` while something does. Milliseconds. */
export function usePollWithout(interval: number): number | false {
  return isLive.use() ? false : interval;
}
