/** What is said, on a page to read: final lines, the open one after them, and following the end while it is in sight. */
import { clock } from "../format.js";

const NEAR = 160;

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class CaptionLog {
  #log = find("#said");
  #open = find("#open");
  #toLive = find("#to-live");
  #isNear = true;
  #isLive;

  /** @param {{live?: boolean, most?: number}} [options] whether more comes, and how many lines are kept in the page */
  constructor({ live = true, most = Infinity } = {}) {
    this.#isLive = live;
    this.most = most;
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    addEventListener("resize", () => this.follow());
    this.#toLive.addEventListener("click", () => {
      this.#isNear = true;
      this.#toLive.hidden = true;
      this.#scrollToEnd();
      this.#log.focus({ preventScroll: true });
    });
  }

  /** From here on more comes. */
  begin() {
    this.#isLive = true;
    this.#isNear = true;
    this.follow();
  }

  /** The text as it stands in the page. @param {import("./reader.js").Segment} segment */
  addFinal(segment) {
    const template = /** @type {HTMLTemplateElement} */ (find("#said-template"));
    const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    row.dataset.index = String(segment.index);
    /** @type {HTMLElement} */ (row.querySelector(".said-time")).textContent = clock(segment.start);
    const words = /** @type {HTMLElement} */ (row.querySelector("p"));
    words.textContent = segment.text.trim();
    if (segment.language) words.lang = segment.language;
    if (segment.index >= Number(this.#open.dataset.index ?? -1)) this.clearPartial();
    this.#log.append(row);
    while (this.#log.childElementCount > this.most) this.#log.firstElementChild?.remove();
    this.#changed();
    return words.textContent;
  }

  /** @param {import("./reader.js").Partial} partial */
  showPartial(partial) {
    this.#open.dataset.index = String(partial.index);
    find("#open-time").textContent = clock(partial.start);
    find("#stable").textContent = partial.stable.trimStart();
    find("#unstable").textContent = partial.stable ? partial.unstable : partial.unstable.trimStart();
    this.#open.hidden = !(partial.stable + partial.unstable).trim();
    this.#changed();
  }

  clearPartial() {
    delete this.#open.dataset.index;
    this.#open.hidden = true;
  }

  /** Keep the end in sight, if it was. */
  follow() {
    if (this.#isNear && this.#isLive) this.#scrollToEnd();
  }

  /** Nothing more comes. */
  end() {
    this.clearPartial();
    document.querySelector("#empty")?.remove();
    this.#toLive.hidden = true;
    this.follow();
    this.#isLive = false;
  }

  #changed() {
    const empty = document.querySelector("#empty");
    if (empty && (this.#log.childElementCount || !this.#open.hidden)) empty.remove();
    this.follow();
  }

  #scrolled() {
    this.#isNear = innerHeight + scrollY > document.documentElement.scrollHeight - NEAR;
    this.#toLive.hidden = this.#isNear || !this.#isLive;
  }

  #scrollToEnd() {
    scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  }
}
