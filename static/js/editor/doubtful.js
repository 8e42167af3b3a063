/** The list of doubtful passages: read anew when it is opened, and while it is open when the text has changed. */

const WAIT = 1_000;

export class Doubtful {
  /** @param {{go: (time: number) => void, again: (index: number, time: number) => void}} page */
  constructor(page) {
    this.tab = /** @type {HTMLElement} */ (document.querySelector("#tab-doubt"));
    this.tab.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-go], [data-again]"));
      if (!button) return;
      const { go, again, at } = button.dataset;
      if (go) page.go(Number(go));
      else page.again(Number(again), Number(at));
    });
  }

  /** By whomever: what was doubtful may be right by now. */
  textChanged() {
    if (!this.tab.offsetParent) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tab.dispatchEvent(new CustomEvent("stale")), WAIT); // htmx reads it; ids keep the focus
  }
}
