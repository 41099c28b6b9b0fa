/** Several recordings at once: a list that fills itself, and a CSV of it. */
import { patientOpinions } from "./analysis.js";
import { download, resultsAsCsv } from "./csv.js";
import { emotionMark } from "./emotion-mark.js";
import { tint } from "./results.js";
import { make } from "./templates.js";
import { percent, sureness } from "./wording.js";

const COLUMNS = ["Recording", "Heard", "How sure"];

/**
 * @param {HTMLElement} root
 * @param {{audio: Blob, name: string, channels?: string}[]} recordings
 * @param {{signal: AbortSignal, onDone: (recording: object, answers: object[]) => void,
 *   onShow: (recording: object, answers: object[]) => void}} options
 */
export async function analyseAll(root, recordings, { signal, onDone, onShow }) {
  const abort = new AbortController();
  signal.addEventListener("abort", () => abort.abort());
  const results = [];
  const { status, stop, save, rows } = buildList(root, recordings);
  stop.addEventListener("click", () => abort.abort());
  save.addEventListener("click", () => download("undertone.csv", resultsAsCsv(results)));
  for (const [index, recording] of recordings.entries()) {
    status.textContent = `Listening to ${index + 1} of ${recordings.length}`;
    const result = await listen(recording, abort.signal);
    results.push(result);
    showRow(rows[index], result, () => onShow(recording, result.answers));
    if (result.answers.length) onDone(recording, result.answers);
  }
  const heard = results.filter(({ answers }) => answers.length).length;
  status.textContent = `${heard} of ${recordings.length} recordings answered`;
  stop.hidden = true;
  save.hidden = false;
}

async function listen(recording, signal) {
  const { name } = recording;
  if (signal.aborted) return { name, answers: [], error: "Cancelled." };
  try {
    return { name, answers: await patientOpinions(recording, { signal }) };
  } catch (error) {
    return { name, answers: [], error: error.message };
  }
}

function buildList(root, recordings) {
  const status = make("p", { className: "phase", textContent: "Listening" });
  status.setAttribute("role", "status");
  const stop = make("button", { type: "button", textContent: "Cancel" });
  const save = make("button", { type: "button", className: "primary", textContent: "Download CSV", hidden: true });
  const rows = recordings.map(({ name }) => waitingRow(name));
  const head = make("tr", {}, ...COLUMNS.map((textContent) => make("th", { scope: "col", textContent })), make("td"));
  const table = make("table", { className: "list block" }, make("thead", {}, head), make("tbody", {}, ...rows));
  root.replaceChildren(status, table, make("div", { className: "row actions" }, stop, save));
  return { status, stop, save, rows };
}

function waitingRow(name) {
  return make("tr", {}, make("th", { scope: "row", className: "file", textContent: name }), make("td", { colSpan: 3, textContent: "Waiting" }));
}

function showRow(row, { name, answers, error }, show) {
  const [file] = row.children;
  if (!answers.length) {
    row.replaceChildren(file, make("td", { colSpan: 3, textContent: error }));
    return;
  }
  const [answer] = answers;
  const open = make("button", { type: "button", className: "quiet", textContent: "Show" });
  open.setAttribute("aria-label", `Show ${name}`);
  open.addEventListener("click", show);
  row.replaceChildren(
    file,
    make("td", {}, emotionMark(answer)),
    make("td", { textContent: `${sureness(answer)} · ${percent(answer.confidence)}` }),
    make("td", {}, open),
  );
  tint(row, answer);
}
