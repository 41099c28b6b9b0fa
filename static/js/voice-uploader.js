/** Has the server make a token of recordings of somebody's normal voice. */
import { checkFile } from "./file-checks.js";
import { page } from "./page-data.js";
import { takeName } from "./recording-format.js";
import { AnalysisError, send } from "./uploader.js";

const MOST = page.limits.most_recordings;
const TOO_MANY = `Please choose at most ${MOST} recordings of your normal voice.`;

/**
 * @param {Blob[]} recordings one to five; files are looked at before they are sent
 * @param {{signal: AbortSignal, onSent: (share: number) => void}} options
 * @returns {Promise<{voice: string, clips: number, speech_s: number}>} rejects with an AnalysisError
 */
export async function normalVoice(recordings, options) {
  if (recordings.length > MOST) throw new AnalysisError("invalid_parameter", TOO_MANY);
  const form = new FormData();
  for (const [index, recording] of recordings.entries()) {
    if (recording instanceof File) await checkFile(recording);
    form.append("audio", recording, recording.name ?? takeName(recording.type, `sentence ${index + 1}`));
  }
  return send(page.addresses.voice, form, options);
}
