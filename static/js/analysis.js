/** Has recordings analysed by every model served; a recording is never lost on the way. */
import { checkFile } from "./file-checks.js";
import { page } from "./page-data.js";
import { AnalysisError, classify } from "./uploader.js";
import { learn } from "./waiting-time.js";

const FOLLOWED_FROM_S = 6; // shorter recordings are one moment: nothing changes in them that a model could tell

/**
 * The answers of all models to one recording, the default one's first. The first must come; a second opinion that
 * fails is left out.
 * @param {{audio: Blob, name: string, duration_s?: number, isStranger?: boolean, channels?: string}} recording
 *   what is longer than a moment, or a call, is also followed over time
 * @param {{signal?: AbortSignal, onSent?: (share: number) => void, onLength?: (duration_s: number) => void}} options
 * @returns {AsyncGenerator<object>} rejects with an AnalysisError
 */
export async function* opinions(recording, { signal, onSent, onLength } = {}) {
  const duration_s = recording.duration_s ?? (await checkFile(recording.audio));
  onLength?.(duration_s);
  const { audio, name, isStranger, channels = "mix" } = recording;
  const timeline = channels !== "mix" || !(duration_s < FOLLOWED_FROM_S);
  const started_ms = performance.now();
  for (const [index, model] of page.models.entries()) {
    const first = index === 0;
    try {
      const asked = { name, model, isStranger, channels, timeline: timeline && first, signal };
      const answer = await classify(audio, first ? { ...asked, onSent } : asked);
      if (first) learn(answer.duration_s, (performance.now() - started_ms) / 1000);
      yield answer;
    } catch (error) {
      if (first || error.code === "cancelled") throw known(error);
    }
  }
}

/** The same, all together. */
async function allOpinions(recording, options) {
  const answers = [];
  for await (const answer of opinions(recording, options)) answers.push(answer);
  return answers;
}

const WORTH_WAITING = ["busy", "rate_limited", "not_ready", "invalid_voice"]; // a voice that was refused is not sent again
const PATIENCE = 3;

/** For lists of recordings: waits as long as the server asks for, a few times, before it gives up. */
export async function patientOpinions(recording, options) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await allOpinions(recording, options);
    } catch (error) {
      if (!WORTH_WAITING.includes(error.code) || attempt === PATIENCE || options.signal?.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(error.retryAfter_s, 1)));
    }
  }
}

const known = (error) =>
  error instanceof AnalysisError ? error : new AnalysisError("unreadable", "Something went wrong in this page. Try again.");
