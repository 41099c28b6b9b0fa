/** Records one take from the microphone: start, pause, resume, stop with a tail; then it is over, and the microphone free. */
import { LevelJudge, LevelMeter } from "./levels.js";
import { closeMicrophone, openMicrophone, processingKept } from "./microphone.js";
import { recordingType } from "./recording-format.js";
import { Stopwatch } from "./stopwatch.js";

const TAIL_MS = 500;
const LEVEL_EVERY_MS = 50;

/** Containers round lengths up: a take at the very limit would be refused. */
const MARGIN_S = 0.25;

/**
 * Tells what happens through the handlers:
 * state("asking" | "recording" | "paused" | "finishing" | "over"), level({peak, rms_db, warning, duration_s}),
 * take({audio: Blob, duration_s, reason}), failure(name of an error).
 */
export class Recorder {
  #handlers;
  #limit_s;
  #stream = null;
  #recorder = null;
  #meter = null;
  #judge = new LevelJudge();
  #stopwatch = new Stopwatch();
  #chunks = [];
  #timer = 0;
  #reason = "stopped";
  #abandoned = false;

  constructor(limit_s, handlers) {
    this.#limit_s = limit_s;
    this.#handlers = handlers;
  }

  get processing() {
    return this.#stream ? processingKept(this.#stream) : [];
  }

  /** What the microphone gives; null while it is closed. */
  get stream() {
    return this.#stream;
  }

  async start(deviceId) {
    this.#handlers.state("asking");
    try {
      this.#stream = await openMicrophone(deviceId);
      if (this.#abandoned) return this.#release();
      this.#begin();
    } catch (error) {
      this.#release();
      this.#handlers.failure(error.name);
    }
  }

  pause() {
    if (this.#recorder?.state !== "recording") return;
    this.#recorder.pause();
    this.#stopwatch.pause();
    this.#handlers.state("paused");
  }

  resume() {
    if (this.#recorder?.state !== "paused") return;
    this.#recorder.resume();
    this.#stopwatch.start();
    this.#handlers.state("recording");
  }

  /** Ends the take; words fade, so half a second more is kept. */
  stop(reason = "stopped") {
    if (!this.#recorder || this.#recorder.state === "inactive") return;
    const tail_ms = this.#recorder.state === "recording" && reason !== "hidden" ? TAIL_MS : 0;
    this.#reason = reason;
    this.#handlers.state("finishing");
    clearInterval(this.#timer);
    setTimeout(() => this.#finish(), tail_ms);
  }

  /** Ends without a take. */
  abandon() {
    this.#abandoned = true;
    this.#finish();
    this.#release();
    this.#handlers.state("over");
  }

  #begin() {
    const mimeType = recordingType();
    this.#recorder = new MediaRecorder(this.#stream, mimeType ? { mimeType } : {});
    this.#recorder.addEventListener("dataavailable", ({ data }) => data.size && this.#chunks.push(data));
    this.#recorder.addEventListener("stop", () => this.#hand_over());
    this.#recorder.addEventListener("error", ({ error }) => this.#fail(error?.name));
    this.#stream.getAudioTracks()[0].addEventListener("ended", () => this.stop("unplugged"));
    this.#meter = new LevelMeter(this.#stream);
    this.#recorder.start(1000);
    this.#stopwatch.start();
    this.#timer = setInterval(() => this.#watch(), LEVEL_EVERY_MS);
    this.#handlers.state("recording");
  }

  #watch() {
    if (this.#recorder.state !== "recording") return;
    const level = this.#meter.read();
    const { duration_s } = this.#stopwatch;
    this.#handlers.level({ ...level, duration_s, warning: this.#judge.judge(level, duration_s) });
    if (duration_s >= this.#limit_s - TAIL_MS / 1000 - MARGIN_S) this.stop("limit");
  }

  #finish() {
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  #hand_over() {
    this.#stopwatch.pause();
    const type = this.#recorder.mimeType || this.#chunks[0]?.type;
    const { duration_s } = this.#stopwatch;
    this.#release();
    if (this.#abandoned) return;
    this.#handlers.state("over");
    this.#handlers.take({ audio: new Blob(this.#chunks, { type }), duration_s, reason: this.#reason });
  }

  #fail(name) {
    this.#abandoned = true;
    this.#finish();
    this.#release();
    this.#handlers.failure(name);
  }

  #release() {
    clearInterval(this.#timer);
    this.#meter?.close();
    this.#meter = null;
    closeMicrophone(this.#stream);
    this.#stream = null;
  }
}
