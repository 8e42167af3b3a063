/** Tells people of requests of htmx that fail, in the server's words where it has some. What asks again by itself keeps still. */
import { format, gettext } from "./i18n.js";
import { OFFLINE, SIGNED_OUT } from "./server.js";
import { showToast } from "./toasts.js";

const SIGN_IN = "/accounts/sign-in/";

/** What an answer says for people, in plain text or on one of our own pages. @param {XMLHttpRequest} answer */
export function wordsOf(answer) {
  const type = answer.getResponseHeader("Content-Type") ?? "";
  if (type.startsWith("text/plain")) return answer.responseText.trim();
  if (!type.startsWith("text/html")) return "";
  const page = new DOMParser().parseFromString(answer.responseText, "text/html");
  return page.querySelector("main#main h1 ~ p")?.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

/** @param {CustomEvent} event @param {string} words */
function tell(event, words) {
  const { elt } = event.detail.requestConfig;
  if (event.defaultPrevented || /\bevery\b/.test(elt.getAttribute("hx-trigger") ?? "")) return;
  // Behind a dialog a notice can be neither read nor closed.
  const place = /** @type {HTMLElement | null} */ (elt.closest("dialog")?.querySelector("[data-problem]"));
  if (!place) return showToast(words, { level: "error" });
  place.textContent = words;
  place.hidden = false;
}

/** @param {string} name of an event @param {(answer: XMLHttpRequest) => string} words */
function listen(name, words) {
  document.addEventListener(name, (event) => tell(/** @type {CustomEvent} */ (event), words(/** @type {CustomEvent} */ (event).detail.xhr)));
}

listen("htmx:responseError", (answer) => wordsOf(answer) || format(gettext("The server could not do that (%(status)s)."), { status: answer.status }));
for (const name of ["htmx:sendError", "htmx:timeout"]) listen(name, () => OFFLINE);

// The page to sign in is no part of the one that asked.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (!detail.shouldSwap || !detail.xhr.responseURL || new URL(detail.xhr.responseURL).pathname !== SIGN_IN) return;
  detail.shouldSwap = false;
  tell(/** @type {CustomEvent} */ (event), SIGNED_OUT);
});
