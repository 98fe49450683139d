/**
 * Several sockets to Asterisk as one connection. It carries out the requests of a socket one after the other, and waits in most
 * of them for a channel's thread: by one socket a call would wait for all others. So calls go side by side, and only the
 * order that call logic relies on (decision 0001) is kept:
 *
 * - What names the same leg, bridge, playback or recording is carried out in the order in which it was asked for.
 * - So is all that one event led to, whatever it names; only a leg that is made is not held up by the rest.
 *
 * Nothing is remembered of a call but its requests without an answer: what follows one of them goes by the same socket,
 * what follows some on different sockets waits for their answers, and all else goes where the fewest wait. The first
 * socket has the events and what is about no call, so that no call holds up the beat.
 *
 * All are up or none is: when one goes, the others start over too.
 */
import { type AriAddress, AriConnection, type AriListener, type AriResponse } from './connection.ts';

/** What a connection is here; another kind only in tests. */
export type Lane = Pick<AriConnection, 'request' | 'list' | 'pending' | 'isUp' | 'open' | 'reopen' | 'close'>;

type Request = Parameters<AriConnection['request']>;

/** A request that has no answer yet. */
interface Underway {
  /** Null: it waits for others itself. */
  lane: Lane | null;
  answer: Promise<unknown>;
}

/** Sockets for the requests of calls. */
const LANES = 3;

export class Lanes {
  readonly #first: Lane;
  readonly #lanes: Lane[];
  readonly #all: Lane[];
  readonly #listener: AriListener;
  /** The last one about each thing, and of each event. */
  readonly #underway = new Map<string | number, Underway>();
  /** Counts events. */
  #turn = 0;
  #taken = 0;
  #isUp = false;

  constructor(
    address: AriAddress,
    listener: AriListener,
    connect: (address: AriAddress, listener: AriListener) => Lane = (...to) => new AriConnection(...to),
  ) {
    this.#listener = listener;
    const own: AriListener = {
      ...listener,
      event: (event) => {
        this.#turn += 1;
        listener.event(event);
      },
      up: () => this.#came(),
      down: (why) => this.#went(why),
    };
    this.#first = connect(address, own);
    // Applications of their own, which have no channels and so hear of nothing.
    const further = { ...own, event: () => {} };
    this.#lanes = Array.from({ length: LANES }, (_, i) =>
      connect({ ...address, app: `${address.app}-${i + 1}` }, further),
    );
    this.#all = [this.#first, ...this.#lanes];
  }

  /** Requests that have no answer yet, without those that wait for others. */
  get pending(): number {
    return this.#all.reduce((sum, lane) => sum + lane.pending, 0);
  }

  open(): void {
    for (const lane of this.#all) lane.open();
  }

  /** Starts over with new sockets. */
  reopen(): void {
    for (const lane of this.#all) lane.reopen();
  }

  /** Ends the connection for good. Calls in the engine go on. */
  close(): void {
    for (const lane of this.#all) lane.close();
  }

  list(uri: string): Promise<unknown> {
    return this.#first.list(uri);
  }

  /**
   * As `AriConnection.request`.
   * @param about ids of all that it names, also of what it makes; of nothing: it is about no call
   */
  request(about: readonly string[], ...request: Request): Promise<AriResponse> {
    if (about.length === 0) return this.#first.request(...request);
    return this.#inOrder([...about, this.#turn], request);
  }

  /** As `request`, for what may overtake all else of its event, and be overtaken by it, unless they name the same. */
  requestApart(about: readonly string[], ...request: Request): Promise<AriResponse> {
    return this.#inOrder(about, request);
  }

  #inOrder(things: readonly (string | number)[], request: Request): Promise<AriResponse> {
    const before = new Set(things.flatMap((thing) => this.#underway.get(thing) ?? []));
    const lanes = new Set([...before].map(({ lane }) => lane));
    const lane = lanes.size === 0 ? this.#freest() : lanes.size === 1 ? [...lanes][0]! : null;
    const answer = lane
      ? lane.request(...request)
      : Promise.allSettled([...before].map((other) => other.answer)).then(() => this.#freest().request(...request));
    const underway: Underway = { lane, answer };
    for (const thing of things) this.#underway.set(thing, underway);
    const settled = () => {
      for (const thing of things) if (this.#underway.get(thing) === underway) this.#underway.delete(thing);
    };
    answer.then(settled, settled);
    return answer;
  }

  /** Each in its turn among those where the fewest wait. The first one, while the others are not there yet. */
  #freest(): Lane {
    this.#taken += 1;
    let freest = this.#first;
    for (let i = 0; i < this.#lanes.length; i++) {
      const lane = this.#lanes[(this.#taken + i) % this.#lanes.length]!;
      if (lane.isUp && (freest === this.#first || lane.pending < freest.pending)) freest = lane;
    }
    return freest;
  }

  #came(): void {
    if (this.#isUp || this.#all.some((lane) => !lane.isUp)) return;
    this.#isUp = true;
    this.#listener.up();
  }

  #went(why: string): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.reopen();
    this.#listener.down(why);
  }
}
