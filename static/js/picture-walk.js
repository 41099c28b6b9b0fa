/** The picture walk: pictures one after another, a recording for each, pauses and returns without loss. */
import { patientOpinions } from "./analysis.js";
import { joinTakes } from "./join-takes.js";
import { microphoneSentence } from "./microphone-errors.js";
import { takeName } from "./recording-format.js";
import { Stopwatch } from "./stopwatch.js";
import "./voice-line.js";
import { WalkRecorder } from "./walk-recorder.js";
import { clearStops, saveStops, stopElement } from "./walk-results.js";
import { forgetWalk, keepPiece, keepWalk, readParts, readWalk } from "./walk-store.js";

const TICK_MS = 100;
const at = (id) => document.getElementById(id);
const pictures = JSON.parse(at("walk-pictures").textContent);
const recorder = new WalkRecorder();
const views = ["intro", "frame", "end"];

let walk = null;
let stopwatch = new Stopwatch();
let timer = 0;
let stops = [];
let isStarting = false;
let listening = new AbortController(); // to a walk that is over

at("begin").addEventListener("click", begin);
at("go-on").addEventListener("click", goOn);
at("walk-pause").addEventListener("click", pause);
at("walk-resume").addEventListener("click", goOn);
at("walk-finish").addEventListener("click", finish);
at("walk-csv").addEventListener("click", () => saveStops(stops));
at("walk-anew").addEventListener("click", leave);
document.addEventListener("visibilitychange", () => document.hidden && pause());
addEventListener("pagehide", () => recorder.close());
welcome();

function show(view) {
  views.forEach((name) => (at(`walk-${name}`).hidden = name !== view));
}

async function welcome() {
  walk = await readWalk();
  if (walk?.pictures !== pictures.map(({ url }) => url).join()) walk = null; // other pictures than now
  at("walk-unfinished").hidden = !walk;
  if (walk) {
    at("walk-where").textContent = walk.over
      ? "Your last walk is still in this browser."
      : `You stopped at picture ${walk.index + 1} of ${pictures.length}. All you recorded is still in this browser.`;
    at("go-on").textContent = walk.over ? "See it" : "Go on";
    at("begin").textContent = "Start anew";
  }
  show("intro");
}

function begin() {
  return start(async () => {
    await forgetWalk();
    const seconds = Math.min(60, Math.max(2, Number(at("seconds").value) || 7));
    walk = { index: 0, part: 0, elapsed_s: 0, seconds, over: false, answers: {}, pictures: pictures.map(({ url }) => url).join() };
  });
}

function goOn() {
  return walk.over ? end() : start();
}

/** Opens the microphone and goes on; whoever presses again meanwhile does not open another. */
async function start(prepare = () => {}) {
  if (isStarting) return;
  isStarting = true;
  at("walk-problem").hidden = true;
  try {
    await prepare();
    if (!recorder.isOpen) await recorder.open();
  } catch (error) {
    at("walk-problem").hidden = false;
    at("walk-problem").textContent = microphoneSentence(error.name);
    return;
  } finally {
    isStarting = false;
  }
  show("frame");
  at("walk-pause").focus({ preventScroll: true });
  listenTo();
  if (document.hidden) pause();
}

/** Shows the picture at hand and records for as long as it has left. */
function listenTo() {
  const { index, part } = walk;
  stopwatch = new Stopwatch();
  showPicture();
  setPaused(false);
  recorder.begin((number, audio) => keepPiece(index, part, number, audio));
  stopwatch.start();
  timer = setInterval(watch, TICK_MS);
}

function showPicture() {
  const picture = pictures[walk.index];
  Object.assign(at("walk-picture"), { src: picture.url, alt: picture.description });
  at("walk-count").textContent = `Picture ${walk.index + 1} of ${pictures.length}`;
  at("walk-progress").value = walk.elapsed_s / walk.seconds;
  const next = pictures[walk.index + 1];
  if (next) new Image().src = next.url;
}

function watch() {
  const elapsed_s = walk.elapsed_s + stopwatch.duration_s;
  at("walk-progress").value = elapsed_s / walk.seconds;
  keepWalk({ ...walk, part: walk.part + 1, elapsed_s });
  if (elapsed_s >= walk.seconds) next();
}

async function next() {
  clearInterval(timer);
  await recorder.end();
  if (walk.over) return;
  walk = { ...walk, index: walk.index + 1, part: 0, elapsed_s: 0 };
  if (walk.index === pictures.length) return finish();
  await keepWalk(walk);
  if (recorder.isOpen) listenTo(); // else somebody paused meanwhile, and the next picture waits
}

async function pause() {
  if (!recorder.isOpen || at("walk-frame").hidden) return;
  clearInterval(timer);
  walk = { ...walk, part: walk.part + 1, elapsed_s: walk.elapsed_s + stopwatch.duration_s };
  setPaused(true);
  await recorder.end();
  recorder.close();
  await keepWalk(walk);
}

function setPaused(paused) {
  at("walk-pause").hidden = paused;
  at("walk-resume").hidden = !paused;
  at("walk-state").textContent = paused ? "Paused. The microphone is off." : "Recording";
  at("walk-frame").classList.toggle("is-paused", paused);
  at(paused ? "walk-resume" : "walk-pause").focus({ preventScroll: true });
}

async function finish() {
  if (walk.over) return;
  clearInterval(timer);
  walk = { ...walk, over: true };
  await recorder.end();
  recorder.close();
  await keepWalk(walk);
  await end();
}

/** Listens to what has not been listened to yet, and shows all of it. */
async function end() {
  const { signal } = (listening = new AbortController());
  show("end");
  at("walk-end-title").focus({ preventScroll: true });
  const parts = await readParts();
  stops = await Promise.all(pictures.map(async (picture, index) => stopAt(picture, index, parts.get(index))));
  clearStops(at("walk-stops"));
  for (const [count, stop] of stops.entries()) {
    at("walk-status").textContent = `Listening to ${count + 1} of ${stops.length}`;
    await hear(stop, signal);
    if (signal.aborted) return;
    at("walk-stops").append(stopElement(stop));
  }
  const heard = stops.filter(({ answers }) => answers.length);
  const alike = heard.filter(({ picture, answers }) => answers[0].emotion === picture.emotion).length;
  at("walk-status").textContent = `In ${alike} of ${heard.length} recordings the emotion heard is the one the picture was meant to stir.`;
  at("walk-csv").disabled = false;
}

async function stopAt(picture, index, parts) {
  const audio = parts ? await joinTakes(parts) : null;
  return { picture, index, audio, answers: walk.answers[index] ?? [] };
}

async function hear(stop, signal) {
  if (!stop.audio || stop.answers.length) return;
  try {
    const name = takeName(stop.audio.type, `picture-${stop.index + 1}`);
    stop.answers = await patientOpinions({ audio: stop.audio, name }, { signal });
    if (signal.aborted) return;
    walk = { ...walk, answers: { ...walk.answers, [stop.index]: stop.answers } };
    await keepWalk(walk);
  } catch (error) {
    stop.error = error.message;
  }
}

async function leave() {
  listening.abort();
  await forgetWalk();
  at("begin").textContent = "Start";
  await welcome();
  at("begin").focus({ preventScroll: true });
}
