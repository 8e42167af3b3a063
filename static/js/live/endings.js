/** A recording that could not be brought to its end here: why, what is safe, and what can be done. */
import { clock } from "../format.js";
import { format, gettext } from "../i18n.js";
import { LITTLE } from "./recorder.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/**
 * @typedef {object} Ending
 * @property {string} title
 * @property {string} [words] else those of the server
 * @property {boolean} [retry] whether it may work now
 * @property {boolean} [gone] there is nothing to open
 */

/** @type {Record<string, Ending>} */
const ENDINGS = {
  taken_over: { title: gettext("This recording goes on in another place"), words: gettext("Another tab or device has taken it over.") },
  not_signed_in: { title: gettext("You are signed out"), words: gettext("Sign in again in another tab, then come back here and try again."), retry: true },
  not_allowed: { title: gettext("You may not speak here"), retry: true },
  not_found: { title: gettext("This recording was deleted"), words: gettext("It is in the trash, or it was deleted for good."), gone: true },
  ended: { title: gettext("This recording has ended"), words: gettext("It was ended from elsewhere, or closed because no sound came for a long time.") },
  storage_full: { title: gettext("The server’s disk is full") },
  quota_exceeded: { title: gettext("Your library is full") },
  too_long: { title: gettext("This recording is as long as it may be") },
  damaged_sound: { title: gettext("The server cannot go on with this recording") },
};
/** @type {Ending} */
const OTHER = { title: gettext("This recording was interrupted"), retry: true };

/**
 * @param {{code: string, message: string}} problem
 * @param {{saved: number, waiting: number, isKept: boolean}} sound seconds on the server and not there; `isKept`: the
 *   browser has the rest also when the page is closed
 */
export function describe({ code, message }, { saved, waiting, isKept }) {
  const ending = ENDINGS[code] ?? OTHER;
  const has = waiting >= LITTLE;
  const times = { saved: clock(saved), rest: clock(Math.ceil(waiting)) };
  let safe = format(gettext("Your audio is safe: %(saved)s on the server."), times);
  if (ending.gone) safe = has ? format(gettext("%(rest)s is still in this browser."), times) : "";
  else if (code === "taken_over" && has) safe = format(gettext("Your audio is safe: %(rest)s that you said here is not in it and stays in this browser."), times);
  else if (has) safe = format(gettext("Your audio is safe: %(saved)s on the server, %(rest)s in this browser."), times);
  if (has && !isKept) safe = format(gettext("%(rest)s could not be sent and is in this page only. Download it before you close the page."), times);
  return { title: ending.title, words: ending.words ?? message, safe, retry: Boolean(ending.retry), open: !ending.gone, download: has };
}

/** @param {{code: string, message: string}} problem @param {import("./recorder.js").Recorder} recorder @param {number} rate */
export function showEnding(problem, recorder, rate) {
  const sound = { saved: recorder.saved / rate, waiting: recorder.waiting, isKept: recorder.kept.isOn };
  const { title, words, safe, retry, open, download } = describe(problem, sound);
  find("#trouble-title").textContent = title;
  find("#trouble-words").textContent = words;
  find("#trouble-safe").textContent = safe;
  find("#retry").hidden = !retry;
  find("#take-back").hidden = problem.code !== "taken_over";
  find("#download").hidden = !download;
  find("#open-recording").hidden = !open;
  /** @type {HTMLAnchorElement} */ (find("#open-recording")).href = `/recordings/${recorder.id}/`;
}
