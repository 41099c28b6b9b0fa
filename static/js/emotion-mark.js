/** The small line of an emotion with its word: how a list says what was heard. */
import { make } from "./templates.js";
import { heard } from "./wording.js";

export function emotionMark(answer) {
  const line = document.getElementById("answer-template").content.querySelector(".scores .contour").cloneNode(true);
  line.querySelector("use").setAttribute("href", `#contour-${answer.emotion}`);
  return make("span", { className: "mark" }, line, heard(answer));
}
