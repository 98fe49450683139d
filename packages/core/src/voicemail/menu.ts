/**
 * Listening to messages, with the keys that people know from other telephone systems:
 *
 *     log in ──> main ── 1 new, 2 old ──> messages ── # or none left ──> main ── # ──> goodbye
 *                  └── 0 ──> options: 1 record the greeting, 2 back to the stock one, 5 PIN, * back
 *
 *     messages: 4 the one before, 5 again, 6 the next, 7 delete or undo, 8 forward, 9 save, 3 then 2 call back, 3 envelope
 *
 * What was deleted is gone when the caller hangs up, and can be brought back until then. A new message that was heard to
 * its end becomes an old one.
 */
import type { Conversation, Saying } from '../call/conversation.ts';
import type { TraceStepKind } from '../call/trace-step.ts';
import { type Boxes, type Message, pinComplaint } from './box.ts';
import { whenReceived, whoCalled } from './envelope.ts';
import { numberIn, oneForNewIn, waitingIn } from './words.ts';

export interface MenuBox {
  organizationId: string;
  extensionId: string;
  number: string;
}

/** The call around it. */
export interface MenuCall {
  boxes: Boxes;
  /** Milliseconds since the epoch. */
  now(): number;
  timeZone: string;
  /** Own box of the phone that called; null: any, asked for. */
  own: MenuBox | null;
  /** The box of an extension of this organization. */
  find(number: string): MenuBox | null;
  isFull(extensionId: string): boolean;
  /** Whether the greeting is the box's own. */
  hasGreeting(box: MenuBox): boolean;
  /** Records a greeting; null when nothing was said. */
  recordGreeting(box: MenuBox, talk: Conversation): Promise<NewGreeting | null>;
  /** The PIN was right; a brain that comes back does not ask again. */
  opened(box: MenuBox): void;
  /** Messages that a menu before this one was told to delete. */
  deleted: readonly string[];
  /** These go when the menu is left. */
  deletes(ids: string[]): void;
  trace(step: TraceStepKind, detail: Record<string, string | number | boolean>): void;
}

export interface NewGreeting {
  sound: Saying;
  /** Its id as a stored sound; null when there is none after all. */
  keep(): Promise<string | null>;
  drop(): Promise<void>;
}

/** What comes after the menu. */
export type MenuEnd = { kind: 'goodbye' } | { kind: 'refused' } | { kind: 'call-back'; to: string };

const TRIES_PER_CALL = 3;
/** Somebody who presses nothing has gone away. */
const ROUNDS_OF_SILENCE = 3;

const prompt = (name: string): Saying => ({ kind: 'prompt', name });
const GOODBYE: MenuEnd = { kind: 'goodbye' };

export async function openBox(talk: Conversation, call: MenuCall, open: MenuBox | null): Promise<MenuEnd> {
  const box = open ?? (await logIn(talk, call));
  if (!box) {
    await talk.say(prompt('vm-goodbye'));
    return { kind: 'refused' };
  }
  const end = await new Menu(talk, call, box).run();
  if (end.kind === 'goodbye') await talk.say(prompt('vm-goodbye'));
  return end;
}

/** Null: not let in. */
async function logIn(talk: Conversation, call: MenuCall): Promise<MenuBox | null> {
  if (call.own && !(await talk.meanwhile(call.boxes.hasPin(call.own.organizationId, call.own.extensionId)))) {
    // The phone has proved whose it is; nobody else can open a box without a PIN.
    if (!(await choosePin(talk, call, call.own))) return null;
    call.opened(call.own);
    return call.own;
  }
  for (let round = 0; round < TRIES_PER_CALL; round++) {
    let box = call.own;
    if (!box) {
      const number = await talk.ask({ say: [prompt('vm-extension')], digits: 8 });
      if (number === null) continue;
      box = call.find(number);
    }
    const pin = await talk.ask({ say: [prompt('vm-password')], digits: 20 });
    if (pin === null) continue;
    // An extension that is not there is asked for its PIN too, and refused the same way.
    const outcome = box ? await talk.meanwhile(call.boxes.tryPin(box.organizationId, box.extensionId, pin)) : 'wrong';
    if (box && outcome === 'open') {
      call.opened(box);
      return box;
    }
    call.trace('voicemail-pin-refused', { box: box?.number ?? 'none', outcome });
    talk.forgetKeys();
    if (outcome === 'locked') {
      await talk.say(prompt('im-sorry'), prompt('please-try-call-later'));
      return null;
    }
    await talk.say(prompt('vm-incorrect'));
  }
  return null;
}

