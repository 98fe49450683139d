/** Voicemail boxes in memory, on the sounds that were taken over. */
import type { SoundFile } from '../../files/files.ts';
import { type BoxCounts, type Boxes, lockTime, type Message, type Waiting } from '../box.ts';

export class MemoryBoxes implements Boxes, BoxCounts {
  readonly pins = new Map<string, string>();
  readonly greetings = new Map<string, string | null>();
  readonly #wrong = new Map<string, number>();
  readonly #saved = new Set<string>();
  readonly #sounds: SoundFile[];
  /** Throws what the database throws when it is away. */
  fails: (() => Error) | null = null;

  constructor(sounds: SoundFile[]) {
    this.#sounds = sounds;
  }

  of(extensionId: string): Message[] {
    return this.#sounds
      .filter(({ kind, details }) => kind === 'voicemail' && details.extensionId === extensionId)
      .map(({ id, organizationId, details, duration, createdAt }) => ({
        ...{ id, organizationId, extensionId, duration, createdAt },
        from: details.from as string | null,
        fromName: details.fromName as string | null,
        isSaved: this.#saved.has(id),
      }));
  }
  waiting(extensionId: string): Waiting {
    const all = this.of(extensionId);
    const old = all.filter(({ isSaved }) => isSaved).length;
    return { fresh: all.length - old, old };
  }
  async hasPin(_organizationId: string, extensionId: string): Promise<boolean> {
    this.#ask();
    return this.pins.has(extensionId);
  }
  async tryPin(_organizationId: string, extensionId: string, pin: string) {
    this.#ask();
    const wrong = this.#wrong.get(extensionId) ?? 0;
    if (lockTime(wrong) > 0) return 'locked';
    if (this.pins.get(extensionId) === pin) return 'open';
    this.#wrong.set(extensionId, wrong + 1);
    return 'wrong';
  }
  async setPin(_organizationId: string, extensionId: string, pin: string): Promise<void> {
    this.#ask();
    this.pins.set(extensionId, pin);
  }
  async messages(_organizationId: string, extensionId: string): Promise<Message[]> {
    this.#ask();
    return this.of(extensionId);
  }
  async save({ id }: Message): Promise<void> {
    this.#saved.add(id);
  }
  async delete(_organizationId: string, ids: string[]): Promise<void> {
    for (const id of ids) {
      this.#sounds.splice(
        this.#sounds.findIndex((sound) => sound.id === id),
        1,
      );
    }
  }
  async forward({ id }: Message, extensionId: string) {
    const sound = this.#sounds.find((one) => one.id === id);
    if (!sound) return 'gone';
    this.#sounds.push({ ...sound, id: `${id}-copy`, details: { ...sound.details, extensionId } });
    return 'ok';
  }
  async setGreeting(_organizationId: string, extensionId: string, fileId: string | null): Promise<void> {
    this.greetings.set(extensionId, fileId);
  }

  #ask(): void {
    if (this.fails) throw this.fails();
  }
}
