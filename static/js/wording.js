/** Numbers and scores as people read them; the counterpart of the template filters of the same names. */
import { page } from "./page-data.js";

const SPACE = "\u00a0";

export const percent = (share) => `${Math.round(share * 100)}${SPACE}%`;

export const seconds = (duration_s) => `${duration_s.toFixed(1)}${SPACE}s`;

export const clock = (duration_s) => {
  const tenths = Math.round(duration_s * 10);
  const whole_s = Math.floor(tenths / 10);
  return `${Math.floor(whole_s / 60)}:${String(whole_s % 60).padStart(2, "0")}.${tenths % 10}`;
};

export function sureness(answer) {
  if (answer.uncertain) return page.uncertain;
  return page.sureness.find(([lowest]) => answer.confidence >= lowest)[1];
}

export const heard = (answer) => (answer.uncertain ? `perhaps ${answer.emotion}` : answer.emotion);
