/** The filters of the search dialog: fetched when they are first wanted, and shown as chips that can be taken off. */
import { locale } from "./i18n.js";

/** @typedef {{ words: string, remove: () => void }} Chosen */

const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });

export class SearchFilters {
  /** @param {HTMLDialogElement} dialog @param {HTMLInputElement} input what is searched for */
  constructor(dialog, input) {
    const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (dialog.querySelector(selector));
    this.input = input;
    this.button = find("#search-dialog-more");
    this.panel = find("#search-dialog-filters");
    this.chips = find("#search-chips");
    this.template = /** @type {HTMLTemplateElement} */ (find("#search-chip-template"));
    this.button.addEventListener("click", () => this.#open(this.panel.hidden));
    this.panel.addEventListener("change", () => this.#draw());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // back to the text, not out of the dialog
      this.#open(false);
      this.input.focus();
    });
  }

  /** @param {boolean} open */
  #open(open) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open && !this.panel.childElementCount) this.panel.dispatchEvent(new Event("wanted"));
  }

  #draw() {
    this.chips.replaceChildren(...this.#chosen().map((each) => this.#chip(each)));
    this.chips.hidden = !this.chips.childElementCount;
  }

  /** @param {Chosen} chosen */
  #chip({ words, remove }) {
    const chip = /** @type {HTMLElement} */ (this.template.content.cloneNode(true));
    /** @type {HTMLElement} */ (chip.querySelector("[data-words]")).textContent = words;
    chip.querySelector("button")?.addEventListener("click", () => {
      remove();
      this.panel.dispatchEvent(new Event("change"));
      (this.chips.querySelector("button") ?? this.input).focus();
    });
    return chip;
  }

  /** @returns {Chosen[]} */
  #chosen() {
    const fields = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ ([...this.panel.querySelectorAll("input, select")]);
    return fields.filter(isChosen).map((field) => ({ words: wordsOf(field), remove: () => empty(field) }));
  }
}

/** @param {HTMLInputElement | HTMLSelectElement} field */
const isBox = (field) => field.type === "checkbox";

/** @param {HTMLInputElement | HTMLSelectElement} field */
const isChosen = (field) => (isBox(field) ? /** @type {HTMLInputElement} */ (field).checked : field.value !== "");

/** @param {HTMLInputElement | HTMLSelectElement} field */
function empty(field) {
  if (isBox(field)) /** @type {HTMLInputElement} */ (field).checked = false;
  else field.value = "";
}

/** What a choice says of itself; a day needs to be told which of the two it is. @param {HTMLInputElement | HTMLSelectElement} field */
function wordsOf(field) {
  if (field instanceof HTMLSelectElement) return field.selectedOptions[0].text;
  const label = field.labels?.[0].textContent?.trim() ?? "";
  return isBox(field) ? label : `${label} ${dayFormat.format(new Date(`${field.value}T00:00`))}`;
}
