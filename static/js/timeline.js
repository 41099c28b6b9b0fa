/**
 * What was heard over time: a ribbon of scores to read by hovering, by clicking and with the keys, the same as a table,
 * and forms that save it. It moves with the recording where that can be played.
 */
import { page } from "./page-data.js";
import { drawTimeAxis } from "./player.js";
import { clone, fill, make, place } from "./templates.js";
import { clock, percent } from "./wording.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const HEIGHT = 100;
const STEP_S = 0.5;
const HEADINGS = { mix: "", left: "Left channel", right: "Right channel" };

/** The answers of an answer that have timelines of their own: one, or one for each side of a call. */
const tracksOf = (answer) => (answer.channels?.length ? answer.channels : [answer]).filter(({ timeline }) => timeline?.length);

export class Timeline {
  #root;
  #tracks;

  /** @param {HTMLElement} root the slot @param {object} answer @param {string} name of the recording */
  constructor(root, answer, name) {
    this.#root = root;
    this.#tracks = tracksOf(answer).map((each) => new Track(each));
    root.hidden = !this.#tracks.length;
    place(root, "tracks").replaceChildren(...this.#tracks.map(({ element }) => element));
    root.querySelector("[name=result]").value = JSON.stringify(answer);
    root.querySelector("[name=name]").value = name;
    if (this.#tracks.length > 1) this.#offerChannels();
  }

  /** Lets the recording be heard from any moment of it, and colours its waveform. */
  follow(player) {
    this.#tracks.forEach((track) => track.follow(player));
    if (this.#tracks.length) player.colour(this.#tracks[0].answer);
  }

  #offerChannels() {
    const choice = make("fieldset", { className: "row" }, make("legend", { className: "visually-hidden", textContent: "Channel" }));
    for (const track of this.#tracks) {
      const radio = make("input", { type: "radio", name: "shown-channel", value: track.answer.channel });
      radio.addEventListener("change", () => this.#show(track));
      choice.append(make("label", { className: "tick" }, radio, HEADINGS[track.answer.channel]));
    }
    choice.querySelector("input").checked = true;
    place(this.#root, "tracks").before(choice);
    this.#show(this.#tracks[0]);
  }

  #show(shown) {
    this.#tracks.forEach((track) => (track.element.hidden = track !== shown));
    shown.colour();
  }
}

class Track {
  answer;
  element = clone("track-template").firstElementChild;
  #player = null;
  #ribbon;
  #now;
  #at_s = 0;

  constructor(answer) {
    this.answer = answer;
    this.#ribbon = place(this.element, "ribbon");
    this.#now = this.#ribbon.querySelector(".ribbon-now");
    const heading = HEADINGS[answer.channel];
    fill(this.element, { heading });
    place(this.element, "heading").hidden = !heading;
    this.#ribbon.querySelector("svg").replaceChildren(...this.#bands());
    drawTimeAxis(place(this.element, "axis"), answer.duration_s);
    this.element.querySelector("tbody").replaceChildren(...answer.timeline.map((segment) => this.#row(segment)));
    this.#makeSlider();
    this.#read(0);
  }

  follow(player) {
    this.#player = player;
    player.media.addEventListener("timeupdate", () => this.#read(player.media.currentTime));
  }

  colour() {
    this.#player?.colour(this.answer);
  }

  #bands() {
    const share = WIDTH / this.answer.duration_s;
    return this.answer.timeline
      .filter(({ speech }) => speech)
      .flatMap(({ start_s, end_s, scores }) => {
        let y = HEIGHT;
        return page.emotions.map((emotion) => {
          const height = HEIGHT * (scores.find(({ label }) => label === emotion)?.score ?? 0);
          y -= height;
          return band(emotion, { x: start_s * share, y, width: (end_s - start_s) * share, height });
        });
      });
  }

  #row(segment) {
    const from = make("button", { type: "button", className: "quiet", textContent: clock(segment.start_s) });
    from.setAttribute("aria-label", `Listen from ${clock(segment.start_s)}`);
    from.addEventListener("click", () => this.#listen(segment.start_s));
    const cells = [from, clock(segment.end_s), segment.speech ? segment.emotion : "no speech", segment.speech ? percent(segment.confidence) : ""];
    return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
  }

  #makeSlider() {
    const ribbon = this.#ribbon;
    ribbon.tabIndex = 0;
    const attributes = { role: "slider", "aria-label": "Moment of the recording", "aria-valuemin": 0, "aria-valuemax": this.answer.duration_s };
    for (const [name, value] of Object.entries(attributes)) ribbon.setAttribute(name, value);
    const momentOf = ({ clientX }) => {
      const { left, width } = ribbon.getBoundingClientRect();
      return ((clientX - left) / width) * this.answer.duration_s;
    };
    ribbon.addEventListener("pointermove", (event) => this.#read(momentOf(event)));
    ribbon.addEventListener("pointerleave", () => this.#player && this.#read(this.#player.media.currentTime));
    ribbon.addEventListener("click", (event) => this.#listen(momentOf(event)));
    ribbon.addEventListener("keydown", (event) => this.#steer(event));
  }

  #steer(event) {
    const starts = this.answer.timeline.map(({ start_s }) => start_s);
    const moves = {
      ArrowRight: this.#at_s + STEP_S,
      ArrowUp: this.#at_s + STEP_S,
      ArrowLeft: this.#at_s - STEP_S,
      ArrowDown: this.#at_s - STEP_S,
      PageUp: starts.find((start_s) => start_s > this.#at_s),
      PageDown: starts.findLast((start_s) => start_s < this.#at_s),
      Home: 0,
      End: this.answer.duration_s,
    };
    if (event.key === "Enter" || event.key === " ") this.#listen(this.#at_s);
    else if (event.key in moves) this.#read(moves[event.key] ?? this.#at_s);
    else return;
    event.preventDefault();
  }

  /** Says what was heard at a moment. */
  #read(at_s) {
    this.#at_s = Math.min(Math.max(at_s, 0), this.answer.duration_s);
    const segment = this.answer.timeline.find(({ end_s }) => this.#at_s < end_s) ?? this.answer.timeline.at(-1);
    const isInside = this.#at_s >= segment.start_s && this.#at_s <= segment.end_s;
    const words = isInside && segment.speech ? said(segment) : "no speech";
    const moment = place(this.element, "moment");
    moment.hidden = false;
    moment.textContent = `${clock(this.#at_s)}: ${words}`;
    this.#ribbon.setAttribute("aria-valuenow", this.#at_s.toFixed(1));
    this.#ribbon.setAttribute("aria-valuetext", moment.textContent);
    this.#now.hidden = false;
    this.#now.style.insetInlineStart = `${(this.#at_s / this.answer.duration_s) * 100}%`;
  }

  #listen(at_s) {
    this.#read(at_s);
    if (!this.#player) return;
    this.#player.media.currentTime = this.#at_s;
    this.#player.media.play();
  }
}

const said = ({ scores }) => scores.slice(0, 3).map(({ label, score }) => `${label} ${percent(score)}`).join(", ");

function band(emotion, sides) {
  const rectangle = document.createElementNS(SVG, "rect");
  rectangle.dataset.emotion = emotion;
  for (const [name, value] of Object.entries(sides)) rectangle.setAttribute(name, value.toFixed(2));
  return rectangle;
}
