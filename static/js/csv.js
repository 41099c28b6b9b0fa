/** Results as a table that spreadsheets open. */
import { page } from "./page-data.js";

/** A spreadsheet must not run a cell as a formula: cells that start like one get an apostrophe in front. */
export function cell(value) {
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const toCsv = (rows) => rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

const COLUMNS = ["file", "emotion", "confidence", "uncertain", "voice_used", "duration_s", "speech_s", "model", "version", "error"];

/** @param {{name: string, answers: object[], error?: string, expected?: string}[]} results */
export function resultsAsCsv(results, extra = []) {
  const rows = results.flatMap((result) => {
    const added = extra.map((column) => result[column]);
    if (!result.answers.length) return [[...added, result.name, ...Array(8).fill(""), result.error, ...page.emotions.map(() => "")]];
    return result.answers.map((answer) => [...added, ...describe(result.name, answer)]);
  });
  return toCsv([[...extra, ...COLUMNS, ...page.emotions], ...rows]);
}

function describe(name, answer) {
  const scores = Object.fromEntries(answer.scores.map(({ label, score }) => [label, score]));
  return [
    name,
    answer.emotion,
    answer.confidence,
    answer.uncertain,
    answer.voice_used,
    answer.duration_s,
    answer.speech_s,
    answer.model.name,
    answer.model.version,
    "",
    ...page.emotions.map((label) => scores[label]),
  ];
}

/** Offers a text as a file to keep. */
export function download(name, text, type = "text/csv") {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
