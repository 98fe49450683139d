/**
 * What is being done, and how far. On a terminal the line of the present step is redrawn; elsewhere each step is a line,
 * and a long one adds a line per 20 %.
 */
export class Progress {
  readonly #total: number;
  readonly #out: NodeJS.WriteStream;
  #step = 0;
  #title = '';
  #percent = -1;

  constructor(total: number, out: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#out = out;
  }

  /** Starts the next step, which ends the one before. */
  step(title: string): void {
    this.#finishLine();
    this.#step += 1;
    this.#title = title;
    this.#percent = -1;
    this.#out.write(this.#out.isTTY ? `${this.#prefix()} …` : `${this.#prefix()} …\n`);
  }

  /** How far the present step is, 0 to 100. Never goes back. */
  percent(value: number): void {
    const percent = Math.min(100, Math.floor(value));
    if (percent <= this.#percent) return;
    const isShown = this.#out.isTTY || Math.floor(percent / 20) > Math.floor(this.#percent / 20);
    this.#percent = percent;
    if (!isShown) return;
    this.#out.write(
      this.#out.isTTY ? `\r\x1b[K${this.#prefix()} … ${percent} %` : `${this.#prefix()} … ${percent} %\n`,
    );
  }

  /** A remark that stays on the screen. */
  note(text: string): void {
    this.#out.write(this.#out.isTTY ? `\r\x1b[K      ${text}\n${this.#prefix()} …` : `      ${text}\n`);
  }

  /** All steps are done. */
  done(): void {
    this.#finishLine();
    this.#title = '';
  }

  #finishLine(): void {
    if (this.#title && this.#out.isTTY) this.#out.write(`\r\x1b[K${this.#prefix()}\n`);
  }

  #prefix(): string {
    return `[${this.#step}/${this.#total}] ${this.#title}`;
  }
}
