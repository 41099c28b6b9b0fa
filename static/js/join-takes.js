/** Makes one recording of several parts, as WAV: containers cannot simply be laid end to end. */
import { wav } from "./wav.js";

const RATE_HZ = 48_000;

/** @param {Blob[]} parts @returns {Promise<Blob>} the only part as it is, or all of them joined */
export async function joinTakes(parts) {
  if (parts.length === 1) return parts[0];
  const decoded = await Promise.all(parts.map(decode));
  return wav(decoded.flatMap((samples) => (samples ? [samples] : [])), RATE_HZ);
}

async function decode(part) {
  const context = new OfflineAudioContext(1, 1, RATE_HZ);
  try {
    return (await context.decodeAudioData(await part.arrayBuffer())).getChannelData(0);
  } catch {
    return null; // a part that a closed tab cut off before its first sound
  }
}
