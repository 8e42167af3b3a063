/** Text that was typed in this browser and is not simply sent: shown above the transcript until somebody has decided. */
import { copyText } from "../clipboard.js";
import { format, gettext } from "../i18n.js";
import { clearConflict, showConflict, standIn } from "./conflict.js";

/**
 * @param {HTMLElement} root the transcript @param {import("./drafts.js").Drafts} drafts
 * @param {(index: number, draft: import("./drafts.js").Draft) => void} [take] makes one of nobody's a correction of one's own
 */
export function showStrays(root, drafts, take) {
  for (const { key, index, draft, isOwn } of drafts.strays()) {
    const { text, revision, at, version = "" } = draft;
    const row = standIn(root, key, text);
    const end = () => {
      localStorage.removeItem(key);
      clearConflict(row);
    };
    const use = () => {
      end();
      take?.(index, { text, revision, at }); // not as what was sent: that was another's perhaps
    };
    const title = isOwn
      ? format(gettext("You typed this in version %(version)s of this text, and it could not be saved."), { version })
      : gettext("Somebody has typed this in this browser, and it was not saved. Save it as your correction if it is yours.");
    const more = isOwn
      ? { label: gettext("Versions"), press: () => location.assign(`${location.pathname}versions/`) }
      : { label: gettext("Save it"), press: use, primary: true };
    const copy = { label: gettext("Copy the text"), press: () => void copyText(text), primary: isOwn };
    showConflict(row, { title, buttons: [copy, more, { label: gettext("Let it go"), press: end }] });
  }
}
