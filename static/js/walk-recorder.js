/** Records a walk: one microphone stream until it pauses or ends, one recording for each picture. */
import { closeMicrophone, openMicrophone } from "./microphone.js";
import { recordingType } from "./recording-format.js";

const PIECE_MS = 500;

export class WalkRecorder {
  #stream = null;
  #recorder = null;
  #kept = [];

  get isOpen() {
    return this.#stream !== null;
  }

  get stream() {
    return this.#stream;
  }

  async open(deviceId) {
    this.#stream = await openMicrophone(deviceId);
  }

  /** Starts the recording of a picture; every half second `keepPiece(number, blob)` gets what came since. */
  begin(keepPiece) {
    const mimeType = recordingType();
    let number = 0;
    this.#kept = [];
    this.#recorder = new MediaRecorder(this.#stream, mimeType ? { mimeType } : {});
    this.#recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size) this.#kept.push(keepPiece(number++, new Blob([data], { type: this.#recorder.mimeType })));
    });
    this.#recorder.start(PIECE_MS);
  }

  /** Ends the recording of a picture, once all of it is kept. */
  async end() {
    const recorder = this.#recorder;
    if (!recorder || recorder.state === "inactive") return;
    await new Promise((resolve) => {
      recorder.addEventListener("stop", resolve, { once: true });
      recorder.stop();
    });
    await Promise.all(this.#kept);
  }

  close() {
    closeMicrophone(this.#stream);
    this.#stream = null;
  }
}
