/** How long an answer will take, guessed from the clip's length and from how long the last ones took. */
import { remember, remembered } from "./remembered.js";

const KEY = "undertone-seconds-per-second";
const START_S = 0.4;

export function expected_s(duration_s) {
  const rate = Number(remembered(KEY, "sessionStorage")) || 0.05;
  return START_S + rate * (Number.isFinite(duration_s) ? duration_s : 10);
}

export function learn(duration_s, took_s) {
  const rate = Math.max(0, took_s - START_S) / Math.max(duration_s, 1);
  remember(KEY, String(rate), "sessionStorage");
}

/** How far a wait has come: nearly there at the expected time, never quite there before it is over. */
export const progress = (waited_s, wait_s) => 1 - Math.exp((-2 * waited_s) / wait_s);
