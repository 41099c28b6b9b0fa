/** Records sentences one by one, all from one opening of the microphone, and tells how loud they are. */
import { LevelJudge, LevelMeter } from "./levels.js";
import { Stopwatch } from "./stopwatch.js";
import { WalkRecorder } from "./walk-recorder.js";

const LEVEL_EVERY_MS = 50;
const LONGEST_S = 30;

/** Tells what happens through the handlers: level({peak, rms_db, warning}), lost("unplugged" | "limit"). */
export class VoiceRecorder {
  #recorder = new WalkRecorder();
  #handlers;
  #meter = null;
  #judge = null;
  #stopwatch = null;
  #timer = 0;
  #pieces = [];

  /** The sentences recorded so far. @type {Blob[]} */
  clips = [];

  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** How long the sentence at hand is. */
  get duration_s() {
    return this.#stopwatch?.duration_s ?? 0;
  }

  async open(deviceId) {
    await this.#recorder.open(deviceId);
    this.#meter = new LevelMeter(this.#recorder.stream);
    this.#recorder.stream.getAudioTracks()[0].addEventListener("ended", () => this.#handlers.lost("unplugged"));
  }

  begin() {
    const pieces = (this.#pieces = []);
    this.#judge = new LevelJudge();
    this.#stopwatch = new Stopwatch();
    this.#recorder.begin((number, piece) => (pieces[number] = piece));
    this.#stopwatch.start();
    this.#timer = setInterval(() => this.#watch(), LEVEL_EVERY_MS);
  }

  async end() {
    clearInterval(this.#timer);
    await this.#recorder.end();
    this.clips.push(new Blob(this.#pieces, { type: this.#pieces[0]?.type }));
  }

  /** Lets go of the microphone; a sentence at hand is dropped. */
  close() {
    clearInterval(this.#timer);
    this.#meter?.close();
    this.#meter = null;
    this.#recorder.end();
    this.#recorder.close();
  }

  #watch() {
    const level = this.#meter.read();
    this.#handlers.level({ ...level, warning: this.#judge.judge(level, this.duration_s) });
    if (this.duration_s >= LONGEST_S) this.#handlers.lost("limit");
  }
}
