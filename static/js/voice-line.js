/** One line that says on every page that listens whether it is tuned to a voice. */
import { keptVoice, watchVoice } from "./voice-store.js";

function words(voice) {
  if (!voice) return "Not tuned to your voice";
  if (voice.refusal) return "Your normal voice must be recorded again";
  return voice.isAside ? "Your normal voice is set aside" : "Tuned to your voice";
}

watchVoice(() => (document.getElementById("voice-line").textContent = words(keptVoice())));
