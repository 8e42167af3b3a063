/**
 * The words of the page in the order of time: which one is spoken now, and marking it. A passage comes as text, which
 * tells when each of its words begins; elements are made of them only while somebody points at it or it is spoken.
 * Ninety thousand elements would take more memory than a page should, and a part of them longer than a frame to lay out.
 */

const HOLD = 0.6;
/** Seconds for which the last word of a passage stays marked after its end. */

/** @typedef {{passage: Element, time: number}} Place from which is looked on: a passage, and a time in it, in seconds */

export class Words {
  /** @type {HTMLElement[]} passages that are loaded */
  #passages = [];
  #starts = new Float64Array();
  /** @type {HTMLElement | null} */
  #marked = null;
  /** @type {HTMLElement | null} the passage that the pointer was over last */
  #pointed = null;
  #highlight = "highlights" in CSS ? new Highlight() : null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    if (this.#highlight) CSS.highlights.set("spoken", this.#highlight);
    this.read();
  }

  /** Let words be pressed. Nothing is touched while text is being selected. @param {PointerEvent} event */
  pointedAt(event) {
    const passage = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".seg"));
    if (!passage) return;
    if ((event.pointerType === "mouse" && event.buttons > 0) || getSelection()?.isCollapsed === false) return;
    if (this.#pointed && this.#pointed !== passage && !this.#pointed.classList.contains("current")) join(this.#pointed);
    this.#pointed = passage;
    split(passage);
  }

  /** Call after text was added or changed. Words are looked at only where they are needed: there may be 90,000. */
  read() {
    this.#passages = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".seg")]);
    this.#starts = Float64Array.from(this.#passages, (passage) => Number(passage.getAttribute("data-start")));
  }

  /** The word spoken at a time, or null in a pause and where no text is loaded. @param {number} time seconds */
  at(time) {
    const passage = this.#passages[lastBefore(this.#starts, time)];
    if (!passage || time > Number(passage.dataset.end) + HOLD) return null;
    split(passage);
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
    if (!passage || passage.classList.contains("current")) return;
    const before = /** @type {HTMLElement | null} */ (this.root.querySelector(".seg.current"));
    before?.classList.remove("current");
    if (before && before !== this.#pointed) join(before);
    passage.classList.add("current");
  }

  /** The next word of a part marked as doubtful, after (or before) a place. @param {Element | null} part @param {Place | null} place @param {1 | -1} step @param {string} selector */
  doubtful(part, place, step, selector) {
    const all = /** @type {HTMLElement[]} */ ([...(part?.querySelectorAll(selector) ?? [])]);
    if (step < 0) all.reverse();
    return all.find((word) => !place || isBeyond(word, place, step)) ?? null;
  }
}

/** @param {HTMLElement} word @param {Place} place @param {1 | -1} step */
function isBeyond(word, { passage, time }, step) {
  if (passage.contains(word)) return (Number(word.dataset.start) - time) * step > 0;
  const wanted = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  return Boolean(passage.compareDocumentPosition(word) & wanted);
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

/** Make an element of each word. The text tells them as `start,length`; between two there may be a space. @param {HTMLElement} passage */
function split(passage) {
  const text = /** @type {HTMLElement | null} */ (passage.querySelector(".seg-text[data-words]"));
  if (!text || "split" in text.dataset) return;
  const said = text.textContent ?? "";
  const doubts = [...text.querySelectorAll("span")]; // elements already, and stay the same
  /** @type {(string | Element)[]} */
  const parts = [];
  let at = 0;
  for (const word of (text.dataset.words ?? "").split(" ")) {
    const [start, length] = word.split(",");
    if (said[at] === " ") parts.push(said[at++]);
    const spoken = said.slice(at, at + Number(length));
    const isDoubtful = doubts[0]?.dataset.start === start && doubts[0].textContent === spoken;
    const span = (isDoubtful && doubts.shift()) || Object.assign(document.createElement("span"), { textContent: spoken });
    span.dataset.start = start;
    parts.push(span);
    at += Number(length);
  }
  text.replaceChildren(...parts);
  text.dataset.split = "";
}

/** Text again. @param {HTMLElement} passage */
function join(passage) {
  const text = /** @type {HTMLElement | null} */ (passage.querySelector(".seg-text[data-split]"));
  if (!text) return;
  for (const span of text.querySelectorAll("span:not([class]), span[class='']")) span.replaceWith(...span.childNodes);
  text.normalize();
  delete text.dataset.split;
}
