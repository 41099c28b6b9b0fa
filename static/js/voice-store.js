/** A person's normal voice, as this browser keeps it: the token that the server signed and did not keep, and what it was made of. */

const KEY = "undertone-voice";
const CHANGED = "voice-changed";

/** @returns {{token: string, clips: number, speech_s: number, since_ms: number, isAside?: boolean, refusal?: string} | null} */
export function keptVoice() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** What goes along with a recording, or null. */
export function voiceInUse() {
  const voice = keptVoice();
  return voice && !voice.isAside && !voice.refusal ? voice.token : null;
}

/** Keeps a voice instead of any before; throws where the browser lets pages keep nothing. */
export function keepVoice(voice) {
  localStorage.setItem(KEY, JSON.stringify(voice));
  dispatchEvent(new Event(CHANGED));
}

export function forgetVoice() {
  localStorage.removeItem(KEY);
  dispatchEvent(new Event(CHANGED));
}

/** Remembers that the server does not take this token any more, and why; it is not sent again. */
export function refuseVoice(token, refusal) {
  const voice = keptVoice();
  if (voice?.token === token) keepVoice({ ...voice, refusal });
}

/** Calls `tell` now and whenever the voice changes, in this tab or another. */
export function watchVoice(tell) {
  addEventListener(CHANGED, tell);
  addEventListener("storage", ({ key }) => (key === KEY || key === null) && tell());
  tell();
}
