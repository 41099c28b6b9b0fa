/** The end of a walk: every picture with the emotion it was meant to stir and the one that was heard. */
import { download, resultsAsCsv } from "./csv.js";
import { emotionMark } from "./emotion-mark.js";
import { answerElement } from "./results.js";
import { make } from "./templates.js";
import { percent, sureness } from "./wording.js";

export function clearStops(list) {
  list.querySelectorAll("audio").forEach(({ src }) => URL.revokeObjectURL(src));
  list.replaceChildren();
}

export function saveStops(stops) {
  const results = stops.map(({ picture, answers, error }) => ({
    name: picture.description,
    expected: picture.emotion,
    answers,
    error,
  }));
  download("undertone-picture-walk.csv", resultsAsCsv(results, ["expected"]));
}

/** @param {{picture: object, audio: Blob | null, answers: object[], error?: string}} stop one picture, once it was listened to */
export function stopElement({ picture, audio, answers, error }) {
  const image = make("img", { src: picture.url, alt: picture.description, loading: "lazy", width: 800, height: 600 });
  const item = make("li", {}, image, make("h2", { textContent: picture.description }));
  const facts = make("dl", {}, ...fact("Meant", emotionMark({ emotion: picture.emotion, uncertain: false })));
  facts.append(...fact("Heard", answers.length ? emotionMark(answers[0]) : (error ?? "Nothing was recorded.")));
  if (answers.length) facts.append(...fact("How sure", `${sureness(answers[0])} · ${percent(answers[0].confidence)}`));
  item.append(facts);
  if (audio) item.append(playback(audio, picture));
  if (answers.length) item.append(scores(answers[0]));
  return item;
}

function fact(name, value) {
  const meaning = make("dd", {}, value);
  if (value.dataset) meaning.dataset.emotion = value.querySelector("use").getAttribute("href").replace("#contour-", "");
  return [make("dt", { textContent: name }), meaning];
}

function playback(audio, picture) {
  const player = make("audio", { controls: true, src: URL.createObjectURL(audio) });
  player.setAttribute("aria-label", `Recording for ${picture.description}`);
  return player;
}

function scores(answer) {
  const details = make("details", {}, make("summary", { textContent: "All scores" }));
  details.append(answerElement(answer).querySelector(".scores"));
  return details;
}
