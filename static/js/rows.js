/** Keeps the library's rows true while something is happening, and tells when a transcript is ready. */
import { localiseTimes } from "./format.js";
import { announce } from "./notices.js";
import { patience } from "./server.js";

const EVERY = 1_000;
const EVERY_WHEN_HIDDEN = 5_000;

/** @param {string} selector */
const rows = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`#rows > .row${selector}`)]);

/** Ask for these rows anew and put what changed in place. @param {HTMLElement[]} asked */
async function update(asked) {
  const url = document.querySelector("#rows")?.getAttribute("data-status-url");
  const query = new URLSearchParams(asked.map((row) => ["row", `${row.dataset.id}:${row.dataset.kind}`]));
  const response = await fetch(`${url}?${query}`, { signal: patience() });
  if (response.redirected) location.reload(); // signed out
  if (!response.ok) return;
  const before = new Map(asked.map((row) => [row.id, row.dataset]));
  putInPlace(await response.text());
  for (const [id, { kind, title = "" }] of before) {
    const now = document.getElementById(id)?.dataset.kind ?? "";
    if (now !== kind) announce(now, title, document.querySelector(`#${id} a.row-title`)?.getAttribute("href") ?? "");
  }
}

/**
 * A list that was asked for before something was done with one of its rows, and that comes after it, is older than the row.
 * @param {() => void} drawnLate called when an answer was drawn whose row had left the page
 */
function keepAnswers(drawnLate) {
  /** @type {Map<string, string>} */
  const answers = new Map();
  /** @type {WeakSet<XMLHttpRequest>} */
  const drawn = new WeakSet();
  const listen = (/** @type {string} */ name, /** @type {(detail: any) => void} */ hear) => document.addEventListener(name, (event) => hear(/** @type {CustomEvent} */ (event).detail));

  // From its beginning: the end of a request, and what is drawn of it, is not heard of a row that has left the page.
  listen("htmx:beforeRequest", ({ target, xhr }) => {
    if (target.id === "list") answers.clear();
    if (!target.matches(".row[id^='r-']")) return;
    xhr.addEventListener("load", () => {
      if (xhr.status >= 300) return;
      answers.set(target.id, xhr.responseText);
      if (drawn.has(xhr)) return;
      putInPlace(xhr.responseText);
      drawnLate();
    });
  });
  listen("htmx:beforeSwap", ({ xhr }) => drawn.add(xhr));
  listen("htmx:oobBeforeSwap", ({ target }) => answers.delete(target.id)); // undone
  listen("htmx:afterSwap", ({ target }) => target.id === "list" && answers.forEach((html) => putInPlace(html)));
}

/** Each element takes the place of the one with its id; what was deleted here in the meantime stays away. @param {string} html */
function putInPlace(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const fresh of [...holder.content.children]) {
    const old = document.getElementById(fresh.id);
    if (!old || old.hidden) continue; // deleted here meanwhile. Its class is not yet its own: htmx gives the old one for a moment.
    if (fresh.matches("[data-gone]")) {
      old.remove();
      continue;
    }
    const focused = old.contains(document.activeElement) ? document.activeElement?.id : "";
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    localiseTimes(fresh);
    /** @type {any} */ (window).htmx.process(fresh);
  }
}

export class RowWatch {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} drawn called after every look at the rows */
  constructor(drawn) {
    this.drawn = drawn;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.refresh();
    });
    document.addEventListener("htmx:afterSettle", () => this.#schedule());
    keepAnswers(() => this.#schedule());
    this.#schedule();
  }

  /** Look at once, also at uploads of other tabs. */
  refresh() {
    return this.#look(rows(":is([data-active], [data-kind='uploading']):not([data-here])"));
  }

  /** Mean progress of the running jobs, 0 to 1; null if none runs. */
  get progress() {
    const percents = rows("[data-active] .row-state[data-percent]").map((state) => Number(state.dataset.percent));
    return percents.length ? percents.reduce((sum, each) => sum + each, 0) / percents.length / 100 : null;
  }

  /** @param {HTMLElement[]} asked */
  async #look(asked) {
    clearTimeout(this.#timer);
    try {
      if (asked.length) await update(asked);
    } catch {
      // No connection now: the next look tells.
    }
    this.drawn();
    this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (!rows("[data-active]").length) return;
    this.#timer = setTimeout(() => this.#look(rows("[data-active]")), document.hidden ? EVERY_WHEN_HIDDEN : EVERY);
  }
}
