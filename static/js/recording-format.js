/** Which container to record in. */

const WEBM = ["audio/webm;codecs=opus", "audio/webm"];
const MP4 = ["audio/mp4;codecs=mp4a.40.2", "audio/mp4"];
const OGG = ["audio/ogg;codecs=opus"];

/** Safari says that it records WebM, but cannot always play it back. */
function prefersMp4(navigator, canPlay) {
  return /apple/i.test(navigator.vendor ?? "") || !canPlay(WEBM[0]);
}

/**
 * The type to record in, or "" to leave the choice to the browser.
 * @param {{isTypeSupported: (type: string) => boolean}} recorder the browser's MediaRecorder
 */
export function recordingType(
  recorder = MediaRecorder,
  navigator = window.navigator,
  canPlay = (type) => document.createElement("audio").canPlayType(type) !== "",
) {
  const types = prefersMp4(navigator, canPlay) ? [...MP4, ...WEBM, ...OGG] : [...WEBM, ...OGG, ...MP4];
  return types.find((type) => recorder.isTypeSupported(type)) ?? "";
}

/** A file name that fits what was recorded, and when. */
export function takeName(type, stem = `take ${new Date().toTimeString().slice(0, 8).replaceAll(":", ".")}`) {
  const container = ["webm", "mp4", "ogg", "wav"].find((name) => type.includes(name)) ?? "webm";
  return `${stem}.${container === "mp4" ? "m4a" : container}`;
}
