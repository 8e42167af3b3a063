/** What every page does: menus that close themselves, notices, times in the reader's own zone. */
import { openDialog } from "./dialogs.js";
import "./failures.js";
import { adoptToasts } from "./toasts.js";
import { localiseTimes } from "./format.js";

/** @param {Event} event */
function closeMenusOutside(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
  }
}

/** @param {KeyboardEvent} event */
function closeMenuOnEscape(event) {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.removeAttribute("open");
  menu.querySelector("summary")?.focus();
  event.stopImmediatePropagation();
}

/** Upwards where there is more room above. @param {Event} event */
function turnMenu(event) {
  const menu = /** @type {HTMLDetailsElement} */ (event.target);
  const items = menu.matches?.("details.menu[open]") && menu.querySelector(":scope > .menu-items");
  if (!items) return;
  menu.classList.remove("menu-turned");
  const { top, bottom } = items.getBoundingClientRect();
  menu.classList.toggle("menu-turned", bottom > innerHeight && menu.getBoundingClientRect().top > bottom - top);
}

document.addEventListener("toggle", turnMenu, { capture: true });
document.addEventListener("click", closeMenusOutside);
document.addEventListener("focusin", closeMenusOutside);
document.addEventListener("keydown", closeMenuOnEscape, { capture: true });
document.addEventListener("htmx:afterSettle", () => {
  localiseTimes(document);
  adoptToasts();
});
localiseTimes(document);
adoptToasts();
// A form that came back is gone on with at what was wrong in it.
/** @type {HTMLElement | null} */ (document.querySelector("main [aria-invalid='true']"))?.focus();

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-close], [data-dialog]");
  if (button?.matches("[data-close]")) button.closest("dialog")?.close();
  const opened = button?.getAttribute("data-dialog");
  if (button && opened) openDialog(/** @type {HTMLDialogElement} */ (document.getElementById(opened)), button);
});
// A notice whose Undo was done has done its work.
document.addEventListener("htmx:afterRequest", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.successful) /** @type {Element} */ (event.target).closest(".toast")?.remove();
});
