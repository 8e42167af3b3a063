/**
 * A long transcript comes in parts of 200 passages. The page holds every part's place; its text is fetched when the
 * place comes near, or when something in it is wanted.
 */

import { markTurns } from "./editor/rows.js";

const NEAR = "3000px";
const STAYS = 100;
/** Milliseconds for which a place must be near: a jump to the end passes by all of them. */

export class Parts {
  /** @type {Map<Element, Promise<void>>} */
  #coming = new Map();
  /** @type {Map<Element, ReturnType<typeof setTimeout>>} */
  #near = new Map();

  /**
   * @param {HTMLElement} root the transcript
   * @param {() => void} changed called after text was added
   */
  constructor(root, changed) {
    this.root = root;
    this.url = root.dataset.segmentsUrl ?? "";
    this.changed = changed;
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#passed(target, isIntersecting);
    }, { rootMargin: NEAR });
    for (const away of root.querySelectorAll(".part-away")) this.observer.observe(away);
    root.addEventListener("click", (event) => {
      const away = /** @type {Element} */ (event.target).closest(".part-away");
      if (!away) return;
      event.preventDefault();
      this.load(away).catch(() => {});
    });
  }

  /** @param {Element} away @param {boolean} isNear */
  #passed(away, isNear) {
    clearTimeout(this.#near.get(away));
    if (isNear) this.#near.set(away, setTimeout(() => this.load(away).catch(() => {}), STAYS));
    else this.#near.delete(away);
  }

  /** Fill a part's place. @param {Element} away */
  load(away) {
    const running = this.#coming.get(away) ?? this.#fill(/** @type {HTMLElement} */ (away));
    this.#coming.set(away, running);
    return running.finally(() => this.#coming.delete(away));
  }

  /** @param {HTMLElement} away */
  async #fill(away) {
    if (!away.isConnected) return;
    const { part = "", rank = "", start = "" } = away.dataset;
    const behind = /** @type {HTMLElement | null} */ (away.nextElementSibling);
    const until = behind?.matches(".part") ? `&until=${behind.dataset.rank}` : "";
    const html = await this.#fetch(`from=${rank}${until}`);
    const list = this.#list(part, start, rank);
    list.innerHTML = html;
    markTurns(list);
    this.observer.unobserve(away);
    clearTimeout(this.#near.get(away));
    this.#near.delete(away);
    const isAbove = away.getBoundingClientRect().bottom < 0;
    const before = document.documentElement.scrollHeight;
    away.replaceWith(list);
    // What is being read must not move. Safari does not see to that by itself.
    if (isAbove && !CSS.supports("overflow-anchor", "auto")) scrollBy(0, document.documentElement.scrollHeight - before);
    this.changed();
  }

  /** @param {string} part @param {string} start @param {string} rank */
  #list(part, start, rank) {
    const list = document.createElement("ol");
    list.className = "part";
    list.dataset.part = part;
    list.dataset.start = start;
    list.dataset.rank = rank;
    return list;
  }

  /** @param {string} query */
  async #fetch(query) {
    const response = await fetch(`${this.url}?${query}`);
    if (response.redirected) location.reload(); // signed out
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    this.#keepVersion(response.headers.get("X-Transcript-Version") ?? "0");
    this.#keepRevision(Number(response.headers.get("X-Transcript-Revision") ?? NaN));
    return response.text();
  }

  /** Passages of two versions must not mix. @param {string} version */
  #keepVersion(version) {
    const { dataset } = this.root;
    if (dataset.version === "0") dataset.version = version;
    else if (dataset.version !== version) location.reload();
  }

  /** What came may be older than what the page was told meanwhile: then it asks again. @param {number} revision */
  #keepRevision(revision) {
    const { dataset } = this.root;
    if (revision < Number(dataset.revision)) dataset.revision = String(revision);
  }

  /** The part that holds a time, loaded. @param {number} time seconds */
  async reach(time) {
    const parts = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".part")]);
    const part = parts.findLast((each) => Number(each.dataset.start) <= time) ?? parts[0];
    if (part?.matches(".part-away")) await this.load(part);
  }

  /** The part before or after the loaded text around an element; false if there is none. @param {Element} element @param {1 | -1} step */
  async reachBeside(element, step) {
    const part = element.closest(".part");
    const beside = step > 0 ? part?.nextElementSibling : part?.previousElementSibling;
    if (beside?.matches(".part-away")) await this.load(beside);
    return Boolean(beside?.matches(".part"));
  }

  /** Add what was written since: at the end, leaving all else as it is. Returns how many passages came. */
  async append() {
    const last = this.root.querySelector(".part:last-child");
    if (last?.matches(".part-away")) await this.load(last);
    const index = /** @type {HTMLElement | undefined} */ ([...this.root.querySelectorAll(".seg")].at(-1))?.dataset.index ?? "-1";
    const html = await this.#fetch(`after=${index}`);
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const rows = [...holder.content.querySelectorAll(".seg")];
    if (!rows.length) return 0;
    for (const row of rows) row.classList.add("seg-new");
    const list = this.root.querySelector("ol.part:last-child") ?? this.root.appendChild(this.#list("0", "0", "0"));
    list.append(...rows);
    this.changed();
    return rows.length;
  }
}
