/** Runs beside the microphone: hands on its sound, block by block, and changes nothing. */
class Tap extends AudioWorkletProcessor {
  process([[samples]]) {
    if (samples) this.port.postMessage(samples.slice());
    return true;
  }
}
registerProcessor("tap", Tap);
