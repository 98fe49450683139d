/**
 * The voicemail part of a call: one caller alone with the machine, leaving a message or listening to some. What is said
 * stands in `voicemail/deposit.ts` and `voicemail/menu.ts`; here stands what the call does for it.
 *
 *     deposit ──> answered ──> leaveMessage ──> ended          (a caller who leaves during it is waited for until the
 *     menu ─────> answered ──> openBox ──> ended                recording is the organization's)
 *                                   └── call back ──> ringing
 *
 * `state.voicemail` is what a new brain goes on from: a running recording is waited for, an open box stays open, and what was
 * deleted in it goes when it is left.
 */
import { type LegId, type RecordId, recordId } from '@littlepbx/engine/port';
import type { Files } from '../files/files.ts';
import type { Clock, Log } from '../ports.ts';
import type { Extension, Organization } from '../tenancy/organization.ts';
import { StoreUnavailable } from '../tenancy/stores.ts';
import {
  type BoxCounts,
  type Boxes,
  type BoxSettings,
  DEFAULT_MAX_MESSAGE_IN_S,
  MAX_MESSAGES,
  MIN_MESSAGE,
} from '../voicemail/box.ts';
import { leaveMessage } from '../voicemail/deposit.ts';
import { type MenuBox, type NewGreeting, openBox } from '../voicemail/menu.ts';
import type { CallParts } from './call-parts.ts';
import { CallerLeft, Conversation, type PlayEnd } from './conversation.ts';
import type { Phase } from './lifecycle.ts';
import { extensionById, type Place, placeFor } from './routing.ts';
import type { Reason, Termination } from './termination.ts';

/** Where a call stands in voicemail, as the journal keeps it. */
export type VoicemailState =
  | {
      kind: 'deposit';
      extensionId: string;
      isBusy: boolean;
      recording: RecordId | null;
      /** Somebody had talked before: then it stays an answered call. */
      wasAnswered: boolean;
      isMessageLeft: boolean;
    }
  | {
      kind: 'menu';
      /** `*98`: the box is asked for. */
      isAny: boolean;
      /** Whose box is open; null: nobody has logged in. */
      extensionId: string | null;
      /** Messages that go when the menu is left; missing in what an older brain kept. */
      deleted?: string[];
    };

export interface VoicemailParts extends CallParts {
  clock: Clock;
  log: Log;
  files: Files;
  boxes: Boxes;
  counts: BoxCounts;
  /** Pinned. */
  organization: Organization;
  /** As it is now: limits and boxes act at once. */
  now(): Organization;
  moveTo(phase: Phase): void;
  /** Something picked up: a waiting transferor is let go, the set-up is over. */
  pickedUp(label: string): void;
  go(place: Place, onBehalfOf: string | null): void;
  end(termination: Termination): void;
}

const GREETING_MAX = 120_000;
/** Room on disk that a message must have at least. Milliseconds. */
const MIN_DISK_ROOM = 10_000;
/** After the longest message; its end was not heard of then. Milliseconds. */
const RECORDING_GUARD = 5_000;

class DiskFull extends Error {
  constructor() {
    super('the disk has no room for a message');
  }
}

export class Voicemail {
  readonly #call: VoicemailParts;
  #talk: Conversation | null = null;
  /** The taking over of the message that was recorded. */
  #keeping: Promise<boolean> | null = null;
  #deleting: Promise<void> | null = null;

  constructor(call: VoicemailParts) {
    this.#call = call;
  }

  deposit(extension: Extension, isBusy: boolean): void {
    const { state } = this.#call;
    const wasAnswered = state.answeredAt !== null;
    const { id: extensionId } = extension;
    state.voicemail = { kind: 'deposit', extensionId, isBusy, recording: null, wasAnswered, isMessageLeft: false };
    this.#answer(extension.number);
    this.#call.trace('voicemail', { box: extension.number });
    this.#run();
  }

  menu(isAny: boolean): void {
    const { state } = this.#call;
    state.voicemail = { kind: 'menu', isAny, extensionId: null };
    this.#answer(state.dialled);
    this.#call.trace('voicemail-menu', { isAny });
    this.#run();
  }

