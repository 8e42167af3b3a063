/** Shortcuts: by the letter on the key where it is a Latin one, else by its place, so that they work on every keyboard layout. */

const SINGLE_KEYS_KEPT = "scripta-single-keys";
const TYPING = "input:not([type='checkbox'], [type='radio'], [type='range'], [type='file']), textarea, select, [contenteditable]";

/** @typedef {Record<string, () => void>} Actions */

const SIGNS = /** @type {Record<string, string>} */ ({ "-": "Minus", "+": "Equal", "=": "Equal" });

/** A key's name, as in event.code of an American keyboard: on a German one, Z is where Y is there. @param {KeyboardEvent} event */
export function nameOf({ key, code }) {
  return /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : (SIGNS[key] ?? code);
}

/** Whether shortcuts of a single key are wanted; those with Ctrl or Alt always are. */
export const singleKeysAreOn = () => localStorage.getItem(SINGLE_KEYS_KEPT) !== "off";

/** Let a box switch the shortcuts of a single key, on all pages. @param {HTMLInputElement} box */
export function keepSwitch(box) {
  box.checked = singleKeysAreOn();
  box.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS_KEPT, box.checked ? "on" : "off"));
}

/** Whether a key belongs to what has the focus. @param {KeyboardEvent} event */
export function isTyping(event) {
  return Boolean(/** @type {Element} */ (event.target).closest(`${TYPING}, dialog, .menu[open]`));
}

/**
 * @param {Actions} actions by name: toggle, back, forward, replay, slower, faster, up, down, nextDoubt, previousDoubt, edit, speaker, times, confirm, again, comment, find, undo, redo, help, leave
 * @param {HTMLInputElement} box switches the shortcuts of a single key
 * @param {() => boolean} isBusy whether those have to wait: who types on means text by them
 */
export function listenToKeys(actions, box, isBusy) {
  keepSwitch(box);
  document.addEventListener("keydown", (event) => {
    const isAlone = !isBusy() && (singleKeysAreOn() || event.code === "Escape");
    const name = event.altKey ? withAlt(event) : event.ctrlKey || event.metaKey ? withControl(event) : isAlone ? alone(event) : null;
    if (!name || !actions[name]) return;
    event.preventDefault();
    actions[name]();
  });
}

/** @param {KeyboardEvent} event */
function withAlt(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return null;
  return { KeyK: "toggle", KeyJ: "back", KeyL: "forward", KeyR: "replay", Minus: "slower", Equal: "faster" }[nameOf(event)] ?? null;
}

/** Where somebody types, the browser takes back what was typed. @param {KeyboardEvent} event */
function withControl(event) {
  if (nameOf(event) !== "KeyZ" || /** @type {Element} */ (event.target).closest(TYPING)) return null;
  return event.shiftKey ? "redo" : "undo";
}

/** @param {KeyboardEvent} event */
function alone(event) {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || target.closest(TYPING) || target.closest("dialog, .menu[open], [role='slider'], video")) return null;
  if (event.key === "?") return "help";
  if (event.key === "/") return "find";
  const name = nameOf(event);
  if (name === "KeyN") return event.shiftKey ? "previousDoubt" : "nextDoubt";
  if (event.shiftKey) return null;
  // Space presses a button that has the focus; only elsewhere does it play.
  if (event.code === "Space") return target.closest("button, summary, input") ? null : "toggle";
  return { ArrowUp: "up", ArrowDown: "down", Escape: "leave", KeyE: "edit", KeyS: "speaker", KeyW: "times", KeyO: "confirm", KeyT: "again", KeyC: "comment" }[name] ?? null;
}
