/** A link to a result: scores alone travel in it, in whole percent, never audio. */
import { page } from "./page-data.js";

export function shareLink(answer) {
  const link = new URL(page.addresses.share, location.origin);
  for (const { label, score } of answer.scores) link.searchParams.set(label, Math.round(score * 100));
  if (answer.uncertain) link.searchParams.set("uncertain", "1");
  link.searchParams.set("model", answer.model.name);
  return link.href;
}
