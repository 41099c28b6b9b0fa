/** How loud a voice is while it speaks, and when to say so. Levels are in dBFS: 0 is the loudest that can be stored. */

const CLIPPING_PEAK = 0.985;
const CLIPPED_BLOCKS = 2;
const QUIET_DB = -42;
const MUTED_DB = -85;
const JUDGED_OVER_S = 2;

export const decibels = (amplitude) => Math.max(-100, 20 * Math.log10(Math.max(amplitude, 1e-5)));

/** Measures blocks of a stream. */
export class LevelMeter {
  #context;
  #analyser;
  #block;

  constructor(stream) {
    this.#context = new AudioContext();
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048 });
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#block = new Float32Array(this.#analyser.fftSize);
    this.#context.resume();
  }

  /** The last 40 ms or so. */
  read() {
    this.#analyser.getFloatTimeDomainData(this.#block);
    let peak = 0;
    let energy = 0;
    for (const sample of this.#block) {
      peak = Math.max(peak, Math.abs(sample));
      energy += sample * sample;
    }
    return { peak, rms_db: decibels(Math.sqrt(energy / this.#block.length)) };
  }

  close() {
    this.#context.close();
  }
}

/** Says what is wrong with the level while there is still time to act. */
export class LevelJudge {
  #heard = [];

  /**
   * @param {{peak: number, rms_db: number}} level
   * @param {number} at_s time of the level within the take
   * @returns {"clipping" | "muted" | "quiet" | null}
   */
  judge(level, at_s) {
    this.#heard.push({ ...level, at_s });
    this.#heard = this.#heard.filter((entry) => entry.at_s > at_s - JUDGED_OVER_S);
    if (this.#heard.filter((entry) => entry.peak >= CLIPPING_PEAK).length >= CLIPPED_BLOCKS) return "clipping";
    if (at_s < JUDGED_OVER_S) return null;
    const loudest_db = Math.max(...this.#heard.map((entry) => entry.rms_db));
    if (loudest_db < MUTED_DB) return "muted";
    return loudest_db < QUIET_DB ? "quiet" : null;
  }
}

export const LEVEL_WARNINGS = {
  clipping: "Too loud: the sound is clipping. Move back a little, or speak more softly.",
  muted: "No sound is coming in. Is the microphone muted?",
  quiet: "Too quiet. Move closer, or speak up.",
};
