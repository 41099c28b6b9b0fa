/** What to tell a person when the microphone does not open: what happened, and what to do. */

const SENTENCES = {
  insecure: "Browsers open the microphone only on a secure page. Open this site with https://, or choose a recording below.",
  unsupported: "This browser cannot record. Choose a recording below, or open the page in a current browser.",
  NotAllowedError: "The microphone is not allowed here. Allow it in the address bar of your browser, then press Record again.",
  SecurityError: "The microphone is switched off for this page. Allow it in the settings of your browser, then press Record again.",
  NotFoundError: "No microphone was found. Plug one in, then press Record again, or choose a recording below.",
  NotReadableError: "The microphone is in use elsewhere. Close the other program or call that uses it, then press Record again.",
  AbortError: "The microphone stopped before it started. Press Record again.",
  OverconstrainedError: "The chosen microphone is gone. Choose another one, then press Record again.",
};

const SAME = { PermissionDeniedError: "NotAllowedError", DevicesNotFoundError: "NotFoundError", TrackStartError: "NotReadableError" };

/** A reason why recording is impossible before even asking, or null. */
export function obstacle(scope = window) {
  if (scope.isSecureContext === false) return "insecure";
  if (!scope.navigator.mediaDevices?.getUserMedia || !scope.MediaRecorder) return "unsupported";
  return null;
}

/** The sentence for an obstacle, or for the name of an error of getUserMedia or MediaRecorder. */
export function microphoneSentence(reason) {
  return SENTENCES[SAME[reason] ?? reason] ?? "The microphone could not be opened. Try again, or choose a recording below.";
}
