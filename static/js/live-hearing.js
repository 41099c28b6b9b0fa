/**
 * Has the last seconds analysed about once a second while a person records. It asks for one answer at a time, so it
 * slows down with the site; where the site has no room for it, it ends, and the answer comes at the end of the take.
 */
import { decibels } from "./levels.js";
import { Tap } from "./tap.js";
import { classify } from "./uploader.js";

const EVERY_MS = 1000;
const HEARD_S = 3;
const LEAST_S = 2; // of less, the models tell little
const LEAST_DB = -42; // quieter sound is not worth sending
const SILENT = ["no_speech", "too_short"]; // nothing was said just now; go on

export class LiveHearing {
  #abort = new AbortController();
  #handlers;
  #isPaused = false;
  #tap = null;

  /** @param {{heard: (answer: object | null) => void, ended: (error: Error) => void}} handlers null where nobody spoke */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  async start(stream) {
    try {
      this.#tap = new Tap(HEARD_S);
      await this.#tap.open(stream);
      while (!this.#abort.signal.aborted) {
        await this.#wait();
        if (!this.#isPaused && this.#tap.duration_s >= LEAST_S) await this.#ask();
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#handlers.ended(error);
    } finally {
      this.stop();
    }
  }

  pause() {
    this.#isPaused = true;
    this.#tap?.clear();
  }

  resume() {
    this.#tap?.clear();
    this.#isPaused = false;
  }

  stop() {
    this.#abort.abort();
    this.#tap?.close();
  }

  async #ask() {
    if (decibels(this.#tap.peak) < LEAST_DB) return this.#tell(null);
    try {
      const answer = await classify(await this.#tap.recent(), { name: "live.wav", signal: this.#abort.signal });
      this.#tell(answer);
    } catch (error) {
      if (!SILENT.includes(error.code)) throw error;
      this.#tell(null);
    }
  }

  #tell(answer) {
    if (!this.#abort.signal.aborted && !this.#isPaused) this.#handlers.heard(answer);
  }

  #wait() {
    return new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