  pressed(leg: LegId, key: string): void {
    if (leg === this.#call.state.anchor) this.#talk?.pressed(key);
  }

  /** False when it is nothing of voicemail's. Also told of a recording whose call has ended meanwhile. */
  mediaEnded(id: string, result: PlayEnd): boolean {
    const { voicemail, phase } = this.#call.state;
    if (phase === 'ended') {
      if (voicemail?.kind !== 'deposit' || voicemail.recording !== id) return false;
      void this.#keep();
      return true;
    }
    return this.#talk?.mediaEnded(id as RecordId, result) ?? false;
  }

  /** The caller hung up: what was said until then is kept, and the call ends when it is. */
  left(why: Reason): void {
    this.#talk?.close();
    const { voicemail } = this.#call.state;
    const finish = (): void => this.#call.end(this.#termination(why));
    if (voicemail?.kind === 'menu') return void this.#deleteForGood().then(finish);
    if (voicemail?.kind !== 'deposit' || voicemail.recording === null) return finish();
    void this.#keep().then(finish);
  }

  /** The call ends, or goes on elsewhere. */
  close(): void {
    this.#talk?.close();
    this.#talk = null;
    void this.#deleteForGood();
  }

  /** Goes on where the brain before was; what the caller heard last is said again. */
  adopt(): void {
    this.#run();
    this.catchUp();
  }

  /** The end of a message that happened while nobody listened. */
  catchUp(): void {
    const { voicemail } = this.#call.state;
    const id = voicemail?.kind === 'deposit' ? voicemail.recording : null;
    const talk = this.#talk;
    if (id === null || !talk) return;
    this.#call.engine.isRecording(id).then(
      (isRunning) => isRunning || talk.mediaEnded(id, 'done'),
      // Out of reach again: it is asked when it is back.
      () => {},
    );
  }

