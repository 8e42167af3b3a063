/** The words of the page in the order of time: which one is spoken now, and marking it. */

const HOLD = 0.6;
/** Seconds for which the last word of a passage stays marked after its end. */

export class Words {
  /** @type {HTMLElement[]} passages that are loaded */
  #passages = [];
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

  /** Call after text was added or changed. Words are looked at only where they are needed: there may be 90,000. */
  read() {
    this.#passages = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".seg")]);
    this.#starts = Float64Array.from(this.#passages, (passage) => Number(passage.dataset.start));
  }

  /** The word spoken at a time, or null in a pause and where no text is loaded. @param {number} time seconds */
  at(time) {
    const passage = this.#passages[lastBefore(this.#starts, time)];
    if (!passage || time > Number(passage.dataset.end) + HOLD) return null;
    const words = /** @type {HTMLElement[]} */ ([...passage.querySelectorAll("span[data-start]")]);
    return words[lastBefore(words.map((word) => Number(word.dataset.start)), time)] ?? null;
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

/** Binary search: index of the last that has begun, -1 before the first. @param {ArrayLike<number>} starts @param {number} time */
function lastBefore(starts, time) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= time + 0.01) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
