/** Sharing: the server draws the panel; this opens it as a dialog and saves a role when it is chosen. */
import "./copy-text.js";

const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("#sharing-dialog"));

document.addEventListener("click", async (event) => {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-share]"));
  if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const panel = /** @type {HTMLElement} */ (dialog.querySelector("#sharing"));
  panel.replaceChildren();
  await /** @type {any} */ (window).htmx.ajax("GET", link.href, { target: "#sharing", swap: "innerHTML" }).catch(() => {}); // told by failures.js
  if (panel.childElementCount) dialog.showModal();
});
document.addEventListener("change", (event) => {
  /** @type {Element} */ (event.target).closest(".sharing-role")?.querySelector("button")?.click();
});
document.addEventListener("htmx:afterSettle", (event) => {
  const { target, requestConfig } = /** @type {CustomEvent} */ (event).detail; // empty where a script swaps
  if (target?.id === "sharing" && requestConfig.verb === "post") goToWhatWasSaid(target);
});

/** What was pressed is drawn anew, and has lost the focus; htmx gives it back to a field. @param {HTMLElement} panel */
function goToWhatWasSaid(panel) {
  const link = /** @type {HTMLElement | null} */ (panel.querySelector("#made-link"));
  const said = /** @type {HTMLElement | null} */ (link ?? panel.querySelector("[aria-invalid='true'], [role='alert']:not([hidden]), .sharing-said:not(:empty)"));
  if (!said || (!link && panel.contains(document.activeElement))) return;
  if (!said.matches("input, select, textarea")) said.tabIndex = -1;
  said.focus();
  link?.scrollIntoView({ block: "center" }); // not to be overlooked below the fold of a small screen
}
