/** Passages that are transcribed again: asked for in a dialog, shown under their passage, accepted or dismissed. */
import { clock } from "../format.js";
import { call, patience } from "../server.js";
import { showToast } from "../toasts.js";
import { uuid } from "../uuid.js";
import { beside, focusOn, textOf } from "./rows.js";

const LOOK_EVERY = 2_000;
const MOST_SECONDS = 180;
const MOST_OFFERED = 40;

export class Proposals {
  /** @type {Map<string, HTMLElement>} by number */
  #shown = new Map();
  #seen = "";
  #order = 0;
  /** @type {HTMLElement | null} */
  #row = null;

  /**
   * @param {import("./rows.js").Rows} rows
   * @param {{flush: () => Promise<unknown>, reachBelow: (row: HTMLElement) => Promise<unknown>, edited: (answer: any) => Promise<void>}} page
   */
  constructor(rows, page) {
    this.rows = rows;
    this.page = page;
    this.dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("#again-dialog"));
    if (!this.dialog) return; // there is no sound
    rows.root.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-proposal-do]"));
      if (button) this.#act(button.dataset.proposalDo ?? "", /** @type {HTMLElement} */ (button.closest("[data-proposal]")));
    });
    this.#find("#again-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#find("#again-until").addEventListener("change", () => this.#preview());
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    this.refresh();
  }

  /** @param {string} selector */
  #find(selector) {
    return /** @type {HTMLElement} */ (document.querySelector(selector));
  }

  // Asking ----------------------------------------------------------------------------------------------------------

  /** Ask how far, beginning with a passage, and with which model. @param {HTMLElement} row */
  async ask(row) {
    if (!this.dialog) return;
    await this.page.reachBelow(row).catch(() => false);
    this.#row = row;
    const until = /** @type {HTMLSelectElement} */ (this.#find("#again-until"));
    const offered = this.#following(row);
    until.replaceChildren(...offered.map((each, n) => {
      const words = (n ? until.dataset.many : until.dataset.one) ?? "";
      return new Option(words.replace("%(count)s", String(n + 1)).replace("%(time)s", clock(Number(each.dataset.end))), each.dataset.index);
    }));
    this.#find("#again-problem").textContent = "";
    this.#preview();
    this.dialog.showModal();
    until.focus();
  }

  /** A passage and those below it, as far as one proposal may reach. @param {HTMLElement} row */
  #following(row) {
    const until = Number(row.dataset.start) + MOST_SECONDS;
    const following = [row];
    for (let next = beside(row, 1); next && Number(next.dataset.end) <= until && following.length < MOST_OFFERED; next = beside(next, 1)) following.push(next);
    return following;
  }

  #preview() {
    const { selectedIndex } = /** @type {HTMLSelectElement} */ (this.#find("#again-until"));
    const chosen = this.#row ? this.#following(this.#row).slice(0, selectedIndex + 1) : [];
    this.#find("#again-text").textContent = chosen.map(textOf).join(" ");
  }

  async #submit() {
    const row = this.#row;
    if (!row) return;
    const value = (/** @type {string} */ selector) => /** @type {HTMLSelectElement} */ (this.#find(selector)).value;
    try {
      await this.page.flush();
      await this.#create(Number(row.dataset.index), Number(value("#again-until")), value("#again-model"));
      this.dialog?.close();
      focusOn(this.rows.find(Number(row.dataset.index)));
    } catch (error) {
      this.#find("#again-problem").textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {number} first @param {number} last @param {string} model */
  async #create(first, last, model) {
    await call("POST", this.dialog?.dataset.api ?? "", { first, last, model });
    await this.refresh();
  }

  // Showing ---------------------------------------------------------------------------------------------------------

  /** Ask the server how they are: again soon while one is being made. */
  async refresh() {
    if (!this.dialog) return;
    clearTimeout(this.timer);
    const order = ++this.#order;
    try {
      const response = await fetch(this.dialog.dataset.page ?? "", { signal: patience() });
      if (response.status === 200 && !response.redirected && order === this.#order) this.#draw(await response.text());
    } catch {
      // No connection now: the next look tells.
    }
    const isActive = [...this.#shown.values()].some((each) => "active" in each.dataset);
    if (isActive && order === this.#order && !document.hidden) this.timer = setTimeout(() => this.refresh(), LOOK_EVERY);
  }

  /** The text has changed, and so what differs may have. */
  textChanged() {
    if (this.#shown.size) this.refresh();
  }

  /** @param {string} html */
  #draw(html) {
    if (html === this.#seen) return;
    this.#seen = html;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const before = this.#shown;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-proposal-do]") ?? null);
    const holding = /** @type {HTMLElement | null} */ (focused?.closest("[data-proposal]") ?? null);
    const sections = /** @type {HTMLElement[]} */ ([...holder.content.querySelectorAll("[data-proposal]")]);
    this.#find("#proposal-list").replaceChildren(...holder.content.querySelectorAll("[data-proposal-list]"));
    this.#shown = new Map(sections.map((each) => [each.dataset.proposal ?? "", each]));
    for (const old of before.values()) old.remove();
    this.place();
    for (const [number, now] of this.#shown) {
      const was = before.get(number);
      if (was && "active" in was.dataset && !("active" in now.dataset)) showToast(now.dataset.said ?? "", { level: now.dataset.state === "failed" ? "error" : "success" });
    }
    const again = holding && this.#shown.get(holding.dataset.proposal ?? "");
    const same = /** @type {HTMLElement | null | undefined} */ (again?.querySelector(`[data-proposal-do="${focused?.dataset.proposalDo}"]`) ?? again?.querySelector("[data-proposal-do]"));
    same?.focus({ preventScroll: true });
  }

  /** Put each under the last of its passages. Call when passages were drawn anew. */
  place() {
    for (const section of this.#shown.values()) {
      const row = section.dataset.last ? this.rows.find(Number(section.dataset.last)) : null;
      if (!row) section.remove();
      else if (section.parentElement !== row) row.append(section);
    }
  }

  // Acting ----------------------------------------------------------------------------------------------------------

  /** @param {string} action @param {HTMLElement} section */
  async #act(action, section) {
    const { proposal = "", revision = "", first = "", last = "", model = "" } = section.dataset;
    const address = `${this.dialog?.dataset.api ?? ""}${proposal}/`;
    try {
      if (action === "again") return await this.#create(Number(first), Number(last), model);
      if (action === "dismiss") await call("DELETE", address);
      if (action === "accept") {
        await this.page.flush();
        await this.page.edited(await call("POST", `${address}accept/`, { revision: Number(revision), request: uuid() }));
      }
      await this.refresh();
      focusOn(this.rows.find(Number(last)) ?? this.rows.find(Number(first)));
    } catch (error) {
      showToast(/** @type {Error} */ (error).message, { level: "error" });
      this.refresh();
    }
  }
}
