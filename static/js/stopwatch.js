/** Counts how long is being recorded, pauses left out. A container's own idea of its length is not to be trusted. */
export class Stopwatch {
  #counted_ms = 0;
  #since_ms = null;

  get duration_s() {
    const running_ms = this.#since_ms === null ? 0 : performance.now() - this.#since_ms;
    return (this.#counted_ms + running_ms) / 1000;
  }

  start() {
    this.#since_ms ??= performance.now();
  }

  pause() {
    this.#counted_ms = this.duration_s * 1000;
    this.#since_ms = null;
  }
}
