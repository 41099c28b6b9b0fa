/** The stage of the studio: the record button and all that happens around it, until there is a take to send. */
import { LEVEL_WARNINGS, decibels } from "./levels.js";
import { liveChoice } from "./live-choice.js";
import { LiveHearing } from "./live-hearing.js";
import { LiveLine } from "./live-line.js";
import { microphoneSentence } from "./microphone-errors.js";
import { listMicrophones } from "./microphone.js";
import { showPlayer } from "./player.js";
import { Recorder } from "./recorder.js";
import { tint } from "./results.js";
import { clock, heard, percent, seconds } from "./wording.js";

const LISTENING = "listening …";
const BUSY = ["busy", "rate_limited", "not_ready", "timeout"];
const STATUS = {
  asking: "Waiting for the microphone. Your browser may ask you to allow it.",
  recording: "Recording. Speak as you like.",
  paused: "Paused. Nothing is being recorded.",
  finishing: "One moment.",
};
const WORDS = { idle: "Record", asking: "Cancel", recording: "Stop", paused: "Stop", finishing: "Stop" };
const REASONS = {
  stopped: "",
  limit: "The longest possible take is reached. ",
  hidden: "Recording stopped because the page was out of sight. ",
  unplugged: "The microphone went away. ",
};
const WARNING_HOLD_MS = 1500;

const at = (id) => document.getElementById(id);
const INVITATION = at("stage-status").textContent;

export class Stage {
  #root = at("stage");
  #line = new LiveLine(at("stage-line"));
  #recorder = null;
  #live = null;
  #player = null;
  #take = null;
  #warnedAt_ms = -Infinity;
  #limit_s;
  #send;

  /** @param {{limit_s: number, onSend: (take: {audio: Blob, duration_s: number}) => void}} options */
  constructor({ limit_s, onSend }) {
    this.#limit_s = limit_s;
    this.#send = onSend;
    at("record").addEventListener("click", () => this.#press());
    at("pause").addEventListener("click", () => this.#pauseOrResume());
    at("send").addEventListener("click", () => this.#send(this.#take));
    at("again").addEventListener("click", () => this.#record());
    at("discard").addEventListener("click", () => this.#discard());
    document.addEventListener("visibilitychange", () => document.hidden && this.#hidden());
    addEventListener("pagehide", () => this.#recorder?.abandon());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#offerMicrophones());
    this.#offerMicrophones();
  }

  get #state() {
    return this.#root.dataset.state;
  }

  #press() {
    const actions = { idle: () => this.#record(), asking: () => this.#recorder.abandon() };
    (actions[this.#state] ?? (() => this.#recorder.stop()))();
  }

  #pauseOrResume() {
    this.#state === "paused" ? this.#recorder.resume() : this.#recorder.pause();
  }

  #hidden() {
    if (this.#state === "asking") this.#recorder.abandon();
    else this.#recorder?.stop("hidden");
  }

  #record() {
    this.#take = null;
    this.#showPanel("record");
    this.#line.clear();
    at("clock").textContent = clock(0);
    at("record").focus({ preventScroll: true });
    this.#recorder = new Recorder(this.#limit_s, {
      state: (state) => this.#show(state),
      level: (level) => this.#level(level),
      take: (take) => this.#review(take),
      failure: (name) => this.#fail(name),
    });
    this.#recorder.start(at("microphone").value);
  }

  #show(state) {
    const shown = state === "over" ? "idle" : state;
    this.#root.dataset.state = shown;
    at("record-word").textContent = WORDS[shown];
    at("pause").textContent = shown === "paused" ? "Resume" : "Pause";
    at("pause").disabled = shown === "finishing";
    this.#say(STATUS[shown] ?? INVITATION);
    if (shown === "recording") this.#opened();
    if (shown === "paused") this.#live?.pause();
    if (shown === "idle") this.#line.clear();
    if (shown === "idle" || shown === "finishing") this.#stopLive();
  }

  #opened() {
    const kept = this.#recorder.processing;
    at("processing").textContent = kept.length
      ? `Your browser kept ${kept.join(" and ")} on, which can hide some emotion.`
      : "Recording raw sound, as it is.";
    this.#offerMicrophones();
    if (this.#live) this.#live.resume();
    else if (liveChoice.checked) this.#hearLive();
  }

  #hearLive() {
    this.#tellLive(LISTENING);
    this.#live = new LiveHearing({ heard: (answer) => this.#heardLive(answer), ended: (error) => this.#endedLive(error) });
    this.#live.start(this.#recorder.stream);
  }

  #heardLive(answer) {
    this.#line.hear(answer?.emotion ?? null);
    this.#tellLive(answer ? `${heard(answer)} · ${percent(answer.confidence)}` : LISTENING, answer);
  }

  #endedLive({ code }) {
    this.#line.hear(null);
    const reason = BUSY.includes(code) ? "The site is busy" : "This cannot be followed live";
    this.#tellLive(`${reason}: the answer comes at the end.`);
  }

  #stopLive() {
    this.#live?.stop();
    this.#live = null;
    at("live").hidden = true;
  }

  #tellLive(text, answer = null) {
    const line = at("live");
    line.hidden = false;
    at("live-word").textContent = text;
    line.querySelector("svg").toggleAttribute("hidden", !answer);
    if (answer) tint(line, answer);
    else delete line.dataset.emotion;
  }

  #say(text, isWarning = false) {
    const status = at("stage-status");
    status.classList.toggle("is-warning", isWarning);
    if (status.textContent !== text) status.textContent = text;
  }

  #level({ peak, rms_db, warning, duration_s }) {
    this.#line.push(peak);
    at("clock").textContent = clock(duration_s);
    at("level").value = Math.max(-60, warning === "clipping" ? decibels(peak) : rms_db);
    at("level").classList.toggle("is-warning", warning !== null);
    const now_ms = performance.now();
    if (warning) {
      this.#warnedAt_ms = now_ms;
      this.#say(LEVEL_WARNINGS[warning], true);
    } else if (now_ms - this.#warnedAt_ms > WARNING_HOLD_MS) {
      this.#say(STATUS.recording);
    }
  }

  async #review(take) {
    this.#take = take;
    at("review-note").textContent = `${REASONS[take.reason]}Your take is ${seconds(take.duration_s)} long.`;
    this.#showPanel("review");
    at("send").focus({ preventScroll: true });
    const player = await showPlayer(at("review-player"), take.audio, { spectrogram: false });
    if (take === this.#take) this.#player = player;
    else player.destroy();
  }

  #discard() {
    this.#take = null;
    this.#showPanel("record");
    this.#show("idle");
    at("record").focus({ preventScroll: true });
  }

  #fail(name) {
    this.#show("idle");
    this.#say(microphoneSentence(name), true);
  }

  #showPanel(name) {
    if (name === "record") {
      this.#player?.destroy();
      this.#player = null;
    }
    this.#root.dataset.panel = name;
  }

  async #offerMicrophones() {
    const devices = await listMicrophones().catch(() => []);
    const select = at("microphone");
    const chosen = select.value;
    select.replaceChildren(...devices.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === chosen)));
    select.hidden = at("microphone-label").hidden = devices.length < 2;
  }
}
