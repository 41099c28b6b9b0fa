/** The last takes, kept in this browser so that a person can compare: results always, audio only when asked to. */
import { emotionMark } from "./emotion-mark.js";
import { remember, remembered } from "./remembered.js";
import { forget, forgetAll, keep, readAll } from "./storage.js";
import { tint } from "./results.js";
import { make } from "./templates.js";
import { percent, sureness } from "./wording.js";

const COLUMNS = ["Take", "Heard", "How sure", "When"];
const MOST = 20;
const KEEP_AUDIO = "undertone-keep-audio";

export class History {
  #section = document.getElementById("history");
  #list = document.getElementById("takes");
  #keepAudio = document.getElementById("keep-audio");
  #open;

  /** @param {(entry: {name: string, answers: object[], audio?: Blob}) => void} open shows a take again */
  constructor(open) {
    this.#open = open;
    this.#keepAudio.checked = remembered(KEEP_AUDIO) === "1";
    this.#keepAudio.addEventListener("change", () => remember(KEEP_AUDIO, this.#keepAudio.checked ? "1" : "0"));
    document.getElementById("forget").addEventListener("click", () => this.#forgetAll());
  }

  async remember({ name, answers, audio }) {
    const entry = { id: Date.now(), name, answers, ...(this.#keepAudio.checked ? { audio } : {}) };
    try {
      await keep("takes", entry);
      const all = await readAll("takes");
      await Promise.all(all.slice(0, -MOST).map(({ id }) => forget("takes", id)));
    } catch {
      return; // private windows may keep nothing; the result on the page stands
    }
    await this.show();
  }

  async show() {
    const entries = await readAll("takes").catch(() => []);
    this.#section.hidden = entries.length === 0;
    this.#list.replaceChildren(this.#table(entries.reverse()));
  }

  #table(entries) {
    const head = make("tr", {}, ...COLUMNS.map((textContent) => make("th", { scope: "col", textContent })), make("td"));
    const rows = entries.map((entry) => this.#row(entry));
    return make("table", { className: "list" }, make("thead", {}, head), make("tbody", {}, ...rows));
  }

  #row(entry) {
    const [answer] = entry.answers;
    const row = make("tr", {});
    const show = make("button", { type: "button", className: "quiet", textContent: "Show" });
    show.setAttribute("aria-label", `Show ${entry.name}`);
    show.addEventListener("click", () => this.#open(entry));
    row.append(
      make("th", { scope: "row", className: "file", textContent: entry.name }),
      make("td", {}, emotionMark(answer)),
      make("td", { textContent: `${sureness(answer)} · ${percent(answer.confidence)}` }),
      make("td", { textContent: new Date(entry.id).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) }),
      make("td", {}, show),
    );
    tint(row, answer);
    return row;
  }

  async #forgetAll() {
    await forgetAll("takes").catch(() => null);
    await this.show();
    document.getElementById("record").focus();
  }
}
