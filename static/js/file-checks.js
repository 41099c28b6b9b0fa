/** Looks at a file before it is sent, and refuses in the server's own words what the server would refuse. */
import { page } from "./page-data.js";
import { AnalysisError } from "./uploader.js";

const MEGABYTE = 1024 * 1024;
const METADATA_PATIENCE_MS = 4000;

/**
 * @returns {Promise<number>} the length in seconds, NaN where the browser cannot tell
 * @throws {AnalysisError} with the code the server would give
 */
export async function checkFile(file) {
  if (file.size === 0) throw refusal("empty_upload");
  if (file.size > page.limits.max_upload_mb * MEGABYTE) throw refusal("too_large");
  if (!isKnownFormat(new Uint8Array(await file.slice(0, 16).arrayBuffer()))) throw refusal("unsupported_format");
  const duration_s = await durationOf(file);
  if (duration_s > page.limits.max_seconds) throw refusal("too_long");
  if (duration_s < page.limits.min_seconds) throw refusal("too_short");
  return duration_s;
}

const refusal = (code) => new AnalysisError(code, page.refusals[code]);

/** By content, whatever the name says: WAV, FLAC, OGG, WebM, MP4, MP3 and AAC. */
function isKnownFormat(bytes) {
  const text = String.fromCharCode(...bytes);
  return (
    ["RIFF", "RF64", "fLaC", "OggS", "ID3", "\x1aE\xdf\xa3"].some((start) => text.startsWith(start)) ||
    text.slice(4, 8) === "ftyp" ||
    (bytes[0] === 0xff && (bytes[1] & 0xe0) === 0xe0)
  );
}

/** Length in seconds as the browser reads it, or NaN where it cannot tell (recordings made by browsers often do not say). */
function durationOf(file) {
  const address = URL.createObjectURL(file);
  const audio = document.createElement("audio");
  return new Promise((resolve) => {
    const done = (duration_s) => {
      URL.revokeObjectURL(address);
      resolve(Number.isFinite(duration_s) ? duration_s : NaN);
    };
    audio.preload = "metadata";
    audio.onloadedmetadata = () => done(audio.duration);
    audio.onerror = () => done(NaN);
    setTimeout(() => done(NaN), METADATA_PATIENCE_MS);
    audio.src = address;
  });
}
