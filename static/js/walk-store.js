/**
 * A picture walk as this browser keeps it: where it stands, and the sound of each picture in the pieces it came in, so
 * that a closed tab loses nothing but the last half second.
 */
import { forgetAll, keep, readAll } from "./storage.js";

const padded = (number) => String(number).padStart(5, "0");

/** @returns {{index: number, elapsed_s: number, seconds: number, part: number, over: boolean, answers: object} | null} */
export async function readWalk() {
  const entries = await readAll("walk").catch(() => []);
  return entries.find(({ id }) => id === "state") ?? null;
}

export const keepWalk = (state) => keep("walk", { ...state, id: "state" }).catch(() => null);

export const keepPiece = (index, part, number, audio) =>
  keep("walk", { id: `piece/${padded(index)}/${padded(part)}/${padded(number)}`, index, part, audio }).catch(() => null);

export const forgetWalk = () => forgetAll("walk").catch(() => null);

/** What was recorded for each picture: a list of parts (more than one where a pause fell into it), each one Blob. */
export async function readParts() {
  const pictures = new Map();
  for (const { index, part, audio } of (await readAll("walk")).filter(({ audio }) => audio)) {
    const parts = pictures.get(index) ?? new Map();
    pictures.set(index, parts.set(part, [...(parts.get(part) ?? []), audio]));
  }
  return new Map([...pictures].map(([index, parts]) => [index, [...parts.values()].map(whole)]));
}

const whole = (pieces) => new Blob(pieces, { type: pieces[0].type });
