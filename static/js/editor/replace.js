/** Find and replace: nothing is replaced that was not shown before; each place can be left out. */
import { clock } from "../format.js";
import { format, gettext, ngettext } from "../i18n.js";

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));
const WAIT = 250;

export class Replace {
  /** @type {any[]} */
  #found = [];
  #asked = 0;
  /** What the list shows, as JSON. */
  #drawn = "";
  /** What was looked for. @type {Record<string, unknown>} */
  #search = {};
  /** Until somebody says what to put in place, what is found is shown as it is, not as taken out. */
  #isWritten = false;
  #isReplacing = false;

  /**
   * @param {import("./edits.js").Edits} edits
   * @param {{go: (time: number) => void, flush: () => Promise<unknown>, edit: (edit: object) => Promise<any>, said: (text: string) => void}} page
   */
  constructor(edits, page) {
    this.edits = edits;
    this.page = page;
    this.form = /** @type {HTMLFormElement} */ (find("#replace-form"));
    this.list = /** @type {HTMLElement} */ (find("#replace-found"));
    this.tab = /** @type {HTMLElement} */ (find("#tab-replace"));
    this.form.addEventListener("input", (event) => {
      if (event.target === find("#replace-by")) this.#isWritten = true;
      this.#lookSoon();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#isReplacing) return; // what is pressed twice is meant once
      this.#isReplacing = true;
      this.#replace().finally(() => (this.#isReplacing = false));
    });
    this.list.addEventListener("click", (event) => {
      const place = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-go]"));
      if (place) this.page.go(Number(place.dataset.go));
    });
    this.list.addEventListener("change", () => this.#count());
    this.tab.addEventListener("shown", () => this.look());
  }

  #lookSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), WAIT);
  }

  /** By whomever: what is shown may be gone, or have another text. */
  textChanged() {
    if (this.tab.offsetParent && find("#replace-search").value.trim()) this.#lookSoon();
  }

  get #wanted() {
    return {
      search: find("#replace-search").value,
      ...(this.#isWritten && { replacement: find("#replace-by").value }),
      match_case: find("#replace-case").checked,
      whole_words: find("#replace-words").checked,
    };
  }

  /** Show what is found. */
  async look() {
    clearTimeout(this.timer);
    const asked = ++this.#asked;
    const wanted = this.#wanted;
    const found = await this.#find(wanted);
    if (asked !== this.#asked) return;
    const left = placesOf(this.#search) === placesOf(wanted) ? this.#leftOut : new Set();
    this.#search = wanted;
    this.#found = found.results;
    const drawn = JSON.stringify(found, (key, value) => (key === "revision" ? undefined : value));
    if (drawn === this.#drawn) return; // what has the focus in it keeps it
    this.#drawn = drawn;
    this.#show(found, left);
  }

  /** @param {{search: string}} search @returns {Promise<{results: any[], has_more?: boolean, message?: string}>} */
  async #find(search) {
    if (!search.search.trim()) return { results: [] };
    try {
      const found = await this.edits.find(search);
      return found.results.length ? found : { results: [], message: gettext("Nothing found.") };
    } catch (error) {
      return { results: [], message: /** @type {Error} */ (error).message };
    }
  }

  /** @param {{results: any[], has_more?: boolean, message?: string}} found @param {Set<string>} left out before */
  #show({ results, has_more: hasMore = false, message = "" }, left) {
    find("#replace-more").hidden = !hasMore;
    const template = /** @type {HTMLTemplateElement} */ (find("#found-template"));
    this.list.replaceChildren(
      ...results.map((each, number) => {
        const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
        const box = /** @type {HTMLInputElement} */ (item.querySelector("input"));
        box.value = String(number);
        box.checked = !left.has(sameAs(each));
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

  /** What the person wants to keep as it is, while it stays as it is. */
  get #leftOut() {
    const chosen = new Set(this.#chosen);
    return new Set(this.#found.filter((each) => !chosen.has(each)).map(sameAs));
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
    const words = this.#wanted.replacement === "" ? gettext("%(places)s in %(passages)s, to be taken out") : gettext("%(places)s in %(passages)s");
    find("#replace-count").textContent = message || (this.#found.length ? format(words, { places: found, passages: where }) : "");
    find("#replace-all").disabled = !chosen.length;
  }

  async #replace() {
    this.#isWritten = true; // nothing in place of it is meant, too
    await this.page.flush();
    const seen = this.#drawn;
    await this.look();
    if (this.#drawn !== seen) return; // something else than was seen: now it is
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

/** By what places are found: they stay the same whatever is put there. @param {Record<string, unknown>} search */
const placesOf = ({ search, match_case: matchCase, whole_words: wholeWords }) => JSON.stringify([search, matchCase, wholeWords]);

/** What tells a found passage that was left out from the same one with other text. @param {{index: number, text: string}} found */
const sameAs = ({ index, text }) => `${index} ${text}`;

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