/** False when none was chosen. */
async function choosePin(talk: Conversation, { boxes, trace }: MenuCall, box: MenuBox): Promise<boolean> {
  for (let round = 0; round < TRIES_PER_CALL; round++) {
    const pin = await talk.ask({ say: [prompt('vm-newpassword')], digits: 20 });
    if (pin === null) continue;
    if (pinComplaint(pin, box.number)) {
      await talk.say(prompt('vm-invalidpassword'));
      continue;
    }
    const again = await talk.ask({ say: [prompt('vm-reenterpassword')], digits: 20 });
    if (again !== pin) {
      await talk.say(prompt('vm-mismatch'));
      continue;
    }
    await talk.meanwhile(boxes.setPin(box.organizationId, box.extensionId, pin));
    trace('voicemail-pin-set', { box: box.number });
    await talk.say(prompt('vm-passchanged'));
    return true;
  }
  return false;
}

class Menu {
  readonly #talk: Conversation;
  readonly #call: MenuCall;
  readonly #box: MenuBox;
  #messages: Message[] = [];
  readonly #deleted = new Set<Message>();

  constructor(talk: Conversation, call: MenuCall, box: MenuBox) {
    this.#talk = talk;
    this.#call = call;
    this.#box = box;
  }

  async run(): Promise<MenuEnd> {
    const { organizationId, extensionId } = this.#box;
    this.#messages = await this.#talk.meanwhile(this.#call.boxes.messages(organizationId, extensionId));
    const { deleted } = this.#call;
    for (const message of this.#messages) if (deleted.includes(message.id)) this.#deleted.add(message);
    return this.#main();
  }

  async #main(): Promise<MenuEnd> {
    for (let silence = 0; silence < ROUNDS_OF_SILENCE; ) {
      const key = await this.#talk.ask({ say: this.#summary(), digits: 1, endOn: null });
      silence = key === null ? silence + 1 : 0;
      switch (key) {
        case '1':
        case '2': {
          const end = await this.#listen(this.#those(key === '1'));
          if (end) return end;
          break;
        }
        case '0':
        case '3':
          await this.#options();
          break;
        case '#':
          return GOODBYE;
        case '*':
        case null:
          break;
        default:
          await this.#talk.say(prompt('vm-sorry'));
      }
    }
    return GOODBYE;
  }

