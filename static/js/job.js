/** Watches the job of a recording's page: its state in the head, new passages at the end of the text. */
import { announce } from "./notices.js";
import { patience } from "./server.js";

const EVERY = 1_000;
const EVERY_SLOWLY = 5_000;
const WAVEFORM_EVERY = 8;
const SPOKEN = ["live", "closing"];

export class JobWatch {
  #looks = 0;
  /** Whether text is missing that could not be fetched. */
  #isBehind = false;

  /**
   * @param {string} url of the state
   * @param {{append: () => Promise<number>, redraw: () => void, time: () => number}} page `time` is that of the player, in seconds
   */
  constructor(url, page) {
    this.url = url;
    this.page = page;
    this.plainTitle = document.title;
    document.addEventListener("htmx:afterSettle", () => this.#schedule());
    // Not by itself: whoever is reading or listening is left alone.
    document.querySelector("#correct button")?.addEventListener("click", () => this.#correct());
    this.#schedule();
  }

  /** The page anew, at the place that was listened to. */
  #correct() {
    const time = this.page.time();
    if (time) history.replaceState(null, "", `#t=${time.toFixed(2)}`);
    location.reload();
  }

  get #state() {
    return /** @type {HTMLElement} */ (document.querySelector("#job-status"));
  }

  #schedule() {
    clearTimeout(this.timer);
    const { percent } = this.#state.dataset;
    document.title = percent ? `${percent} % – ${this.plainTitle}` : this.plainTitle;
    const isActive = "active" in this.#state.dataset;
    if (isActive || this.#isBehind) this.timer = setTimeout(() => this.#look(), document.hidden || !isActive ? EVERY_SLOWLY : EVERY);
  }

  async #look() {
    const before = this.#state.dataset.kind ?? "";
    try {
      const hasExport = document.querySelector("#export .menu") ? "?export" : "";
      const response = await fetch(this.url + hasExport, { signal: patience() });
      if (response.redirected) location.reload(); // signed out
      if (response.ok) await this.#show(before, await response.text());
    } catch {
      // No connection now: the next look tells.
    }
    this.#schedule();
  }

  /** @param {string} before @param {string} html */
  async #show(before, html) {
    /** @type {any} */ (window).htmx.swap("#job-status", html, { swapStyle: "outerHTML" });
    const { kind = "" } = this.#state.dataset;
    this.#isBehind = false;
    const added = await this.page.append().catch(() => ((this.#isBehind = true), 0)); // what has come to an end is told all the same
    if (added) document.querySelector("#transcript-empty")?.remove();
    if (kind !== before) this.#moved(kind, before);
    else if (this.#looks++ % WAVEFORM_EVERY === 0) this.page.redraw();
  }

  /** @param {string} kind @param {string} before */
  #moved(kind, before) {
    // The sound is one file now: the page gets a player.
    if (SPOKEN.includes(before) && !SPOKEN.includes(kind)) return location.reload();
    this.page.redraw();
    announce(kind, document.querySelector("h1")?.textContent?.trim() ?? "", location.pathname);
    if (!kind.startsWith("done")) return;
    // Nothing was heard: the page has other words for that.
    if (document.querySelector("#transcript-empty")) location.reload();
    document.querySelector("#correct")?.removeAttribute("hidden");
  }
}
