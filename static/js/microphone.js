/** Opens the microphone for raw sound, says what the browser changed all the same, and lets go of it. */
import { obstacle } from "./microphone-errors.js";

/** Gain control erases emotion; echo and noise suppression bend it. */
const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

const NAMES = { echoCancellation: "echo cancellation", noiseSuppression: "noise suppression", autoGainControl: "gain control" };

/** @returns {Promise<MediaStream>} rejects with an Error whose name says why */
export async function openMicrophone(deviceId = "") {
  const reason = obstacle();
  if (reason) throw Object.assign(new Error(reason), { name: reason });
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  return navigator.mediaDevices.getUserMedia({ audio: { ...RAW, ...device } });
}

export function closeMicrophone(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** The kinds of processing that the browser kept on, in words; empty where the sound is raw. */
export function processingKept(stream) {
  const settings = stream.getAudioTracks()[0]?.getSettings?.() ?? {};
  return Object.keys(RAW).filter((name) => settings[name] && settings[name] !== "none").map((name) => NAMES[name]);
}

/** Microphones to choose from; browsers name them only after one was allowed. */
export async function listMicrophones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter((device) => device.kind === "audioinput" && device.deviceId && device.label);
}
