/** The level of a microphone as a bar, and whether a voice was heard. */
import { gettext } from "../i18n.js";

/** Decibels below full scale at which the bar begins. */
const FLOOR = 60;
const VOICE = -42;
const NOTHING = -58;
/** Levels come twenty times a second: a voice lasts for a few of the last, silence for many. */
const RECENT = 20;
const VOICED = 6;
const SILENT = 100;

const decibels = (/** @type {number} */ level) => 20 * Math.log10(Math.max(level, 1e-6));

/** @param {HTMLElement} bar @param {number} level root mean square, 0 to 1 */
export function showLevel(bar, level) {
  bar.style.setProperty("--level", String(Math.max(0, Math.min(1, 1 + decibels(level) / FLOOR))));
}

export class VoiceCheck {
  /** @type {boolean[]} */ #recent = [];
  #silent = 0;
  #heard = false;

  /** What to tell, when there is news. @param {number} level */
  hear(level) {
    if (this.#heard) return "";
    this.#recent = [...this.#recent, decibels(level) > VOICE].slice(-RECENT);
    if (this.#recent.filter(Boolean).length >= VOICED) {
      this.#heard = true;
      return gettext("Your microphone works.");
    }
    this.#silent = decibels(level) < NOTHING ? this.#silent + 1 : 0;
    return this.#silent === SILENT ? gettext("Nothing can be heard. Is it the right microphone, and switched on?") : "";
  }
}
