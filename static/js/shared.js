/** A transcript that was opened by a link: once the link is withdrawn or has expired, the open page closes, too. */

import { withQuery } from "./server.js";

const EVERY = 10_000;
const GONE = [403, 404, 410];
const url = /** @type {HTMLElement} */ (document.querySelector("#transcript")).dataset.segmentsUrl;

async function look() {
  if (document.hidden || !url) return;
  try {
    const { status } = await fetch(withQuery(url, { after: "999999999" }), { method: "HEAD" });
    if (!GONE.includes(status)) return;
    document.body.dataset.gone = ""; // what is half written cannot be sent any more, and keeps nobody here
    location.reload();
  } catch {
    // No connection now: the next look tells.
  }
}
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
document.querySelector("#media")?.addEventListener("error", look);
