/** Shortcuts, by the place of the key (event.code), so that they work on every keyboard layout. */

const SINGLE_KEYS_KEPT = "scripta-single-keys";
const TYPING = "input:not([type='checkbox'], [type='radio'], [type='range'], [type='file']), textarea, select, [contenteditable]";

/** @typedef {Record<string, () => void>} Actions */

/**
 * @param {Actions} actions by name: toggle, back, forward, replay, slower, faster, up, down, nextDoubt, previousDoubt, comment, help, leave
 * @param {HTMLInputElement} box switches the shortcuts of a single key
 */
export function listenToKeys(actions, box) {
  box.checked = localStorage.getItem(SINGLE_KEYS_KEPT) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS_KEPT, box.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const name = event.altKey ? withAlt(event) : box.checked || event.code === "Escape" ? alone(event) : null;
    if (!name || !actions[name]) return;
    event.preventDefault();
    actions[name]();
  });
}

/** @param {KeyboardEvent} event */
function withAlt(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return null;
  return { KeyK: "toggle", KeyJ: "back", KeyL: "forward", KeyR: "replay", Minus: "slower", Equal: "faster" }[event.code] ?? null;
}

/** @param {KeyboardEvent} event */
function alone(event) {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || target.closest(TYPING) || target.closest("dialog, .menu[open], [role='slider'], video")) return null;
  if (event.key === "?") return "help";
  if (event.code === "KeyN") return event.shiftKey ? "previousDoubt" : "nextDoubt";
  if (event.shiftKey) return null;
  // Space presses a button that has the focus; only elsewhere does it play.
  if (event.code === "Space") return target.closest("button, summary, input") ? null : "toggle";
  return { KeyC: "comment", ArrowUp: "up", ArrowDown: "down", Escape: "leave" }[event.code] ?? null;
}
