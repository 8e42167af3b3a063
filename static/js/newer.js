/** Another version of the text is shown by now: the page goes on to it, but not under somebody who is writing. */
import { format, gettext } from "./i18n.js";
import { showToast } from "./toasts.js";

let isTold = false;

/**
 * Whether the page is read anew; it says then which version was left, and what of it is where.
 * @param {HTMLElement} root the transcript @param {boolean} [isHeld] whether something in it is not saved
 */
export function moveOn(root, isHeld = false) {
  const { version = "" } = root.dataset;
  if (isHeld || isWriting()) {
    if (!isTold) showToast(format(gettext("Another version of this text is shown now. You go on in version %(version)s until you have finished writing."), { version }), { level: "warning", stays: true });
    isTold = true;
    return false;
  }
  const address = new URL(location.href);
  address.searchParams.delete("page");
  address.searchParams.set("left", version);
  history.replaceState(null, "", address);
  location.reload();
  return true;
}

/** In any field of the page, a comment's, too. */
function isWriting() {
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (document.querySelectorAll("#main textarea, dialog[open] :is(input, textarea)"));
  return [...fields].some((each) => each.value !== each.defaultValue);
}
