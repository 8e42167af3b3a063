/** What to do with a correction that the server could not take: both texts are shown, and nothing is thrown away unseen. */

/**
 * Shown in the passage, under the field.
 * @param {HTMLElement} row
 * @param {{title: string, theirs?: string | null, buttons: {label: string, press: () => void, primary?: boolean}[]}} what
 */
export function showConflict(row, { title, theirs, buttons }) {
  clearConflict(row);
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
  row.querySelector(".seg-body")?.append(note);
}

/** @param {HTMLElement} row */
export function clearConflict(row) {
  row.querySelector(".conflict")?.remove();
}
