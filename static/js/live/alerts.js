/** How it is while one records: the bar's alert, what a screen reader says of it, and what stands for words to come. */
import { clock } from "../format.js";
import { format, gettext } from "../i18n.js";
import { fillDevices } from "./setup.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/**
 * @typedef {"" | "connection" | "unsent" | "sending" | "silence" | "lost"} Kind
 * @typedef {{kind: Kind, words: string, count?: string}} Warning `count` changes each second: it is shown, and not said
 * @typedef {{state: string, connection: string, waiting: number, trouble: string, source: string}} Situation `waiting` in seconds
 */

/** @type {Warning} */
const NOTHING = { kind: "", words: "" };
const SILENCE = {
  muted: { microphone: gettext("The microphone is muted by its switch or by the system. Nothing is recorded until it is on."), tab: gettext("The shared tab gives no sound just now.") },
  suspended: { microphone: gettext("The system has stopped the microphone. Press Pause, then Go on."), tab: gettext("The system has stopped the sound. Press Pause, then Go on.") },
  stalled: { microphone: gettext("No sound comes from the microphone. Press Pause, then Go on, or plug it in again."), tab: gettext("No sound comes from the shared tab.") },
};
const LOST = {
  microphone: gettext("The microphone is gone. What you said is safe. Plug it in again or choose another, then go on."),
  tab: gettext("The tab is no longer shared. What was heard is safe. Share it again or use a microphone, then go on."),
};
const OVER = { connection: gettext("Connected again."), unsent: gettext("Connected again."), silence: gettext("Sound is heard again.") };

/** @param {Situation} situation */
const isAway = ({ connection, waiting }) => connection === "waiting" || (connection === "connecting" && waiting > 3);

/** @param {Situation} situation @returns {Warning} */
export function warning(situation) {
  const { state, connection, waiting, trouble, source } = situation;
  const of = /** @type {"microphone" | "tab"} */ (source);
  const count = " – " + format(gettext("%(time)s waiting"), { time: clock(Math.ceil(waiting)) });
  if (state === "lost") return { kind: "lost", words: LOST[of] };
  if (trouble) return { kind: "silence", words: /** @type {any} */ (SILENCE)[trouble][of] };
  if (state === "starting") {
    return connection === "waiting" ? { kind: "connection", words: gettext("The server does not answer yet. It is tried again.") } : NOTHING;
  }
  if (state === "finishing") {
    if (isAway(situation)) return { kind: "unsent", words: gettext("No connection. Keep this page open: the rest is sent when it is back"), count };
    return waiting > 3 ? { kind: "sending", words: gettext("Sending the rest"), count } : NOTHING;
  }
  if (!isAway(situation)) return NOTHING;
  const words = state === "paused" ? gettext("Reconnecting. What you said is kept here") : gettext("Reconnecting. Still recording here");
  return { kind: "connection", words, count };
}

/** What stands in place of the text while there is none. @param {Situation} situation */
export function placeholder(situation) {
  const { state, trouble } = situation;
  if (state === "starting") return gettext("Connecting…");
  if (state === "paused") return gettext("Paused. Nothing is recorded until you go on.");
  if (state === "finishing") return gettext("Finishing…");
  if (state === "lost" || trouble) return gettext("Nothing is heard just now.");
  if (isAway(situation)) return gettext("Waiting for the connection. Your words appear here when it is back.");
  return gettext("Listening. Your words appear here as soon as you speak.");
}

export class Alerts {
  /** @type {Warning} */ #shown = NOTHING;

  /** @param {Situation} situation */
  show(situation) {
    const now = warning(situation);
    find("#alert").hidden = !now.kind;
    find("#alert-what").textContent = now.words;
    find("#alert-count").textContent = now.count ?? "";
    find("#download-now").hidden = now.kind !== "unsent";
    find("#other-devices").hidden = now.kind !== "lost";
    if (now.kind === "lost" && this.#shown.kind !== "lost") this.offerDevices(situation.source);
    if (now.words !== this.#shown.words) find("#announce").textContent = now.words || /** @type {any} */ (OVER)[this.#shown.kind] || "";
    this.#shown = now;
    const empty = document.querySelector("#empty p");
    if (empty) empty.textContent = placeholder(situation);
  }

  /** @param {string} source of the sound that was lost */
  async offerDevices(source) {
    const select = /** @type {HTMLSelectElement} */ (find("#other-device"));
    find("#share-again").hidden = source !== "tab";
    await fillDevices(select, select.value);
    find("#other-microphone").hidden = !select.options.length;
  }
}
