/** Whether the emotion is shown while a person speaks: a box to tick, remembered by this browser. */
import { remember, remembered } from "./remembered.js";

const KEY = "undertone-live";
const OFF = "off";

export const liveChoice = document.getElementById("live-choice");

liveChoice.checked = remembered(KEY) !== OFF;
liveChoice.addEventListener("change", () => remember(KEY, liveChoice.checked ? "on" : OFF));
