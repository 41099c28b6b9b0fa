/** What a person sees while a recording is sent and listened to. */
import { clone, fill, place } from "./templates.js";
import { expected_s, progress } from "./waiting-time.js";

const TICK_MS = 120;
const SENT = 0.5; // where on the bar sending ends and listening begins

export class Wait {
  #root;
  #bar;
  #timer = 0;
  #duration_s;

  /** @param {HTMLElement} root @param {{name: string, onCancel: () => void}} options */
  constructor(root, { name, onCancel }) {
    this.#root = root;
    root.replaceChildren(clone("waiting-template"));
    fill(root, { name });
    this.#bar = root.querySelector("progress");
    place(root, "cancel").addEventListener("click", onCancel);
  }

  /** Tells how long the recording is, NaN where nobody knows. */
  expect(duration_s) {
    this.#duration_s = duration_s;
  }

  sent(share) {
    this.#bar.value = share * SENT;
    if (share === 1 && !this.#timer) this.#listen();
  }

  end() {
    clearInterval(this.#timer);
  }

  #listen() {
    const wait_s = expected_s(this.#duration_s);
    const started_ms = performance.now();
    fill(this.#root, { phase: `Listening, about ${Math.max(1, Math.round(wait_s))}\u00a0s` });
    this.#timer = setInterval(() => {
      const waited_s = (performance.now() - started_ms) / 1000;
      this.#bar.value = SENT + (1 - SENT) * progress(waited_s, wait_s);
    }, TICK_MS);
  }
}
