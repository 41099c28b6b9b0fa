/** Shows answers: the headline one, the second opinions, and what can be done with them. */
import { copy } from "./clipboard.js";
import { resultsAsCsv } from "./csv.js";
import { shareLink } from "./share.js";
import { clone, fill, make, place } from "./templates.js";
import { Timeline } from "./timeline.js";
import { heard, percent, seconds, sureness } from "./wording.js";

/** Marks an element, and the line in it, with an emotion. */
export function tint(element, answer) {
  element.dataset.emotion = answer.emotion;
  element.toggleAttribute("data-uncertain", answer.uncertain);
  element.querySelector(".contour use")?.setAttribute("href", `#contour-${answer.emotion}`);
}

function fillScores(block, scores) {
  const rows = block.querySelector("tbody");
  const blank = rows.firstElementChild;
  rows.replaceChildren(
    ...scores.map(({ label, score }) => {
      const row = blank.cloneNode(true);
      row.dataset.emotion = label;
      row.querySelector("use").setAttribute("href", `#contour-${label}`);
      fill(row, { label, percent: percent(score) });
      const meter = row.querySelector("meter");
      meter.setAttribute("aria-label", label);
      meter.value = score;
      return row;
    }),
  );
}

function fillSentences(list, sentences) {
  list.hidden = !sentences.length;
  list.replaceChildren(...sentences.map((sentence) => make("li", { textContent: sentence })));
}

/** One side of a call, with what is said of its voice. */
function sideElement(answer) {
  const element = clone("side-template").firstElementChild;
  tint(element, answer);
  fill(element, {
    channel: answer.channel === "left" ? "Left channel" : "Right channel",
    heard: heard(answer),
    sureness: sureness(answer),
    confidence: percent(answer.confidence),
  });
  fillSentences(place(element, "why"), answer.why);
  return element;
}

export function answerElement(answer) {
  const element = clone("answer-template").firstElementChild;
  tint(element, answer);
  fill(element, {
    emotion: answer.emotion,
    sureness: sureness(answer),
    confidence: percent(answer.confidence),
    duration: seconds(answer.duration_s),
    speech: seconds(answer.speech_s),
    model: answer.model.name,
    version: answer.model.version,
    features: answer.model.features,
    voice: answer.voice_used ? "Used" : "Not used",
  });
  place(element, "perhaps").hidden = place(element, "honest").hidden = !answer.uncertain;
  fillSentences(place(element, "why"), answer.why);
  const sides = place(element, "sides");
  sides.hidden = !answer.channels?.length;
  sides.replaceChildren(...(answer.channels ?? []).map(sideElement));
  fillSentences(place(element, "warnings"), answer.warnings ?? []);
  fillScores(place(element, "scores"), answer.scores);
  return element;
}

function opinionElement(answer) {
  const element = clone("opinion-template").firstElementChild;
  tint(element, answer);
  fill(element, {
    heard: heard(answer),
    sureness: sureness(answer),
    confidence: percent(answer.confidence),
    model: answer.model.name,
  });
  place(element, "voice").hidden = !answer.voice_used;
  fillScores(place(element, "scores"), answer.scores);
  return element;
}

/** The whole outcome of one recording; more opinions may follow. */
export class Outcome {
  #result;
  #root;
  #timeline = null;

  /** @param {HTMLElement} root @param {{name: string, answers: object[]}} result */
  constructor(root, result) {
    this.#root = root;
    this.#result = { name: result.name, answers: [] };
    root.replaceChildren(clone("outcome-template"));
    result.answers.forEach((answer) => this.add(answer));
    root.querySelector(".actions").addEventListener("click", (event) => this.#act(event));
  }

  /** Where a player belongs; shown once it is asked for. */
  get player() {
    const slot = place(this.#root, "player");
    slot.hidden = false;
    return slot.querySelector(".player");
  }

  /** Lets the timeline and the player move together. */
  follow(player) {
    this.#timeline.follow(player);
  }

  add(answer) {
    this.#result.answers.push(answer);
    if (this.#result.answers.length === 1) {
      const element = answerElement(answer);
      element.classList.add("is-new");
      place(this.#root, "answer").replaceChildren(element);
      this.#timeline = new Timeline(place(this.#root, "timeline"), answer, this.#result.name);
    } else {
      const slot = place(this.#root, "opinions");
      slot.hidden = false;
      slot.querySelector("ul").append(opinionElement(answer));
    }
  }

  focus() {
    this.#root.querySelector(".headline").focus({ preventScroll: true });
  }

  async #act(event) {
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (!action) return;
    const [answer] = this.#result.answers;
    const texts = {
      share: () => shareLink(answer),
      json: () => JSON.stringify(this.#result.answers, null, 2),
      csv: () => resultsAsCsv([this.#result]),
    };
    const done = { share: "Link copied. It holds the scores, never the audio.", json: "JSON copied.", csv: "CSV copied." };
    const copied = await copy(texts[action](), this.#root.querySelector(".share-text"));
    this.#root.querySelector(".actions output").textContent = copied ? done[action] : "Copy the selected text:";
  }
}
