/** Sends a recording to one model and brings back its answer. */
import { page } from "./page-data.js";
import { refuseVoice, voiceInUse } from "./voice-store.js";

const LOST = "The connection was lost. Your recording is still here: try again.";
const UNREADABLE = "The server gave no answer that can be read. Your recording is still here: try again.";

const PASSING = ["connection_lost", "unreadable", "request_timeout", "rate_limited", "busy", "not_ready", "timeout", "worker_died", "internal_error"];

export class AnalysisError extends Error {
  constructor(code, message, retryAfter_s = 0) {
    super(message);
    this.code = code;
    this.retryAfter_s = retryAfter_s;
  }

  /** Whether the same recording may be answered another time. */
  get isPassing() {
    return PASSING.includes(this.code);
  }
}

/**
 * @param {Blob} audio
 * @param {{name: string, model?: string, isStranger?: boolean, timeline?: boolean, channels?: string, signal?: AbortSignal,
 *   onSent?: (share: number) => void}} options
 *   a stranger is heard without the voice that this browser keeps
 * @returns {Promise<object>} the API's answer; rejects with an AnalysisError, whose code is "cancelled" after an abort
 */
export async function classify(audio, { name, model, isStranger = false, timeline = false, channels = "mix", signal, onSent }) {
  const form = new FormData();
  const voice = isStranger ? null : voiceInUse();
  if (model) form.append("model", model);
  if (voice) form.append("voice", voice);
  if (timeline) form.append("timeline", "true");
  if (channels !== "mix") form.append("channels", channels);
  form.append("audio", audio, name);
  try {
    return await send(page.addresses.classify, form, { signal, onSent });
  } catch (error) {
    if (error.code === "invalid_voice") refuseVoice(voice, error.message);
    throw error;
  }
}

/** Posts a form; resolves and rejects as `classify` does. */
export function send(address, form, { signal, onSent = () => {} }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancelled = () => reject(new AnalysisError("cancelled", "Cancelled."));
    if (signal?.aborted) return cancelled();
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.open("POST", address);
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.upload.onload = () => onSent(1);
    request.onabort = cancelled;
    request.onerror = () => reject(new AnalysisError("connection_lost", LOST));
    request.onload = () => settle(request, resolve, reject);
    request.send(form);
  });
}

function settle(request, resolve, reject) {
  let body = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    return reject(new AnalysisError("unreadable", UNREADABLE));
  }
  if (request.status === 200) return resolve(body);
  const { code = "unreadable", message = UNREADABLE } = body.error ?? {};
  reject(new AnalysisError(code, message, Number(request.getResponseHeader("Retry-After")) || 0));
}
