/** Somebody who listens to an office's live events. */
import type { LiveEvent } from '@littlepbx/contract';
import { type EventStream, listenToEvents } from '@littlepbx/contract/event-stream';
import { eventually, PATIENCE } from '../phones/index.ts';
import type { Office } from './office.ts';

type Heard = Exclude<LiveEvent, { type: 'alive' }>;

export class Listener {
  readonly heard: Heard[] = [];
  readonly #stream: EventStream;

  private constructor(office: Office, token: string, after: string | undefined) {
    this.#stream = listenToEvents({
      ...{ baseUrl: office.town.system.installation.web, org: office.slug, token },
      ...(after === undefined ? {} : { after }),
      onEvent: (event) => this.heard.push(event),
    });
  }

  /** Resolves once the stream is live. */
  static async of(office: Office, token: string, after?: string): Promise<Listener> {
    const listener = new Listener(office, token, after);
    await listener.hears('hello');
    return listener;
  }

  /** The first event of this type, of which `is` holds. */
  hears<T extends Heard['type']>(
    type: T,
    is: (event: Extract<Heard, { type: T }>) => boolean = () => true,
    within = PATIENCE,
  ): Promise<Extract<Heard, { type: T }>> {
    return eventually(
      async () => this.heard.find((e): e is Extract<Heard, { type: T }> => e.type === type && is(e as never)),
      { within, reason: () => `no such ${type} among ${JSON.stringify(this.heard)}` },
    );
  }

  get sequence(): string {
    return this.#stream.sequence!;
  }

  close(): void {
    this.#stream.close();
  }
}
