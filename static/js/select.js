/** Selecting rows: boxes, ranges with Shift, all of the page; the bar of what to do appears with the first.
 * Rows are drawn anew all the time, so what is selected is kept here by its number.
 */

import { nameOf, singleKeysAreOn } from "./keys.js";

/** @type {Set<string>} */
const selected = new Set();
/** @type {HTMLInputElement | null} */
let last = null;

const boxes = () => /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("#rows [data-select]")]);
const all = () => /** @type {HTMLInputElement | null} */ (document.querySelector("#select-all"));
const bar = () => /** @type {HTMLFormElement | null} */ (document.querySelector("#bulk"));

/** @param {HTMLInputElement} box @param {boolean} isChosen */
function choose(box, isChosen) {
  box.checked = isChosen;
  if (isChosen) selected.add(box.value);
  else selected.delete(box.value);
}

/** Boxes, bar and count say what is selected. What is no longer on the page is not selected any more. */
function show() {
  const shown = boxes();
  const here = new Set(shown.map((box) => box.value));
  for (const id of selected) if (!here.has(id)) selected.delete(id);
  for (const box of shown) box.checked = selected.has(box.value);
  const whole = all();
  if (whole) {
    whole.checked = selected.size > 0 && selected.size === shown.length;
    whole.indeterminate = selected.size > 0 && selected.size < shown.length;
  }
  bar()?.toggleAttribute("hidden", selected.size === 0);
  showFavourite();
  const count = document.querySelector("#bulk-count");
  const words = (count?.getAttribute("data-words") ?? "{}").replace("{}", String(selected.size));
  if (count && count.textContent !== words) count.textContent = words; // as above
}

/** Where all that is selected are favourites, the button takes the mark off. */
function showFavourite() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("#bulk-favourite"));
  const words = button?.querySelector("span");
  if (!button || !words) return;
  button.dataset.yes ??= words.textContent ?? "";
  const chosen = boxes().filter((box) => box.checked);
  const areFavourites = chosen.length > 0 && chosen.every((box) => box.closest(".row")?.querySelector(".favourite[aria-pressed=true]"));
  const said = (areFavourites ? button.dataset.no : button.dataset.yes) ?? "";
  if (words.textContent === said) return; // else the observer below would see it, and never end
  words.textContent = said;
  button.value = areFavourites ? "favourite:no" : "favourite";
}

/** From the box chosen before to this one. @param {HTMLInputElement} box */
function chooseRange(box) {
  const shown = boxes();
  const [from, to] = [shown.indexOf(/** @type {HTMLInputElement} */ (last)), shown.indexOf(box)].sort((a, b) => a - b);
  for (const each of shown.slice(Math.max(from, 0), to + 1)) choose(each, box.checked);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Enter" && target.matches("[data-select], #select-all")) event.preventDefault(); // it would send the form
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type='checkbox']), textarea, select, dialog, .menu[open]")) return;
  if (!singleKeysAreOn()) return;
  if (nameOf(event) === "KeyX") {
    const box = /** @type {HTMLInputElement | null} */ (target.closest(".row")?.querySelector("[data-select]") ?? null);
    if (!box) return;
    choose(box, !box.checked);
    if (event.shiftKey) chooseRange(box);
    last = box;
    show();
  } else if (event.code === "Escape" && selected.size) {
    selected.clear();
    show();
  }
}

export function offerSelection() {
  let isRange = false;
  // A click on a box's label becomes one on the box, without Shift: what was pressed before counts.
  for (const kind of ["pointerdown", "keydown"])
    document.addEventListener(kind, (event) => (isRange = /** @type {MouseEvent} */ (event).shiftKey), { capture: true });
  document.addEventListener("click", (event) => {
    if (!(/** @type {HTMLElement} */ (event.target).closest("#bulk-none"))) return;
    selected.clear();
    show();
  });
  document.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.matches("#select-all")) for (const each of boxes()) choose(each, box.checked);
    else if (box.matches("[data-select]")) {
      choose(box, box.checked);
      if (isRange && last?.isConnected) chooseRange(box);
      last = box;
    } else return;
    show();
  });
  document.addEventListener("keydown", pressed);
  document.addEventListener("htmx:afterSettle", show);
  new MutationObserver(show).observe(document.querySelector("main") ?? document.body, { childList: true, subtree: true });
  show();
}
