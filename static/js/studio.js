/** The studio: whatever way a recording comes in, it is analysed, shown and remembered. */
import { opinions } from "./analysis.js";
import { analyseAll } from "./batch.js";
import { acceptFiles } from "./drop-and-paste.js";
import { History } from "./history.js";
import { page } from "./page-data.js";
import { showPlayer } from "./player.js";
import { takeName } from "./recording-format.js";
import { Outcome } from "./results.js";
import { Stage } from "./stage.js";
import { clone, fill, make, place } from "./templates.js";
import { AnalysisError } from "./uploader.js";
import { heard, percent } from "./wording.js";
import { Wait } from "./waiting.js";
import "./voice-card.js";
import "./voice-line.js";

const outcome = document.getElementById("outcome");
const input = document.getElementById("audio");
const channels = document.getElementById("channels");
const title = document.title;
const history = new History(open);
let listening = new AbortController(); // to what is on the page; whatever comes next takes its place
let shown = null;
let player = null;

new Stage({ limit_s: page.limits.max_seconds, onSend: ({ audio, duration_s }) => analyse({ audio, duration_s, name: takeName(audio.type) }) });
acceptFiles(receive);
history.show();
input.multiple = true;
input.addEventListener("change", () => {
  receive([...input.files]);
  input.value = "";
});
document.getElementById("samples")?.addEventListener("submit", (event) => {
  event.preventDefault();
  trySample(event.submitter);
});

function receive(files) {
  clear();
  const recordings = files.map((file) => ({ audio: file, name: file.name, channels: channels.value }));
  if (recordings.length === 1) analyse(recordings[0]);
  else listen(recordings);
}

async function trySample(button) {
  clear();
  const { signal } = listening;
  const name = button.textContent.trim();
  try {
    const answer = await fetch(button.dataset.url, { signal });
    if (!answer.ok) throw new Error(answer.statusText);
    const audio = await answer.blob();
    if (!signal.aborted) analyse({ audio, name, isStranger: true });
  } catch {
    if (signal.aborted) return;
    const error = new AnalysisError("connection_lost", "The sample voice could not be fetched. Try again.");
    fail({ name, error, again: () => trySample(button) });
  }
}

/** One recording, from sending to the whole answer; what it was answered is remembered even where something else came. */
async function analyse(recording) {
  clear();
  const { signal } = listening;
  const wait = new Wait(outcome, { name: recording.name, onCancel: close });
  reveal();
  const answers = [];
  try {
    const progress = { signal, onSent: (share) => wait.sent(share), onLength: (length) => wait.expect(length) };
    for await (const answer of opinions(recording, progress)) {
      answers.push(answer);
      if (signal.aborted) break;
      if (answers.length === 1) show({ ...recording, answers });
      else shown.add(answer);
    }
  } catch (error) {
    if (!signal.aborted) fail({ name: recording.name, error, again: () => analyse(recording) });
  } finally {
    wait.end();
  }
  if (answers.length) history.remember({ ...recording, answers });
}

/** Several recordings: a list, and each of them in full below it when asked for. */
function listen(recordings) {
  const list = make("div");
  const detail = make("div", { className: "block" });
  outcome.replaceChildren(list, detail);
  reveal();
  analyseAll(list, recordings, {
    signal: listening.signal,
    onDone: (recording, answers) => history.remember({ ...recording, answers }),
    onShow: (recording, answers) => {
      silence();
      show({ ...recording, answers }, detail);
      detail.scrollIntoView();
    },
  });
}

function open(entry) {
  clear();
  show(entry);
  reveal();
}

function show({ name, answers, audio }, root = outcome) {
  shown = new Outcome(root, { name, answers });
  document.title = `${heard(answers[0])}, ${percent(answers[0].confidence)} · Undertone`;
  shown.focus();
  if (audio) hear(shown, audio);
}

async function hear(result, audio) {
  const made = await showPlayer(result.player, audio);
  if (result !== shown) return made.destroy();
  player = made;
  result.follow(player);
}

/** Says what went wrong; where another try may help, the same recording is at hand for it. */
function fail({ name, error, again }) {
  outcome.replaceChildren(clone("failure-template"));
  const wait = error.retryAfter_s ? ` Please wait ${error.retryAfter_s} seconds.` : "";
  const isRefusal = error.code === "invalid_voice";
  fill(outcome, { name, message: error.message + wait });
  place(outcome, "again").hidden = !error.isPassing && !isRefusal;
  if (isRefusal) place(outcome, "again").textContent = "Listen without my normal voice";
  place(outcome, "tune").hidden = !isRefusal;
  place(outcome, "again").addEventListener("click", again);
  place(outcome, "close").addEventListener("click", close);
  place(outcome, error.isPassing || isRefusal ? "again" : "close").focus({ preventScroll: true });
  reveal();
}

function clear() {
  listening.abort();
  listening = new AbortController();
  silence();
  document.title = title;
  document.querySelector("main > .outcome:not(#outcome)")?.remove();
}

function silence() {
  player?.destroy();
  player = shown = null;
}

function close() {
  clear();
  outcome.replaceChildren();
  document.getElementById("title").scrollIntoView();
  document.getElementById("record").focus({ preventScroll: true });
}

function reveal() {
  outcome.scrollIntoView();
}
