/** Text that was typed in this browser and is not simply sent: shown above the transcript until somebody has decided. */
import { copyText } from "../clipboard.js";
import { gettext } from "../i18n.js";
import { clearConflict, showConflict, standIn } from "./conflict.js";

/**
 * @param {HTMLElement} root the transcript @param {import("./drafts.js").Drafts} drafts
 * @param {(index: number, draft: import("./drafts.js").Draft) => void} take makes it a correction of one's own
 */
export function showStrays(root, drafts, take) {
  for (const { key, index, draft } of drafts.strays()) {
    const { text, revision, at } = draft;
    const row = standIn(root, key, text);
    const end = () => {
      localStorage.removeItem(key);
      clearConflict(row);
    };
    const use = () => {
      end();
      take(index, { text, revision, at }); // not as what was sent: that was another's perhaps
    };
    showConflict(row, {
      title: gettext("Somebody has typed this in this browser, and it was not saved. Save it as your correction if it is yours."),
      buttons: [
        { label: gettext("Save it"), press: use, primary: true },
        { label: gettext("Copy the text"), press: () => copyText(text) },
        { label: gettext("Let it go"), press: end },
      ],
    });
  }
}
