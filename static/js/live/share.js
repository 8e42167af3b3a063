/** "Let others follow": the server draws the panel; this fetches it for a recording that has just begun. */
import "../copy-text.js";

/** Show the panel of a recording in the place that the page keeps for it. @param {string} id of the recording */
export function offerShare(id) {
  return /** @type {any} */ (window).htmx.ajax("GET", `/recordings/${id}/links/`, { target: "#share-live", swap: "outerHTML" }).catch(() => {}); // told by failures.js
}