  #those(isFresh: boolean): Message[] {
    return this.#messages.filter((message) => message.isSaved !== isFresh && !this.#deleted.has(message));
  }

  #summary(): Saying[] {
    const [fresh, old] = [this.#those(true).length, this.#those(false).length];
    const { language } = this.#talk;
    return [
      ...waitingIn(language, fresh, old),
      ...(fresh ? oneForNewIn(language) : []),
      prompt('vm-opts'),
      prompt('vm-helpexit'),
    ];
  }

  /** Null: back to the main menu. */
  async #listen(messages: Message[]): Promise<MenuEnd | null> {
    let at = 0;
    let silence = 0;
    let isNew = true;
    while (messages[at] && silence < ROUNDS_OF_SILENCE) {
      const message = messages[at]!;
      const key = isNew ? await this.#play(message) : await this.#ask(message);
      isNew = false;
      silence = key === null ? silence + 1 : 0;
      switch (key) {
        case '3': {
          const to = await this.#advanced(message);
          if (to !== null) return { kind: 'call-back', to };
          break;
        }
        case '4':
          at = Math.max(0, at - 1);
          isNew = true;
          break;
        case '5':
          isNew = true;
          break;
        case '6':
          at += 1;
          isNew = true;
          break;
        case '7':
          await this.#toggleDeleted(message);
          break;
        case '8':
          await this.#forward(message);
          break;
        case '9':
          await this.#save(message);
          await this.#talk.say(prompt('vm-message'), prompt('vm-saved'));
          at += 1;
          isNew = true;
          break;
        case '#':
          return null;
        case '*':
        case null:
          break;
        default:
          await this.#talk.say(prompt('vm-sorry'));
      }
    }
    if (!messages[at]) await this.#talk.say(prompt('vm-nomore'));
    return null;
  }

  /** The envelope and the message; the key pressed meanwhile or afterwards. */
  async #play(message: Message): Promise<string | null> {
    const { organizationId, id } = message;
    const heard = await this.#talk.sayUntilKey(...this.#envelope(message));
    if (heard !== 'key') {
      const end = await this.#talk.sayUntilKey({ kind: 'file', organizationId, id });
      // What was not there to be heard stays new.
      if (end === 'done') await this.#save(message);
    }
    return this.#ask(message);
  }

  #ask(message: Message): Promise<string | null> {
    const names = ['vm-advopts', 'vm-prev', 'vm-repeat', 'vm-next'];
    const keys = [...names, this.#deleted.has(message) ? 'vm-undelete' : 'vm-delete', 'vm-toforward', 'vm-savemessage'];
    return this.#talk.ask({ say: [...keys, 'vm-helpexit'].map(prompt), digits: 1, endOn: null });
  }

  #envelope(message: Message): Saying[] {
    const { now, timeZone } = this.#call;
    return [...whoCalled(message), ...whenReceived(this.#talk.language, message.createdAt, now(), timeZone)];
  }

  async #save(message: Message): Promise<void> {
    if (message.isSaved) return;
    await this.#talk.meanwhile(this.#call.boxes.save(message));
    message.isSaved = true;
  }

  async #toggleDeleted(message: Message): Promise<void> {
    const isBack = this.#deleted.delete(message);
    if (!isBack) this.#deleted.add(message);
    this.#call.deletes([...this.#deleted].map(({ id }) => id));
    await this.#talk.say(prompt(isBack ? 'vm-undeleted' : 'vm-deleted'));
  }

  /** Number to call back; null: none. */
  async #advanced(message: Message): Promise<string | null> {
    const say = ['vm-tocallback', 'vm-tohearenv', 'vm-starmain'].map(prompt);
    const key = await this.#talk.ask({ say, digits: 1, endOn: null });
    if (key === '3') await this.#talk.sayUntilKey(...this.#envelope(message));
    if (key !== '2') return null;
    if (message.from === null) {
      await this.#talk.say(prompt('vm-nonumber'));
      return null;
    }
    await this.#talk.say(prompt('vm-dialout'));
    return message.from;
  }

  async #forward(message: Message): Promise<void> {
    const number = await this.#talk.ask({ say: [prompt('vm-extension'), prompt('vm-then-pound')], digits: 8 });
    if (number === null || number === '') return;
    const to = this.#call.find(number);
    if (!to) return void (await this.#talk.say(prompt('invalid')));
    const isFull = this.#call.isFull(to.extensionId);
    const outcome = isFull ? 'full' : await this.#talk.meanwhile(this.#call.boxes.forward(message, to.extensionId));
    if (outcome === 'ok') this.#call.trace('voicemail-forwarded', { from: this.#box.number, to: to.number });
    await this.#talk.say(prompt(outcome === 'ok' ? 'vm-msgforwarded' : 'vm-mailboxfull'));
  }

  async #options(): Promise<void> {
    for (let silence = 0; silence < ROUNDS_OF_SILENCE; ) {
      const say = [prompt(this.#call.hasGreeting(this.#box) ? 'vm-tempgreeting2' : 'vm-tempgreeting')];
      say.push(prompt('vm-press'), ...numberIn(this.#talk.language, 5), prompt('vm-for'), prompt('vm-password'));
      const key = await this.#talk.ask({ say: [...say, prompt('vm-starmain')], digits: 1, endOn: null });
      silence = key === null ? silence + 1 : 0;
      if (key === '1') await this.#recordGreeting();
      else if (key === '2') {
        await this.#setGreeting(null);
        await this.#talk.say(prompt('vm-tempremoved'));
      } else if (key === '5') await choosePin(this.#talk, this.#call, this.#box);
      else if (key === '*' || key === '#') return;
    }
  }

  async #recordGreeting(): Promise<void> {
    for (let round = 0; round < TRIES_PER_CALL; round++) {
      await this.#talk.say(prompt('vm-rec-unv'));
      const greeting = await this.#call.recordGreeting(this.#box, this.#talk);
      if (!greeting) await this.#talk.say(prompt('vm-tooshort'));
      else if (await this.#review(greeting)) return;
    }
  }

  /** False: to be recorded again. */
  async #review(greeting: NewGreeting): Promise<boolean> {
    let isKept = false;
    try {
      for (;;) {
        const key = await this.#talk.ask({ say: [prompt('vm-review')], digits: 1, endOn: null });
        if (key === '2') await this.#talk.sayUntilKey(greeting.sound);
        else if (key === '1') {
          isKept = true;
          await this.#setGreeting(await greeting.keep());
          await this.#talk.say(prompt('auth-thankyou'));
          return true;
        } else return key !== '3';
      }
    } finally {
      if (!isKept) await greeting.drop();
    }
  }

  #setGreeting(id: string | null): Promise<void> {
    const { organizationId, extensionId } = this.#box;
    return this.#talk.meanwhile(this.#call.boxes.setGreeting(organizationId, extensionId, id));
  }
}
