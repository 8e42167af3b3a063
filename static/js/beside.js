/** What opens beside the text, or over it: where there is no room for two, who opens one puts the others away. */

const roomForTwo = matchMedia("(min-width: 94rem)");
/** @type {Map<HTMLElement, () => void>} */
const panels = new Map();

/** @param {HTMLElement} panel @param {() => void} close leaves the focus where it is */
export function standBeside(panel, close) {
  panels.set(panel, close);
}

/** Call before a panel is opened. @param {HTMLElement} panel */
export function makeRoom(panel) {
  if (roomForTwo.matches) return;
  for (const [other, close] of panels) if (other !== panel) close();
}
