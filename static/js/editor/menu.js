/** One menu for all passages: it opens at the button that was pressed. */

export class PassageMenu {
  /** @type {HTMLElement | null} */
  row = null;

  /**
   * @param {HTMLElement} menu an element with `popover`, whose buttons have `data-do`
   * @param {HTMLElement} root the transcript
   * @param {(action: string, row: HTMLElement) => void} act
   */
  constructor(menu, root, act) {
    this.menu = menu;
    root.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest(".seg-more");
      if (button) this.open(/** @type {HTMLElement} */ (button));
    });
    menu.addEventListener("click", (event) => {
      const chosen = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"));
      if (!chosen || !this.row) return;
      menu.hidePopover();
      act(chosen.dataset.do ?? "", this.row);
    });
    menu.addEventListener("keydown", (event) => this.#key(event));
    menu.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed" && menu.contains(document.activeElement)) this.button?.focus();
    });
  }

  /** @param {HTMLElement} button */
  open(button) {
    this.button = button;
    this.row = /** @type {HTMLElement} */ (button.closest(".seg"));
    const isDoubtful = Boolean(this.row.querySelector(".seg-doubt, .doubt1, .doubt2"));
    /** @type {HTMLElement} */ (this.menu.querySelector("[data-do='confirm']")).hidden = !isDoubtful;
    this.menu.showPopover();
    const place = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    const top = place.bottom + height + 8 > innerHeight ? place.top - height - 4 : place.bottom + 4;
    this.menu.style.top = `${Math.max(8, top)}px`;
    this.menu.style.left = `${Math.max(8, Math.min(place.right - width, innerWidth - width - 8))}px`;
    /** @type {HTMLElement} */ (this.menu.querySelector("[data-do]:not([hidden])")).focus();
  }

  /** While it is open, keys are for its own passage: none reaches the page. @param {KeyboardEvent} event */
  #key(event) {
    const all = /** @type {HTMLElement[]} */ ([...this.menu.querySelectorAll("[data-do]:not([hidden])")]);
    const chosen = all.find((each) => each.getAttribute("aria-keyshortcuts") === shortcut(event));
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.code];
    if (chosen || !(event.ctrlKey || event.metaKey || event.altKey)) event.stopPropagation();
    if (!chosen && next === undefined) return;
    event.preventDefault();
    if (chosen) chosen.click();
    else all.at((next ?? 0) % all.length)?.focus();
  }
}

/** As aria-keyshortcuts has it, by the place of the key. @param {KeyboardEvent} event */
function shortcut({ code, ctrlKey, metaKey, altKey, shiftKey }) {
  const held = { Control: ctrlKey || metaKey, Alt: altKey, Shift: shiftKey };
  return [...Object.entries(held).flatMap(([name, isHeld]) => (isHeld ? name : [])), code.replace("Key", "")].join("+");
}
