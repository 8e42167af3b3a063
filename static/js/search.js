/** Search from any page: the dialog that "/" or Ctrl+K opens, whose results come while somebody types. */
import { isTyping, keepSwitch, nameOf, singleKeysAreOn } from "./keys.js";
import { SearchFilters } from "./search-filters.js";

const dialog = /** @type {HTMLDialogElement} */ (document.querySelector("#search-dialog"));
const input = /** @type {HTMLInputElement} */ (dialog.querySelector("#search-dialog-text"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("#search-hits"));
const box = /** @type {HTMLInputElement} */ (dialog.querySelector("[data-single-keys]"));
const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#header-search"));

const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role='option']")]);

/** @param {string} text what was typed elsewhere already */
function open(text = "") {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  dialog.showModal();
  if (text) input.value = text;
  else input.select();
  if (input.value.trim()) input.dispatchEvent(new Event("begin")); // text may have changed since it was searched for
}

// Opening -------------------------------------------------------------------------------------------------------------

// On the window, behind the document: a page that has its own use for a key prevents the default.
window.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || !wantsSearch(event)) return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  else open();
});

/** By what the key writes, wherever it lies on a keyboard. On a text that can be corrected, "/" looks in that text. @param {KeyboardEvent} event */
function wantsSearch(event) {
  if (event.ctrlKey || event.metaKey) return nameOf(event) === "KeyK" && !event.shiftKey;
  return event.key === "/" && singleKeysAreOn() && !isTyping(event) && !document.querySelector("[data-editable]");
}

// Not when it is touched: the click that follows would be one beside the open dialog, which closes it.
field?.addEventListener("click", () => open());
field?.addEventListener("input", () => {
  const text = field.value;
  field.value = "";
  open(text);
});
keepSwitch(box);
new SearchFilters(dialog, input);

// Choosing ------------------------------------------------------------------------------------------------------------

/** @param {HTMLElement | undefined} chosen */
function choose(chosen) {
  for (const option of options()) option.setAttribute("aria-selected", String(option === chosen));
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

/** Through all, and past either end back to the text. @param {1 | -1} step */
function move(step) {
  const all = options();
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = now < 0 && step < 0 ? all.length - 1 : now + step;
  choose(all[next]);
}

input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.code === "ArrowDown" || event.code === "ArrowUp") {
    event.preventDefault();
    move(event.code === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
    if (!chosen) return;
    event.preventDefault();
    chosen.click();
  } else if (event.key === "Escape") {
    event.preventDefault(); // Chromium would only clear the text at first
    dialog.close();
  }
});
dialog.querySelector("form")?.addEventListener("submit", (event) => {
  const speaker = /** @type {HTMLSelectElement | null} */ (dialog.querySelector("[name='speaker']"));
  if (!input.value.trim() && !speaker?.value) event.preventDefault();
});
list.addEventListener("click", (event) => {
  // A passage of the page that is open already is only a move within it.
  if (/** @type {Element} */ (event.target).closest("a")) dialog.close();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside it
});
list.addEventListener("htmx:afterSwap", () => {
  choose(undefined);
  input.setAttribute("aria-expanded", String(options().length > 0));
});
