/** The presentation view: two or three lines, as large as the hall needs them. */

const SIZE_KEPT = "scripta-stage-size";
const COLOURS_KEPT = "scripta-stage-colours";
/** Hundredths of the window's width. */
const SIZES = [2.5, 3.25, 4.25, 5.5, 7, 9, 11.5];
const FIRST_SIZE = 3;
const COLOURS = ["light-on-dark", "yellow-on-dark", "dark-on-light"];
const IDLE_AFTER = 3_000;
/** Segments that are kept; only the last lines of them are seen. */
const KEPT = 12;
const MOST = 60;
/** Scripts that are written without spaces between sentences. */
const UNSPACED = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]$/u;

export class Stage {
  #idle = 0;

  /** @param {HTMLElement} dialog @param {{hasKeys?: () => boolean}} [options] whether single keys do something */
  constructor(dialog, { hasKeys = () => true } = {}) {
    this.hasKeys = hasKeys;
    this.dialog = /** @type {HTMLDialogElement} */ (dialog);
    this.finals = this.#part("#stage-finals");
    this.stable = this.#part("#stage-stable");
    this.unstable = this.#part("#stage-unstable");
    this.state = this.#part("#stage-state");
    this.#part("#stage-smaller").addEventListener("click", () => this.#resize(-1));
    this.#part("#stage-larger").addEventListener("click", () => this.#resize(1));
    this.#part("#stage-colours").addEventListener("click", () => this.#recolour(1));
    this.#part("#stage-full").addEventListener("click", () => this.#toggleFull());
    this.#part("#stage-leave").addEventListener("click", () => this.leave());
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.dialog.addEventListener("close", () => this.#closed());
    for (const name of ["pointermove", "pointerdown", "keydown"]) this.dialog.addEventListener(name, () => this.#awake());
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement) this.leave();
    });
    this.#resize(0);
    this.#recolour(0);
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** @param {{full?: boolean}} [options] a page that was just opened may not fill the screen by itself */
  async enter({ full = true } = {}) {
    if (full) await this.#fill();
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.focus();
    this.#awake();
  }

  leave() {
    if (this.dialog.open) this.dialog.close();
  }

  /** @param {string} words "" when all is well */
  tell(words) {
    this.state.textContent = words;
    this.state.hidden = !words;
  }

  /** @param {string} text */
  addFinal(text) {
    const span = document.createElement("span");
    span.textContent = this.#spaceBefore(text) + text;
    this.finals.append(span);
    this.#trim();
  }

  /** @param {string} stable @param {string} unstable */
  showPartial(stable, unstable) {
    this.stable.textContent = stable && this.#spaceBefore(stable) + stable;
    this.unstable.textContent = stable || !unstable ? unstable : this.#spaceBefore(unstable) + unstable;
  }

  /** @param {string} text */
  #spaceBefore(text) {
    const before = this.finals.textContent ?? "";
    return !before || /^\s/u.test(text) || UNSPACED.test(before) ? "" : " ";
  }

  /**
   * Drop what went out of sight long ago. Only from the beginning of a line: dropping it elsewhere would break all
   * lines anew while they are being read.
   */
  #trim() {
    const spans = [...this.finals.children];
    if (spans.length <= KEPT) return;
    const side = getComputedStyle(this.finals).direction === "rtl" ? "right" : "left";
    const edge = this.finals.getClientRects()[0]?.[side];
    const first = spans.slice(1, -KEPT + 1).findLast((span) => span.getClientRects()[0]?.[side] === edge);
    const kept = !this.dialog.open || spans.length > MOST ? spans.at(-KEPT) : first;
    if (kept) for (const span of spans.slice(0, spans.indexOf(kept))) span.remove();
  }

  // View --------------------------------------------------------------------------------------------------------------

  /** @param {number} step */
  #resize(step) {
    const kept = Number(localStorage.getItem(SIZE_KEPT) ?? FIRST_SIZE);
    const size = Math.min(SIZES.length - 1, Math.max(0, (Number.isInteger(kept) ? kept : FIRST_SIZE) + step));
    localStorage.setItem(SIZE_KEPT, String(size));
    this.dialog.style.setProperty("--size", String(SIZES[size]));
  }

  /** @param {number} step */
  #recolour(step) {
    const kept = Math.max(0, COLOURS.indexOf(localStorage.getItem(COLOURS_KEPT) ?? ""));
    const colours = COLOURS[(kept + step) % COLOURS.length];
    localStorage.setItem(COLOURS_KEPT, colours);
    this.dialog.dataset.colours = colours;
  }

  /** Telephones that cannot fill the screen show the stage in their window. */
  async #fill() {
    try {
      await document.documentElement.requestFullscreen?.({ navigationUI: "hide" });
    } catch {
      // Refused by the browser: the stage fills the window.
    }
  }

  async #toggleFull() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.#fill();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.hasKeys()) return;
    const smaller = () => this.#resize(-1);
    const larger = () => this.#resize(1);
    const actions = { KeyF: () => this.#toggleFull(), KeyC: () => this.#recolour(1), Minus: smaller, NumpadSubtract: smaller, Equal: larger, NumpadAdd: larger };
    const action = /** @type {Record<string, () => void>} */ (actions)[event.code];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #awake() {
    this.dialog.classList.remove("stage-idle");
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.dialog.classList.add("stage-idle"), IDLE_AFTER);
  }

  #closed() {
    clearTimeout(this.#idle);
    if (document.fullscreenElement) document.exitFullscreen();
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(selector));
  }
}
