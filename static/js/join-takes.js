/** Makes one recording of several parts, as WAV: containers cannot simply be laid end to end. */

const RATE_HZ = 48_000;
const HEADER_BYTES = 44;

/** @param {Blob[]} parts @returns {Promise<Blob>} the only part as it is, or all of them joined */
export async function joinTakes(parts) {
  if (parts.length === 1) return parts[0];
  const decoded = await Promise.all(parts.map(decode));
  return wav(decoded.flatMap((samples) => (samples ? [samples] : [])));
}

async function decode(part) {
  const context = new OfflineAudioContext(1, 1, RATE_HZ);
  try {
    return (await context.decodeAudioData(await part.arrayBuffer())).getChannelData(0);
  } catch {
    return null; // a part that a closed tab cut off before its first sound
  }
}

/** Mono, 16 bit (http://soundfile.sapp.org/doc/WaveFormat/). */
function wav(parts) {
  const samples = parts.reduce((sum, part) => sum + part.length, 0);
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + 2 * samples));
  const text = (at, word) => [...word].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + 2 * samples, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE_HZ, true);
  view.setUint32(28, 2 * RATE_HZ, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples, true);
  let at = HEADER_BYTES;
  for (const part of parts) {
    for (const sample of part) {
      view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 0x7fff, true);
      at += 2;
    }
  }
  return new Blob([view.buffer], { type: "audio/wav" });
}