  /** How a call ends that ends here. */
  #termination(reason: Reason): Termination {
    const { voicemail } = this.#call.state;
    if (reason === 'internal-error') return { result: 'failed', reason, blame: 'platform' };
    if (voicemail?.kind !== 'deposit') return { result: 'answered', reason, blame: 'caller' };
    if (reason === 'voicemail-full')
      return { result: voicemail.wasAnswered ? 'answered' : 'voicemail', reason, blame: 'callee' };
    const result = voicemail.wasAnswered ? 'answered' : 'voicemail';
    if (reason !== 'caller-hung-up' && reason !== 'no-message-left') return { result, reason, blame: 'caller' };
    return { result, reason: voicemail.isMessageLeft ? 'message-left' : 'no-message-left', blame: 'caller' };
  }

  #answer(label: string): void {
    const { state, engine, clock } = this.#call;
    state.answeredAt ??= clock.now();
    state.answeredBy = label;
    this.#call.pickedUp(label);
    this.#call.moveTo('voicemail');
    if (!state.isAnchorAnswered) this.#call.send(engine.answer(state.anchor));
    state.isAnchorAnswered = true;
  }

  #run(): void {
    const { state, organization } = this.#call;
    const called =
      state.voicemail?.kind === 'deposit' ? extensionById(organization, state.voicemail.extensionId) : null;
    const talk = new Conversation(this.#call, state.anchor, this.#call.language(called));
    this.#talk = talk;
    const work = state.voicemail?.kind === 'deposit' ? this.#deposit(talk) : this.#menu(talk);
    work.then(
      (next) => {
        if (!talk.isOver) next();
      },
      (error: unknown) => {
        if (error instanceof CallerLeft || talk.isOver) return;
        void this.#sorry(talk, error);
      },
    );
  }

  /** The database is away, the disk is full, or a fault: the caller hears so. */
  async #sorry(talk: Conversation, error: unknown): Promise<void> {
    const reason =
      error instanceof StoreUnavailable
        ? 'database-unavailable'
        : error instanceof DiskFull
          ? 'disk-full'
          : 'internal-error';
    const level = reason === 'internal-error' ? 'error' : 'warn';
    this.#call.log[level]('voicemail-failed', { call: this.#call.state.id, error: String(error) });
    this.#call.trace('voicemail-failed', { reason });
    const say = ['im-sorry', 'please-try-call-later'].map((name) => ({ kind: 'prompt' as const, name }));
    await talk.say(...say).catch(() => {});
    if (!talk.isOver) this.#call.end(this.#termination('internal-error'));
  }

  async #deposit(talk: Conversation): Promise<() => void> {
    const { state, organization, counts, files, ids, clock } = this.#call;
    const voicemail = state.voicemail as Extract<VoicemailState, { kind: 'deposit' }>;
    const { extensionId, isBusy } = voicemail;
    const settings = this.#settings(extensionId);
    const { fresh, old } = counts.waiting(extensionId);
    const maxDuration = (settings?.maxMessageInS ?? DEFAULT_MAX_MESSAGE_IN_S) * 1000;
    const number = extensionById(organization, extensionId)?.number ?? '';
    const running = voicemail.recording;
    // Told before the greeting and the tone: nobody shall speak for nothing.
    const diskRoom = files.diskRoom();
    if (running === null && diskRoom < MIN_DISK_ROOM) throw new DiskFull();
    const cancelGuard = running
      ? clock.after(maxDuration + RECORDING_GUARD, () => talk.mediaEnded(running, 'failed'))
      : () => {};
    try {
      const end = await leaveMessage(talk, {
        box: {
          number,
          isBusy,
          greeting: settings?.greeting ? { organizationId: state.organizationId, id: settings.greeting } : null,
          maxDuration,
          messages: fresh + old,
          room: Math.min(files.room(this.#call.now()), diskRoom),
        },
        recording: running,
        begins: () => {
          const id = recordId(ids.next());
          const { from, fromName } = this.#caller();
          files.expect({
            id,
            organizationId: state.organizationId,
            kind: 'voicemail',
            callId: state.id,
            details: { extensionId, from, fromName },
            at: clock.now(),
            minDuration: MIN_MESSAGE,
          });
          this.#call.attach(id);
          voicemail.recording = id;
          this.#keeping = null;
          this.#call.trace('message-began', { box: number, recording: id });
          this.#call.changed();
          return id;
        },
        ended: () => this.#keep(),
      });
      return () => this.#call.end(this.#termination(end === 'voicemail-full' ? end : 'no-message-left'));
    } finally {
      cancelGuard();
    }
  }

  /** Takes the recording over, once. False when it came to nothing. */
  #keep(): Promise<boolean> {
    const { voicemail } = this.#call.state;
    const id = voicemail?.kind === 'deposit' ? voicemail.recording : null;
    if (voicemail?.kind !== 'deposit' || id === null) return Promise.resolve(false);
    this.#keeping ??= this.#takeOver(voicemail, id);
    return this.#keeping;
  }

  async #takeOver(deposit: Extract<VoicemailState, { kind: 'deposit' }>, id: RecordId): Promise<boolean> {
    const { state, files, log } = this.#call;
    try {
      const file = await files.takeOver(id);
      deposit.recording = null;
      deposit.isMessageLeft ||= file !== null;
      if (state.phase === 'ended') return file !== null;
      if (file) this.#call.trace('message-left', { duration: file.duration, file: file.id });
      else this.#call.trace('message-dropped', { recording: id });
      this.#call.changed();
      return file !== null;
    } catch (error) {
      // It stays expected: the next sweep takes it over.
      log.error('message-not-kept', { call: state.id, recording: id, error: String(error) });
      return false;
    }
  }

  /** Whom the message is from, as the box's owner may know. */
  #caller(): { from: string | null; fromName: string | null } {
    const { state } = this.#call;
    if (state.anchor !== state.callerLeg) return { from: state.parties[state.anchor]?.label ?? null, fromName: null };
    const isWithheld = state.callerId.isPrivate === true && state.fromExtension === null;
    return isWithheld ? { from: null, fromName: null } : { from: state.callerId.number, fromName: state.callerId.name };
  }

  async #menu(talk: Conversation): Promise<() => void> {
    const { state, organization, boxes, counts, clock } = this.#call;
    const voicemail = state.voicemail as Extract<VoicemailState, { kind: 'menu' }>;
    const own = voicemail.isAny ? null : this.#boxOf(state.fromExtension?.id ?? '');
    const end = await openBox(
      talk,
      {
        boxes,
        now: () => clock.now(),
        timeZone: this.#call.now().timeZone,
        own,
        find: (number) => {
          const place = placeFor(number, organization);
          return place.kind === 'extension' ? this.#boxOf(place.extension.id) : null;
        },
        isFull: (extensionId) => {
          const { fresh, old } = counts.waiting(extensionId);
          return fresh + old >= MAX_MESSAGES;
        },
        hasGreeting: (box) => (this.#settings(box.extensionId)?.greeting ?? null) !== null,
        recordGreeting: (box, t) => this.#recordGreeting(box, t),
        opened: (box) => {
          voicemail.extensionId = box.extensionId;
          this.#call.trace('voicemail-opened', { box: box.number });
          this.#call.changed();
        },
        deleted: voicemail.deleted ?? [],
        deletes: (ids) => {
          voicemail.deleted = ids;
          this.#call.changed();
        },
        trace: (step, detail) => {
          if (state.phase === 'ended') return;
          this.#call.trace(step, detail);
          this.#call.changed();
        },
      },
      voicemail.extensionId === null ? null : this.#boxOf(voicemail.extensionId),
    );
    await this.#deleteForGood();
    if (end.kind !== 'call-back') return () => this.#call.end(this.#termination('callee-hung-up'));
    return () => {
      this.close();
      state.voicemail = null;
      // Talking with the machine was no answer: what is paid for begins when somebody picks up.
      state.answeredAt = null;
      state.answeredBy = null;
      this.#call.trace('voicemail-calls-back', { to: end.to });
      const place = placeFor(end.to, organization);
      if (place.kind === 'outside') state.direction = 'outbound';
      // On behalf of who holds the phone, whosever box it is.
      this.#call.go(place, state.fromExtension?.id ?? null);
      this.#call.changed();
    };
  }

  /** Once; whoever leaves, and however. */
  async #deleteForGood(): Promise<void> {
    const { state, boxes, log } = this.#call;
    const { voicemail, organizationId } = state;
    const ids = voicemail?.kind === 'menu' ? (voicemail.deleted ?? []) : [];
    if (voicemail?.kind !== 'menu' || ids.length === 0) return;
    try {
      this.#deleting ??= boxes.delete(organizationId, ids);
      await this.#deleting;
      if (voicemail.deleted !== ids) return;
      voicemail.deleted = [];
      if (state.phase !== 'ended') this.#call.trace('voicemail-deleted', { messages: ids.length });
    } catch (error) {
      log.warn('messages-not-deleted', { call: state.id, messages: ids.length, error: String(error) });
    }
  }

  async #recordGreeting(box: MenuBox, talk: Conversation): Promise<NewGreeting | null> {
    const { state, files, ids, clock } = this.#call;
    const diskRoom = files.diskRoom();
    if (diskRoom < MIN_DISK_ROOM) throw new DiskFull();
    const room = Math.min(files.room(this.#call.now()), diskRoom);
    if (room < MIN_MESSAGE) {
      await talk.say({ kind: 'prompt', name: 'vm-mailboxfull' });
      return null;
    }
    const id = recordId(ids.next());
    files.expect({
      id,
      organizationId: state.organizationId,
      kind: 'greeting',
      callId: state.id,
      details: { extensionId: box.extensionId },
      at: clock.now(),
      minDuration: 500,
    });
    let isDecided = false;
    try {
      const options = {
        id,
        maxDuration: Math.min(GREETING_MAX, room),
        maxSilence: 5000,
        beep: true,
        endOn: '#' as const,
      };
      const end = await talk.record(options);
      isDecided = end !== 'failed';
    } finally {
      if (!isDecided) await files.discard(id);
    }
    return {
      sound: { kind: 'recording', id },
      keep: async () => (await files.takeOver(id))?.id ?? null,
      drop: () => files.discard(id),
    };
  }

  #settings(extensionId: string): BoxSettings | null {
    return this.#call.now().boxes?.find((box) => box.extensionId === extensionId) ?? null;
  }

  #boxOf(extensionId: string): MenuBox | null {
    const { organization } = this.#call;
    const extension = extensionById(organization, extensionId);
    return extension ? { organizationId: organization.id, extensionId: extension.id, number: extension.number } : null;
  }
}
