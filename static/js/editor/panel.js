/** The panel beside the text: tabs for replacing, speakers and doubtful places. */

import { makeRoom, standBeside } from "../beside.js";

export class Panel {
  /** @param {HTMLElement} panel */
  constructor(panel) {
    this.panel = panel;
    this.tabs = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("[role='tab']")]);
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(tab.dataset.tab ?? ""));
      tab.addEventListener("keydown", (event) => this.#move(event, tab));
    }
    standBeside(panel, () => this.#hide());
    panel.querySelector("[data-panel-close]")?.addEventListener("click", () => this.close());
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    this.buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-panel]")]);
    for (const button of this.buttons) {
      button.addEventListener("click", () => {
        this.opener = button;
        this.show(button.dataset.panel ?? "");
      });
    }
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** @param {string} name of a tab */
  show(name) {
    if (!this.isOpen) this.opener ??= /** @type {HTMLElement} */ (document.activeElement);
    makeRoom(this.panel);
    this.panel.hidden = false;
    document.body.classList.add("with-panel");
    this.#mark(name);
    for (const tab of this.tabs) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      const content = /** @type {HTMLElement} */ (document.getElementById(tab.getAttribute("aria-controls") ?? ""));
      content.hidden = !chosen;
      if (chosen) {
        content.dispatchEvent(new CustomEvent("shown"));
        /** @type {HTMLElement} */ (content.querySelector("input, button") ?? tab).focus();
      }
    }
  }

  close() {
    this.#hide();
    this.opener?.focus();
    this.opener = undefined;
  }

  #hide() {
    this.panel.hidden = true;
    document.body.classList.remove("with-panel");
    this.#mark();
  }

  /** Which of the buttons above the text has its tab open. @param {string} [name] */
  #mark(name) {
    for (const button of this.buttons) button.setAttribute("aria-expanded", String(button.dataset.panel === name));
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} tab */
  #move(event, tab) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
    if (!step) return;
    event.preventDefault();
    const next = this.tabs[(this.tabs.indexOf(tab) + step + this.tabs.length) % this.tabs.length];
    this.show(next.dataset.tab ?? "");
    next.focus();
  }
}
