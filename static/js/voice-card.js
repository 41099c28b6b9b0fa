/** The card that tunes the page to a person's normal voice: three sentences or a few files, kept until it is forgotten. */
import { LEVEL_WARNINGS, decibels } from "./levels.js";
import { microphoneSentence } from "./microphone-errors.js";
import { VoiceRecorder } from "./voice-recorder.js";
import { forgetVoice, keepVoice, keptVoice, watchVoice } from "./voice-store.js";
import { normalVoice } from "./voice-uploader.js";
import { clock, seconds } from "./wording.js";

const LEAST_S = 0.7;
const SPEAK = "Recording. Read it out as you normally speak.";
const LOST = {
  hidden: "Recording stopped because the page was out of sight. Record the sentences again.",
  unplugged: "The microphone went away. Plug it in, then record the sentences again.",
  limit: "Recording stopped because one sentence took longer than 30 seconds. Record the sentences again.",
  elsewhere: "A take is being recorded above. Finish it first, then record the sentences.",
};
const NOT_KEPT = "This browser lets the page keep nothing, so your voice was forgotten at once. Allow site data for this page, then try again.";

const at = (id) => document.getElementById(`voice-${id}`);
const card = document.getElementById("voice");
const stage = document.getElementById("stage");
const sentences = [...card.querySelectorAll(".voice-sentences li")].map((item) => item.textContent);

let recorder = null;
let abort = null;

at("record").addEventListener("click", record);
at("next").addEventListener("click", next);
at("cancel").addEventListener("click", leave);
at("leave").addEventListener("click", leave);
at("again").addEventListener("click", () => show("guide", "record"));
at("abort").addEventListener("click", () => abort.abort());
at("forget").addEventListener("click", forget);
at("use").addEventListener("change", () => keepVoice({ ...keptVoice(), isAside: !at("use").checked }));
at("files").addEventListener("change", () => {
  const files = [...at("files").files];
  at("files").value = "";
  if (files.length) send(files);
});
stage.addEventListener("click", () => recorder && stop("elsewhere"), { capture: true });
document.addEventListener("visibilitychange", () => document.hidden && recorder && stop("hidden"));
addEventListener("pagehide", () => recorder?.close());
watchVoice(tellState);
show(idlePanel());

function tellState() {
  const voice = keptVoice();
  at("state").textContent = words(voice);
  at("state").classList.toggle("problem", Boolean(voice?.refusal));
  at("choices").hidden = !voice;
  at("use-label").hidden = Boolean(voice?.refusal);
  at("use").checked = !voice?.isAside;
  if (card.dataset.shown === "none") show(idlePanel());
}

function words(voice) {
  if (!voice) return "Not set. Every voice is heard as a stranger\u2019s.";
  if (voice.refusal) return `Not in use. ${voice.refusal} Until then, recordings are answered without it.`;
  const clips = voice.clips === 1 ? "1 clip" : `${voice.clips} clips`;
  const since = new Date(voice.since_ms).toLocaleDateString([], { dateStyle: "long" });
  const aside = voice.isAside ? ", set aside for now" : "";
  return `Tuned to your voice · ${clips}, ${seconds(voice.speech_s)} of speech, since ${since}${aside}`;
}

/** What is open while nothing goes on: the guide, until a voice is in place. */
function idlePanel() {
  const voice = keptVoice();
  return voice && !voice.refusal ? "none" : "guide";
}

function show(name, focused) {
  card.dataset.shown = name;
  card.querySelectorAll("[data-panel]").forEach((panel) => (panel.hidden = panel.dataset.panel !== name));
  at("again").hidden = name !== "none";
  at("leave").hidden = idlePanel() === "guide";
  at("trouble").hidden = true;
  if (focused) at(focused).focus({ preventScroll: true });
}

async function record() {
  if (stage.dataset.state !== "idle") return complain(LOST.elsewhere);
  const session = (recorder = new VoiceRecorder({ level: tellLevel, lost: stop }));
  show("recording");
  at("level").value = -60;
  at("sign").hidden = at("next").hidden = true;
  at("count").textContent = at("clock").textContent = "";
  at("sentence").textContent = sentences[0];
  say("Waiting for the microphone. Your browser may ask you to allow it.");
  at("cancel").focus({ preventScroll: true });
  try {
    await session.open(document.getElementById("microphone").value);
    if (session === recorder) begin();
    else session.close();
  } catch (error) {
    if (session !== recorder) return;
    recorder = null;
    show("guide", "record");
    complain(microphoneSentence(error.name));
  }
}

/** Opens the ear for the next sentence. */
function begin() {
  const number = recorder.clips.length;
  recorder.begin();
  at("sign").hidden = at("next").hidden = false;
  at("count").textContent = `Sentence ${number + 1} of ${sentences.length}`;
  at("clock").textContent = clock(0);
  at("sentence").textContent = sentences[number];
  at("next").textContent = number + 1 < sentences.length ? "Next sentence" : "Done";
  say(SPEAK);
  at("next").focus({ preventScroll: true });
}

async function next() {
  if (recorder.duration_s < LEAST_S) return;
  const session = recorder;
  await session.end();
  if (session !== recorder) return;
  if (session.clips.length < sentences.length) return begin();
  recorder = null;
  session.close();
  send(session.clips);
}

function tellLevel({ peak, rms_db, warning }) {
  at("clock").textContent = clock(recorder.duration_s);
  at("level").value = Math.max(-60, warning === "clipping" ? decibels(peak) : rms_db);
  at("level").classList.toggle("is-warning", warning !== null);
  say(warning ? LEVEL_WARNINGS[warning] : SPEAK, Boolean(warning));
}

function say(text, isWarning = false) {
  at("status").classList.toggle("is-warning", isWarning);
  if (at("status").textContent !== text) at("status").textContent = text;
}

/** Drops what was recorded, and says why. */
function stop(reason) {
  recorder.close();
  recorder = null;
  show("guide");
  complain(LOST[reason]);
}

function leave() {
  recorder?.close();
  recorder = null;
  show(idlePanel(), idlePanel() === "none" ? "again" : "record");
}

async function send(recordings) {
  abort = new AbortController();
  show("sending", "abort");
  try {
    const { voice, clips, speech_s } = await normalVoice(recordings, {
      signal: abort.signal,
      onSent: (share) => (at("progress").value = share / 2),
    });
    keep({ token: voice, clips, speech_s, since_ms: Date.now() });
  } catch (error) {
    show("guide", "record");
    if (error.code !== "cancelled") complain(error.message, error.isPassing && (() => send(recordings)));
  }
}

function keep(voice) {
  try {
    keepVoice(voice);
    show("none", "title");
  } catch {
    show("guide", "record");
    complain(NOT_KEPT);
  }
}

function forget() {
  abort?.abort();
  recorder?.close();
  recorder = null;
  forgetVoice();
  show("guide", "title");
}

/** Says what went wrong; where another try may help, the same recordings are at hand for it. */
function complain(message, again = null) {
  at("trouble").hidden = false;
  at("problem").textContent = message;
  at("resend").hidden = !again;
  at("resend").onclick = again;
}
