/** The switch for the underlining of names and terms; this browser remembers it. */

const KEPT = "scripta-terms";

/** @param {HTMLElement} transcript */
export function keepTermsShown(transcript) {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector("#show-terms"));
  if (!box) return;
  box.checked = localStorage.getItem(KEPT) !== "off";
  const show = () => (transcript.dataset.terms = box.checked ? "1" : "0");
  box.addEventListener("change", () => {
    localStorage.setItem(KEPT, box.checked ? "on" : "off");
    show();
  });
  show();
}
