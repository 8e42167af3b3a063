/** What to do with a correction that the server could not take: both texts are shown, and nothing is thrown away unseen. */

/**
 * Shown in the passage, under the field.
 * @param {HTMLElement} row
 * @param {{title: string, theirs?: string | null, buttons: {label: string, press: () => void, primary?: boolean}[]}} what
 */
export function showConflict(row, { title, theirs, buttons }) {
  row.querySelector(".conflict")?.remove();
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector("#conflict-template"));
  const note = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  const say = (/** @type {string} */ selector, /** @type {string} */ text) => (/** @type {HTMLElement} */ (note.querySelector(selector)).textContent = text);
  say(".conflict-title", title);
  if (typeof theirs === "string") say(".conflict-theirs", theirs);
  else note.querySelector(".conflict-texts")?.remove();
  for (const { label, press, primary } of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `button button-small${primary ? " button-primary" : ""}`;
    button.textContent = label;
    button.addEventListener("click", press);
    note.querySelector(".conflict-buttons")?.append(button);
  }
  row.append(note);
}

/** @param {HTMLElement} row */
export function clearConflict(row) {
  row.querySelector(".conflict")?.remove();
  if (row.matches(".stand-in")) row.remove();
}

/**
 * For a correction whose passage the page does not show: above the transcript, with the text.
 * @param {HTMLElement} root the transcript @param {number | string} name of the passage, or of what is none @param {string} text
 */
export function standIn(root, name, text) {
  const known = document.getElementById(`stand-in-${name}`);
  const row = known ?? document.createElement("div");
  if (!known) {
    row.id = `stand-in-${name}`;
    row.className = "stand-in";
    row.append(document.createElement("p"));
    root.before(row);
  }
  const paragraph = /** @type {HTMLElement} */ (row.querySelector("p"));
  Object.assign(paragraph, { className: "seg-text", dir: "auto" });
  paragraph.textContent = text;
  return row;
}
