/**
 * A long transcript comes in parts of 100 passages. The page holds every part's place; its text is fetched when the
 * place comes near, or when something in it is wanted. Of the parts that are near no more, those left last stay: what is
 * laid out of ten hours would take the browser a tenth of a second whenever it tidies up its memory.
 */

import { markTurns } from "./editor/rows.js";
import { clock } from "./format.js";
import { format, gettext } from "./i18n.js";
import { isTyping } from "./keys.js";
import { moveOn } from "./newer.js";
import { patience, withQuery } from "./server.js";

const NEAR = "3000px";
/** Milliseconds for which a place must be near: a jump to the end passes by all of them. */
const STAYS = 100;
/** Milliseconds after which a part that is near and could not be fetched is asked for again. */
const AGAIN = 3_000;
/** Parts whose text stays in the page: two hours and more of speech. */
const KEPT = 24;
/** Passages of a part, and at most of an answer, as the server has it: as many as are drawn in less than a frame is noticed. */
const LONG = 100;
const HEIGHT = "--height";

const asElement = (/** @type {Element | null | undefined} */ found) => /** @type {HTMLElement | null} */ (found ?? null);

export class Parts {
  /** @type {Map<Element, Promise<HTMLElement | null>>} */
  #coming = new Map();
  /** @type {Map<Element, ReturnType<typeof setTimeout>>} */
  #near = new Map();
  /** @type {Set<HTMLElement>} with their text, and near no more; the one left first comes first */
  #left = new Set();
  #isReloading = false;
  /** Whether the last thing that somebody did was to go to the end. */
  #isEndWanted = false;

  /**
   * @param {HTMLElement} root the transcript
   * @param {{changed: () => void, isNeeded: (list: HTMLElement) => boolean}} page
   *   `changed` is called after text was added or taken away; what is needed is not taken away
   */
  constructor(root, page) {
    this.root = root;
    this.url = root.dataset.segmentsUrl ?? "";
    this.page = page;
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#passed(/** @type {HTMLElement} */ (target), isIntersecting);
      if (this.#takeSomeAway()) this.page.changed();
    }, { rootMargin: NEAR });
    for (const part of root.querySelectorAll(".part")) this.observer.observe(part);
    document.addEventListener("keydown", (event) => (this.#isEndWanted = leadsToEnd(event)));
    document.addEventListener("scrollend", () => this.#isEndWanted && goToEnd()); // what was drawn on the way may be higher than its place
    for (const act of ["wheel", "pointerdown", "touchmove"]) document.addEventListener(act, () => (this.#isEndWanted = false), { passive: true });
    root.addEventListener("click", (event) => {
      const away = /** @type {Element} */ (event.target).closest(".part-away");
      if (!away) return;
      event.preventDefault();
      this.load(away).catch(() => {});
    });
  }

  /** @param {HTMLElement} part @param {boolean} isNear */
  #passed(part, isNear) {
    clearTimeout(this.#near.get(part));
    this.#near.delete(part);
    this.#left.delete(part);
    if (part.matches(".part-away")) isNear && this.#loadSoon(part, STAYS);
    else if (!isNear) this.#left.add(part);
  }

  /** @param {HTMLElement} away @param {number} wait milliseconds */
  #loadSoon(away, wait) {
    const load = () => this.load(away, true).catch(() => this.#near.has(away) && !this.#isReloading && this.#loadSoon(away, AGAIN));
    this.#near.set(away, setTimeout(load, wait));
  }

  /** Whether any went. Never the last: what is still being written comes behind it. No more are looked at than have to go: that takes a while. */
  #takeSomeAway() {
    const tooMany = this.root.querySelectorAll("ol.part").length - KEPT;
    let gone = 0;
    for (const each of this.#left) {
      if (gone >= tooMany) break;
      if (!each.isConnected || !each.nextElementSibling || this.page.isNeeded(each)) continue;
      this.#takeAway(each);
      gone += 1;
    }
    return gone > 0;
  }

  /** Its place stays, as high as it was. @param {HTMLElement} list */
  #takeAway(list) {
    const { part = "", start = "0", rank } = list.dataset;
    const away = document.createElement("div");
    away.classList.add("part", "part-away");
    Object.assign(away.dataset, { part, rank, start: asElement(list.querySelector(".seg"))?.dataset.start ?? start });
    const link = Object.assign(document.createElement("a"), { href: `?page=${part}`, lang: document.documentElement.lang });
    link.textContent = format(gettext("Read on at %(time)s"), { time: clock(Number(away.dataset.start)) });
    away.append(link);
    away.style.setProperty(HEIGHT, `${list.getBoundingClientRect().height}px`);
    this.#left.delete(list);
    this.observer.unobserve(list);
    list.replaceWith(away);
    this.observer.observe(away);
  }

  /** Fill a part's place. Null if it is no longer in the page. @param {Element} away @param {boolean} [isScrolledTo] not gone to for what is in it */
  load(away, isScrolledTo = false) {
    const running = this.#coming.get(away) ?? this.#fill(/** @type {HTMLElement} */ (away), isScrolledTo);
    this.#coming.set(away, running);
    return running.finally(() => this.#coming.delete(away));
  }

  /** @param {HTMLElement} away @param {boolean} isScrolledTo */
  async #fill(away, isScrolledTo) {
    if (!away.isConnected) return null;
    const { part = "", rank = "", start = "" } = away.dataset;
    const { html, revision } = await this.#fetch(extent(away));
    const list = this.#list(part, start, rank);
    list.innerHTML = html;
    markTurns(list);
    list.style.setProperty(HEIGHT, away.style.getPropertyValue(HEIGHT)); // until it is drawn
    this.observer.unobserve(away);
    clearTimeout(this.#near.get(away));
    this.#near.delete(away);
    this.#keepRevision(revision);
    this.#put(list, away, isScrolledTo);
    this.observer.observe(list);
    this.#takeSomeAway();
    this.page.changed();
    return list;
  }

  /** What is being read must not move; whoever went to the end gets to that of the text which comes there. @param {HTMLElement} list @param {HTMLElement} away @param {boolean} isScrolledTo */
  #put(list, away, isScrolledTo) {
    const page = document.documentElement;
    const before = page.scrollHeight;
    const isAbove = away.getBoundingClientRect().bottom < 0;
    const isAtEnd = isScrolledTo && (this.#isEndWanted || scrollY + innerHeight >= before - 1);
    away.replaceWith(list);
    if (isAtEnd) requestAnimationFrame(() => requestAnimationFrame(goToEnd)); // its height is known once it was drawn
    // Safari does not see to that by itself.
    if (isAbove && !CSS.supports("overflow-anchor", "auto")) scrollBy(0, page.scrollHeight - before);
  }

  /**
   * Fetch anew what is near or needed, and give back the rest: more has changed than is told one by one.
   * @param {(changes: {rows: {index: number, rank: number, html: string}[], removed: number[]}) => void} update
   */
  async renew(update) {
    for (const list of /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll("ol.part")])) {
      if (this.#left.has(list) && list.nextElementSibling && !this.page.isNeeded(list)) this.#takeAway(list);
      else if (list.isConnected) await this.#renew(list, update);
    }
    this.page.changed();
  }

  /** @param {HTMLElement} list @param {(changes: {rows: {index: number, rank: number, html: string}[], removed: number[]}) => void} update */
  async #renew(list, update) {
    const { html } = await this.#fetch(extent(list));
    const rows = passages(html).map((row) => ({ index: Number(row.dataset.index), rank: Number(row.dataset.rank), html: row.outerHTML }));
    const now = new Set(rows.map(({ index }) => index));
    const before = /** @type {HTMLElement[]} */ ([...list.children]).map((row) => Number(row.dataset.index));
    update({ rows, removed: before.filter((index) => !now.has(index)) });
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
    const response = await fetch(withQuery(this.url, query), { signal: patience() });
    if (response.redirected) this.#reload(signIn);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    this.#keepVersion(response.headers.get("X-Transcript-Version") ?? "0");
    this.#isReloading = false;
    return { html: await response.text(), revision: Number(response.headers.get("X-Transcript-Revision") ?? NaN) };
  }

  /** Passages of two versions must not mix. @param {string} version */
  #keepVersion(version) {
    const { dataset } = this.root;
    if (dataset.version === "0") dataset.version = version;
    else if (dataset.version !== version) this.#reload(() => moveOn(this.root));
  }

