/**
 * Names that are offered after "@" while somebody writes a comment. The list stands under the field, which keeps the
 * focus: arrows go through it, Enter or Tab takes a name over, Escape puts it away.
 */
import { format, ngettext } from "./i18n.js";

const AFTER = 120; // milliseconds without a key, before the server is asked
// The last "@" before the caret that is not in the middle of a word, such as an address, and what was typed since.
const BEGUN = /(?:^|[^\p{L}\p{N}_@.])@([^@\n]{0,60})$/u;

export class Mentions {
  /** @type {HTMLTextAreaElement | null} */
  #field = null;
  /** Where the "@" stands, and what was typed behind it; null while nobody is being named. @type {{ at: number, text: string } | null} */
  #begun = null;
  /** The "@" whose list was put away. */
  #refused = -1;
  /** What nobody is called like: nor will they be when more is typed. @type {string | null} */
  #nobody = null;
  #timer = 0;

  /** @param {HTMLElement} panel in which comments are written @param {string} address that says the names */
  constructor(panel, address) {
    this.address = address;
    const template = /** @type {HTMLTemplateElement} */ (panel.querySelector("#comment-names-template"));
    this.list = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    this.said = /** @type {HTMLElement} */ (panel.querySelector("#comment-names-said"));
    panel.addEventListener("input", (event) => this.#look(event.target));
    panel.addEventListener("click", (event) => this.#look(event.target));
    panel.addEventListener("keyup", (event) => /^(Arrow(Left|Right)|Home|End)$/.test(event.key) && this.#look(event.target));
    panel.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    panel.addEventListener("focusout", () => this.#close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      event.stopPropagation();
      const option = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[role='option']"));
      if (option) this.#take(option);
    });
  }

  get #options() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("[role='option']")]);
  }

  get #chosen() {
    return this.#options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  }

  // What is typed -----------------------------------------------------------------------------------------------------

  /** @param {EventTarget | null} target */
  #look(target) {
    if (!(target instanceof HTMLTextAreaElement)) return;
    const caret = target.selectionEnd;
    const found = caret === target.selectionStart ? BEGUN.exec(target.value.slice(0, caret)) : null;
    this.#field = target;
    this.#begun = found && { at: caret - found[1].length - 1, text: found[1] };
    if (this.#begun?.at !== this.#refused) this.#refused = -1;
    clearTimeout(this.#timer);
    if (!this.#begun || this.#refused >= 0 || (this.#nobody !== null && this.#begun.text.startsWith(this.#nobody))) return this.#close();
    this.#timer = setTimeout(() => this.#ask(), AFTER);
  }

  async #ask() {
    const [field, begun] = [this.#field, this.#begun];
    if (!field || !begun) return;
    try {
      const response = await fetch(`${this.address}?${new URLSearchParams({ q: begun.text })}`);
      if (!response.ok || response.redirected) return this.#close();
      const html = await response.text();
      if (begun === this.#begun && document.activeElement === field) this.#show(field, begun.text, html);
    } catch {
      this.#close(); // a comment can be written without
    }
  }

  /** @param {HTMLTextAreaElement} field @param {string} typed @param {string} html */
  #show(field, typed, html) {
    this.list.innerHTML = html;
    const names = this.#options.map(nameOf);
    if (!names.length) this.#nobody = typed;
    if (!names.length || (names.length === 1 && names[0].toLowerCase() === typed.toLowerCase())) return this.#close();
    if (field.nextElementSibling !== this.list) field.after(this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-controls", this.list.id);
    this.#choose(0);
    const words = ngettext("%(count)s name. Enter takes it over.", "%(count)s names. Arrow keys choose, Enter takes one over.", names.length);
    this.said.textContent = format(words, { count: names.length });
  }

  #close() {
    clearTimeout(this.#timer);
    this.#begun = null;
    if (!this.list.isConnected) return;
    this.list.remove();
    this.said.textContent = "";
    for (const name of ["aria-autocomplete", "aria-haspopup", "aria-controls", "aria-activedescendant"]) this.#field?.removeAttribute(name);
  }

  // What is chosen ----------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.list.isConnected || event.target !== this.#field || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const all = this.#options;
    const act = {
      ArrowDown: () => this.#choose((this.#chosen + 1) % all.length),
      ArrowUp: () => this.#choose((this.#chosen - 1 + all.length) % all.length),
      Enter: () => this.#take(all[this.#chosen]),
      Tab: () => this.#take(all[this.#chosen]),
      Escape: () => {
        this.#refused = this.#begun?.at ?? -1;
        this.#close();
      },
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {number} number */
  #choose(number) {
    this.#options.forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    const chosen = this.#options[number];
    this.#field?.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLElement} option */
  #take(option) {
    const [field, begun] = [this.#field, this.#begun];
    if (!field || !begun) return;
    this.#refused = begun.at; // a name of which another's is the beginning is not offered again
    this.#close();
    const end = field.selectionEnd;
    const blank = /^\s/.test(field.value.slice(end)) ? "" : " ";
    field.setRangeText(`@${nameOf(option)}${blank}`, begun.at, end, "end");
    field.focus();
  }
}

/** @param {HTMLElement} option */
const nameOf = (option) => option.textContent?.trim() ?? "";
