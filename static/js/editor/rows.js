/** The passages of the page: found, drawn anew from the server's markup, put in their order. */

export class Rows {
  /** Passages that show something else, as the server has them; null for those that are gone. @type {Map<number, {index: number, rank: number, html: string, isOld?: boolean} | null>} */
  #withheld = new Map();
  /** When passages begin that were changed while their part was not loaded. @type {Map<number, number>} */
  #elsewhere = new Map();
  /** @type {Map<number, string>} of speakers, by number */
  #names = new Map();

  /**
   * @param {HTMLElement} root the transcript
   * @param {(index: number) => boolean} isHeld whether it shows what the server does not have yet: it is left alone
   * @param {() => void} changed called when text has changed
   */
  constructor(root, isHeld, changed) {
    this.root = root;
    this.isHeld = isHeld;
    this.changed = changed;
  }

  /** @param {number} index @returns {HTMLElement | null} */
  find(index) {
    return document.getElementById(`s${index}`);
  }

  /** When it begins, where it was changed and is not loaded. @param {number} index */
  awayAt(index) {
    return this.find(index) ? undefined : this.#elsewhere.get(index);
  }

  /** @param {Element | null | undefined} element @returns {HTMLElement | null} */
  around(element) {
    return /** @type {HTMLElement | null} */ (element?.closest(".seg") ?? null);
  }

  /** The passage that has the focus, else the one being played. */
  current() {
    return this.around(document.activeElement) ?? /** @type {HTMLElement | null} */ (this.root.querySelector(".seg.current"));
  }

  /** What the server says has changed. @param {{rows: {index: number, rank: number, html: string}[], removed: number[]}} changes */
  update({ rows, removed }) {
    const active = this.around(document.activeElement)?.id;
    const parts = new Set(removed.map((index) => this.#remove(index)));
    for (const row of rows) parts.add(this.#put(row));
    for (const part of parts) if (part) markTurns(part);
    if (active && !document.activeElement?.closest(".seg")) focusOn(document.getElementById(active), { scroll: false }); // the reader may be elsewhere
    this.changed();
  }

  /** Call speakers by their present names, also above passages that came before. @param {Map<number, string>} names */
  name(names) {
    this.#names = names;
    for (const heading of this.root.querySelectorAll(".seg-speaker")) this.#head(/** @type {HTMLElement} */ (heading.closest(".seg")));
  }

  /** @param {HTMLElement} row */
  #head(row) {
    const heading = row.querySelector(".seg-speaker");
    const name = this.#names.get(Number(row.dataset.speaker)) ?? heading?.textContent;
    if (heading && heading.textContent !== name) heading.textContent = name ?? "";
  }

  /** Show one's own text in a passage until it is released. @param {HTMLElement} row @param {string} text */
  overlay(row, text) {
    const index = Number(row.dataset.index);
    if (!this.#withheld.has(index)) this.#withheld.set(index, { index, rank: Number(row.dataset.rank), html: markup(row), isOld: true });
    showText(/** @type {HTMLElement} */ (row.querySelector(".seg-text")), text);
  }

  /** Show what the server has since a moment ago, until the passage itself comes. @param {HTMLElement} row @param {string} text */
  saved(row, text) {
    const paragraph = /** @type {HTMLElement} */ (row.querySelector(".seg-text"));
    if (textOf(row) !== inLine(text)) showText(paragraph, inLine(text));
  }

  /** Show a passage as the server has it, now that nothing of one's own is left in it. @param {number} index @param {string} [saved] the text that the server has now */
  release(index, saved) {
    const row = this.#withheld.get(index);
    if (row?.isOld && saved !== undefined && textOf(drawn(row.html)) !== inLine(saved)) this.#withheld.delete(index); // the next look brings it
    else if (row !== undefined && !this.isHeld(index)) {
      this.#withheld.delete(index);
      this.update({ rows: row ? [row] : [], removed: row ? [] : [index] });
    }
  }

  /** Returns the part that it was in, if that is loaded. @param {number} index */
  #remove(index) {
    const row = this.find(index);
    if (row && this.isHeld(index)) {
      this.#withheld.set(index, null);
      return null;
    }
    this.#withheld.delete(index);
    const part = row?.closest(".part");
    row?.remove();
    return part;
  }

  /** Returns the part that it is in, if that is loaded. @param {{index: number, rank: number, html: string}} row */
  #put({ index, rank, html }) {
    const old = this.find(index);
    const row = drawn(html);
    this.#head(row); // it may have been withheld while its speaker got another name
    if (old && this.isHeld(index)) {
      this.#withheld.set(index, { index, rank, html });
      return null;
    }
    this.#withheld.delete(index);
    if (old) {
      row.classList.toggle("current", old.classList.contains("current"));
      old.replaceWith(row);
      return row.closest(".part");
    }
    const list = this.#partOf(rank);
    if (!list?.matches("ol")) {
      this.#elsewhere.set(index, Number(row.dataset.start)); // it will come with its part
      return null;
    }
    const following = [...list.children].find((each) => Number(/** @type {HTMLElement} */ (each).dataset.rank) > rank);
    list.insertBefore(row, following ?? null);
    return list;
  }

  /** @param {number} rank */
  #partOf(rank) {
    const parts = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".part")]);
    return parts.findLast((part) => Number(part.dataset.rank) <= rank) ?? parts[0];
  }
}

/** @param {string} html */
function drawn(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return /** @type {HTMLElement} */ (holder.content.querySelector(".seg"));
}

/** Until it is drawn anew, nothing is known of when its words are spoken. @param {HTMLElement} paragraph @param {string} text */
function showText(paragraph, text) {
  delete paragraph.dataset.words;
  delete paragraph.dataset.split;
  paragraph.textContent = text;
}

/** Without what a correction has put into it. @param {HTMLElement} row */
function markup(row) {
  const copy = /** @type {HTMLElement} */ (row.cloneNode(true));
  copy.classList.remove("editing");
  for (const own of copy.querySelectorAll(".seg-field, .conflict, [data-proposal]")) own.remove();
  return copy.outerHTML;
}

/** A speaker's name stands above the first passage of a turn. @param {Element} part */
export function markTurns(part) {
  let before = "";
  for (const row of /** @type {Iterable<HTMLElement>} */ (part.children)) {
    row.classList.toggle("goes-on", Boolean(row.dataset.speaker) && row.dataset.speaker === before);
    before = row.dataset.speaker ?? "";
  }
}

/** The passage above or below; null where none is loaded. @param {Element} row @param {1 | -1} step @returns {HTMLElement | null} */
export function beside(row, step) {
  const next = (/** @type {Element | null | undefined} */ each) => (step > 0 ? each?.nextElementSibling : each?.previousElementSibling);
  let found = next(row);
  for (let part = row.closest(".part"); part && !found; ) {
    part = next(part) ?? null;
    if (!part?.matches("ol")) return null;
    found = step > 0 ? part.firstElementChild : part.lastElementChild;
  }
  return /** @type {HTMLElement | null} */ (found ?? null);
}

/** As the server keeps a text. @param {string} text */
export const inLine = (text) => text.replace(/\s+/g, " ").trim();

/** The text as the page shows it. @param {HTMLElement} row */
export function textOf(row) {
  return inLine(row.querySelector(".seg-text")?.textContent ?? "");
}

/** Passages take the focus only by script: they are many. @param {HTMLElement | null} row @param {{scroll?: boolean}} [options] */
export function focusOn(row, { scroll = true } = {}) {
  if (!row) return;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  if (scroll) row.scrollIntoView({ block: "nearest" });
}
