/** The words of the page in the order of time: which one is spoken now, and marking it. */

const HOLD = 0.6;
/** Seconds for which the last word of a passage stays marked after its end. */

export class Words {
  /** @type {HTMLElement[]} */
  #words = [];
  #starts = new Float64Array();
  /** @type {HTMLElement | null} */
  #marked = null;
  #highlight = "highlights" in CSS ? new Highlight() : null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    if (this.#highlight) CSS.highlights.set("spoken", this.#highlight);
    this.read();
  }

  /** Call after text was added. */
  read() {
    this.#words = [...this.root.querySelectorAll("span[data-start]")].map((word) => /** @type {HTMLElement} */ (word));
    this.#starts = Float64Array.from(this.#words, (word) => Number(word.dataset.start));
  }

  /** The word spoken at a time, or null in a pause and where no text is loaded. @param {number} time seconds */
  at(time) {
    const word = this.#words[this.#lastBefore(time)] ?? null;
    const passage = /** @type {HTMLElement | null} */ (word?.closest(".seg") ?? null);
    return passage && time <= Number(passage.dataset.end) + HOLD ? word : null;
  }

  /** Binary search: index of the last word that has begun, -1 before the first. @param {number} time */
  #lastBefore(time) {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= time + 0.01) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Mark one word, or none. Returns whether that changed anything. @param {HTMLElement | null} word */
  mark(word) {
    if (word === this.#marked) return false;
    if (this.#highlight) {
      this.#highlight.clear();
      if (word?.firstChild) {
        const range = new Range();
        range.selectNodeContents(word);
        this.#highlight.add(range);
      }
    } else {
      this.#marked?.classList.remove("spoken");
      word?.classList.add("spoken");
    }
    this.#markPassage(word);
    this.#marked = word;
    return true;
  }

  /** @param {HTMLElement | null} word */
  #markPassage(word) {
    const passage = word?.closest(".seg");
    const before = this.#marked?.closest(".seg");
    if (!passage || passage === before) return;
    this.root.querySelector(".seg.current")?.classList.remove("current");
    passage.classList.add("current");
  }

  /** The next word marked as doubtful after (or before) a place. @param {Node | null} place @param {1 | -1} step @param {string} selector */
  doubtful(place, step, selector) {
    const all = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(selector)]);
    if (!place) return (step > 0 ? all[0] : all.at(-1)) ?? null;
    const wanted = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
    if (step < 0) all.reverse();
    return all.find((word) => place.compareDocumentPosition(word) & wanted) ?? null;
  }
}
