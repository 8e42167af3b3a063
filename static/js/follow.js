/** Keeps the words being spoken in view, until the reader scrolls elsewhere. */

const SCROLLING_KEYS = new Set(["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"]);
const WITH_KEYS_OF_THEIR_OWN = "input, textarea, select, video, dialog, [contenteditable], [role='slider'], [role='menu'], .menu[open]";

export class Follow {
  /**
   * @param {{button: HTMLElement, back: HTMLElement, playing: () => boolean, catchUp: () => void}} parts
   *   `catchUp` shows the place that is being played
   */
  constructor({ button, back, playing, catchUp }) {
    this.button = button;
    this.back = back;
    this.playing = playing;
    this.catchUp = catchUp;
    button.addEventListener("click", () => this.turn(!this.isOn));
    back.addEventListener("click", () => this.turn(true));
    addEventListener("wheel", () => this.#left(), { passive: true });
    addEventListener("touchmove", (event) => this.#dragged(event), { passive: true });
    addEventListener("keydown", (event) => {
      if (SCROLLING_KEYS.has(event.code) && !(/** @type {Element} */ (event.target).closest(WITH_KEYS_OF_THEIR_OWN))) this.#left();
    });
    addEventListener("pointerdown", (event) => {
      if (event.clientX >= document.documentElement.clientWidth) this.#left(); // the scroll bar
    });
  }

  get isOn() {
    return this.button.getAttribute("aria-pressed") === "true";
  }

  /** @param {boolean} on */
  turn(on) {
    this.button.setAttribute("aria-pressed", String(on));
    this.back.hidden = on || !this.playing();
    if (on) this.catchUp();
  }

  /** Playing began or ended: the way back is shown only while there is something to go back to. */
  update() {
    this.back.hidden = this.isOn || !this.playing();
  }

  /** @param {TouchEvent} event */
  #dragged(event) {
    if (!(/** @type {Element} */ (event.target).closest("#player, dialog"))) this.#left();
  }

  #left() {
    if (this.isOn && this.playing()) this.turn(false);
  }
}

/** Bring an element into the middle third of the window, if it is not there. @param {Element} element */
export function bringIntoView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  if (top > innerHeight * 0.18 && bottom < innerHeight * 0.68) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || Math.abs(top) > innerHeight * 2;
  scrollTo({ top: scrollY + top - innerHeight * 0.33, behavior: calm ? "instant" : "smooth" });
}
