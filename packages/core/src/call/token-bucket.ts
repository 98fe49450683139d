/** So many a second, with one second's worth of burst. */
export class TokenBucket {
  #tokens: number | null = null;
  #refilledAt = 0;

  /**
   * Takes one; false when there is none left.
   * @param perSecond as it is now
   */
  take(perSecond: number, now: number): boolean {
    const full = Math.max(1, perSecond);
    const tokens = this.#tokens ?? full;
    // A clock that is set back gives nothing, and takes nothing away.
    const passed = Math.max(0, now - this.#refilledAt);
    this.#tokens = Math.min(full, tokens + (passed / 1000) * perSecond);
    this.#refilledAt = now;
    if (perSecond <= 0 || this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