  /** Whoever has unsaved text is asked, and may stay: what came is not put into the page then. @param {() => boolean} reload whether it does @returns {never} */
  #reload(reload) {
    this.#isReloading ||= reload();
    throw new Error("reload");
  }

  /** What comes may be older than what the page was told meanwhile: then it asks again. Call when it is put in place. @param {number} revision */
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
    const next = (/** @type {Element | null} */ part) => (step > 0 ? part?.nextElementSibling : part?.previousElementSibling) ?? null;
    let beside = next(element.closest(".part"));
    while (beside && !beside.querySelector(".seg")) beside = beside.matches(".part-away") ? await this.load(beside) : next(beside); // one may have become empty
    return beside !== null;
  }

  /** Add what was written since: at the end, leaving all else as it is. Returns how many passages came. */
  async append() {
    const away = this.root.querySelector(".part-away:last-child");
    if (away) await this.load(away);
    let added = 0, sent, came;
    do {
      const last = this.root.querySelector(".part:last-child");
      const { html, revision } = await this.#fetch(`after=${asElement(last?.lastElementChild ?? last)?.dataset.rank ?? ""}`);
      sent = passages(html);
      came = this.#append(sent.filter(({ id }) => !document.getElementById(id)), revision);
      added += came;
    } while (came && sent.length >= LONG); // a quick machine writes more at a time than an answer holds
    return added;
  }

  /** @param {HTMLElement[]} rows @param {number} revision */
  #append(rows, revision) {
    if (!rows.length) return 0;
    for (const each of rows) each.classList.add("seg-new");
    this.#keepRevision(revision);
    this.#listFor(rows[0]).append(...rows);
    this.page.changed();
    return rows.length;
  }

  /** Where passages go that were written since. @param {HTMLElement} first */
  #listFor(first) {
    const last = asElement(this.root.querySelector("ol.part:last-child"));
    if (last && last.children.length < LONG) return last;
    const { start = "0", rank = "0" } = last ? first.dataset : {};
    const list = this.#list(String(Number(last?.dataset.part ?? -1) + 1), start, rank);
    this.root.append(list);
    this.observer.observe(list);
    return list;
  }
}

/** The page asks for it. */
function signIn() {
  location.reload();
  return true;
}

function goToEnd() {
  const { scrollHeight } = document.documentElement;
  if (scrollY + innerHeight < scrollHeight - 1) scrollTo(0, scrollHeight);
}

/** @param {KeyboardEvent} event */
function leadsToEnd(event) {
  return !isTyping(event) && (event.key === "End" || (event.metaKey && event.key === "ArrowDown"));
}

/** The places at which a part begins and the next one does. @param {HTMLElement} part */
function extent(part) {
  const from = part.previousElementSibling ? part.dataset.rank : ""; // passages may have come back before what was the first
  return `from=${from}&until=${asElement(part.nextElementSibling)?.dataset.rank ?? ""}`;
}

/** @param {string} html */
function passages(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return /** @type {HTMLElement[]} */ ([...holder.content.querySelectorAll(".seg")]);
}
