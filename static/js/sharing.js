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
// What a new link's address is must not be overlooked below the fold of a small screen.
document.addEventListener("htmx:afterSettle", () => document.querySelector("#sharing #made-link")?.scrollIntoView({ block: "center" }));
