/** Remembers the last seconds of a stream, to send them while it goes on. */
import { wav } from "./wav.js";

const SENT_RATE_HZ = 16_000; // what the models listen at: a third of what a microphone gives

export class Tap {
  #context = new AudioContext();
  #blocks = [];
  #samples = 0;
  #kept_s;

  /** @param {number} kept_s how much is remembered at most */
  constructor(kept_s) {
    this.#kept_s = kept_s;
  }

  async open(stream) {
    await this.#context.audioWorklet.addModule(import.meta.resolve("./tap-worklet.js"));
    const node = new AudioWorkletNode(this.#context, "tap", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => this.#push(data);
    this.#context.createMediaStreamSource(stream).connect(node);
    await this.#context.resume();
  }

  get duration_s() {
    return this.#samples / this.#context.sampleRate;
  }

  /** The loudest sample of the last seconds. */
  get peak() {
    return Math.max(0, ...this.#blocks.map((block) => block.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0)));
  }

  /** The last seconds as a WAV file. */
  async recent() {
    const sound = new AudioBuffer({ length: this.#samples, sampleRate: this.#context.sampleRate });
    let at = 0;
    for (const block of this.#blocks) {
      sound.copyToChannel(block, 0, at);
      at += block.length;
    }
    const resampler = new OfflineAudioContext(1, Math.floor(sound.duration * SENT_RATE_HZ), SENT_RATE_HZ);
    const source = new AudioBufferSourceNode(resampler, { buffer: sound });
    source.connect(resampler.destination);
    source.start();
    return wav([(await resampler.startRendering()).getChannelData(0)], SENT_RATE_HZ);
  }

  /** Forgets what it heard: nothing of before a pause belongs to what comes after. */
  clear() {
    this.#blocks = [];
    this.#samples = 0;
  }

  close() {
    this.clear();
    if (this.#context.state !== "closed") this.#context.close();
  }

  #push(block) {
    this.#blocks.push(block);
    this.#samples += block.length;
    while (this.#samples - this.#blocks[0].length > this.#kept_s * this.#context.sampleRate) {
      this.#samples -= this.#blocks.shift().length;
    }
  }
}
