/** Find and replace: what would change is shown first; each place can be left out. */
import { clock } from "../format.js";
import { format, gettext, ngettext } from "../i18n.js";

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));
const WAIT = 250;

export class Replace {
  /** @type {any[]} */
  #found = [];
  #asked = 0;

  /**
   * @param {import("./edits.js").Edits} edits
   * @param {{go: (time: number) => void, edit: (edit: object) => Promise<any>, said: (text: string) => void}} page
   */
  constructor(edits, page) {
    this.edits = edits;
    this.page = page;
    this.form = /** @type {HTMLFormElement} */ (find("#replace-form"));
    this.list = /** @type {HTMLElement} */ (find("#replace-found"));
    this.form.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), WAIT);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#replace();
    });
    this.list.addEventListener("click", (event) => {
      const place = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-go]"));
      if (place) this.page.go(Number(place.dataset.go));
    });
    this.list.addEventListener("change", () => this.#count());
    find("#tab-replace").addEventListener("shown", () => this.look());
  }

  get #search() {
    return {
      search: find("#replace-search").value,
      replacement: find("#replace-by").value,
      match_case: find("#replace-case").checked,
      whole_words: find("#replace-words").checked,
    };
  }

  /** Show what is found. */
  async look() {
    const asked = ++this.#asked;
    const search = this.#search;
    if (!search.search.trim()) return this.#show([], "");
    try {
      const { results } = await this.edits.find(search);
      if (asked === this.#asked) this.#show(results, results.length ? "" : gettext("Nothing found."));
    } catch (error) {
      if (asked === this.#asked) this.#show([], /** @type {Error} */ (error).message);
    }
  }

  /** @param {any[]} results @param {string} message */
  #show(results, message) {
    this.#found = results;
    const template = /** @type {HTMLTemplateElement} */ (find("#found-template"));
    this.list.replaceChildren(
      ...results.map((each, number) => {
        const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
        const box = /** @type {HTMLInputElement} */ (item.querySelector("input"));
        box.value = String(number);
        const button = /** @type {HTMLElement} */ (item.querySelector("[data-go]"));
        button.dataset.go = each.start;
        /** @type {HTMLElement} */ (button.querySelector(".found-time")).textContent = clock(each.start);
        /** @type {HTMLElement} */ (button.querySelector(".found-text")).append(...preview(each.parts));
        box.setAttribute("aria-label", format(gettext("Replace in the passage at %(time)s"), { time: clock(each.start) }));
        return item;
      }),
    );
    this.#count(message);
  }

  get #chosen() {
    return [...this.list.querySelectorAll("input:checked")].map((box) => this.#found[Number(/** @type {HTMLInputElement} */ (box).value)]);
  }

  /** @param {string} [message] */
  #count(message = "") {
    const chosen = this.#chosen;
    const places = chosen.reduce((sum, each) => sum + each.count, 0);
    const found = format(ngettext("%(count)s place", "%(count)s places", places), { count: places });
    const where = format(ngettext("%(count)s passage", "%(count)s passages", chosen.length), { count: chosen.length });
    find("#replace-count").textContent = message || (this.#found.length ? format(gettext("%(places)s in %(passages)s"), { places: found, passages: where }) : "");
    find("#replace-all").disabled = !chosen.length;
  }

  async #replace() {
    const chosen = this.#chosen;
    if (!chosen.length) return;
    const places = chosen.reduce((sum, each) => sum + each.count, 0);
    const segments = chosen.map(({ index, revision }) => ({ index, revision }));
    const done = await this.page.edit({ kind: "replace", ...this.#search, segments });
    if (done) this.page.said(format(ngettext("Replaced in %(count)s place. Undo takes it back.", "Replaced in %(count)s places. Undo takes it back.", places), { count: places }));
    await this.look();
  }
}

const BEFORE = 40;

/** The new text around what is new. @param {{text: string, is_new: boolean}[]} parts */
function preview(parts) {
  return parts.map(({ text, is_new: isNew }, number) => {
    if (!isNew) return near(text, number > 0, number < parts.length - 1);
    const mark = document.createElement("mark");
    mark.textContent = text || "⌫";
    return mark;
  });
}

/** What stands next to the places before and behind it, cut between words where there are any. @param {string} text @param {boolean} isBehind @param {boolean} isBefore */
function near(text, isBehind, isBefore) {
  if (text.length <= BEFORE * (Number(isBehind) + Number(isBefore)) + 3) return text;
  const begin = isBehind ? text.slice(0, BEFORE) : "";
  const end = isBefore ? text.slice(-BEFORE) : "";
  return `${begin.replace(/\S*$/, "") || begin}…${end.replace(/^\S*/, "") || end}`;
}
