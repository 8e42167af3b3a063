/** The passages of the page: found, drawn anew from the server's markup, put in their order. */

export class Rows {
  /**
   * @param {HTMLElement} root the transcript
   * @param {(row: HTMLElement) => boolean} isOpen whether somebody types in it: it is left alone
   * @param {() => void} changed called when text has changed
   */
  constructor(root, isOpen, changed) {
    this.root = root;
    this.isOpen = isOpen;
    this.changed = changed;
  }

  /** @param {number} index @returns {HTMLElement | null} */
  find(index) {
    return document.getElementById(`s${index}`);
  }

  /** @param {Element | null | undefined} element @returns {HTMLElement | null} */
  around(element) {
    return /** @type {HTMLElement | null} */ (element?.closest(".seg") ?? null);
  }

  /** The passage that has the focus, else the one being played. */
  current() {
    return this.around(document.activeElement) ?? /** @type {HTMLElement | null} */ (this.root.querySelector(".seg.current"));
  }

  /** Its neighbour in the loaded text. @param {HTMLElement} row @param {1 | -1} step @returns {HTMLElement | null} */
  beside(row, step) {
    const all = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".seg")]);
    return all[all.indexOf(row) + step] ?? null;
  }

  /** What the server says has changed. @param {{rows: {index: number, rank: number, html: string}[], removed: number[]}} changes */
  update({ rows, removed }) {
    const active = this.around(document.activeElement)?.id;
    const parts = new Set(removed.map((index) => this.#remove(index)));
    for (const row of rows) parts.add(this.#put(row));
    for (const part of parts) if (part) markTurns(part);
    if (active && !document.activeElement?.closest(".seg")) focusOn(document.getElementById(active));
    this.changed();
  }

  /** Returns the part that it was in, if that is loaded. @param {number} index */
  #remove(index) {
    const row = this.find(index);
    const part = row?.closest(".part");
    if (!row) return null;
    if (this.isOpen(row)) row.dataset.gone = "";
    else row.remove();
    return part;
  }

  /** Returns the part that it is in, if that is loaded. @param {{index: number, rank: number, html: string}} row */
  #put({ index, rank, html }) {
    const old = this.find(index);
    if (old && this.isOpen(old)) {
      copyData(old, drawn(html));
      return old.closest(".part");
    }
    const row = drawn(html);
    if (old) {
      row.classList.toggle("current", old.classList.contains("current"));
      old.replaceWith(row);
      return row.closest(".part");
    }
    const list = this.#partOf(rank);
    if (!list?.matches("ol")) return null; // not loaded: it will come with its part
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

/** A passage that is being typed in keeps its field, and learns what it is now. @param {HTMLElement} row @param {HTMLElement} now */
function copyData(row, now) {
  Object.assign(row.dataset, now.dataset);
  const text = row.querySelector(".seg-text");
  const newer = now.querySelector(".seg-text");
  if (text && newer) text.replaceWith(newer);
}

/** A speaker's name stands above the first passage of a turn. @param {Element} part */
export function markTurns(part) {
  let before = "";
  for (const row of /** @type {Iterable<HTMLElement>} */ (part.children)) {
    row.classList.toggle("goes-on", Boolean(row.dataset.speaker) && row.dataset.speaker === before);
    before = row.dataset.speaker ?? "";
  }
}

/** The text as the page shows it. @param {HTMLElement} row */
export function textOf(row) {
  return (row.querySelector(".seg-text")?.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** Passages take the focus only by script: they are many. @param {HTMLElement | null} row */
export function focusOn(row) {
  if (!row) return;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
