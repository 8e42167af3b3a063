/** Copying text, also over plain HTTP, where browsers give pages no clipboard and only the command of old works. */
import { gettext } from "./i18n.js";
import { showToast } from "./toasts.js";

/** Whether it was copied; where not, that is said. @param {string} text */
export async function copyText(text) {
  const isCopied = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : copyBySelecting(text);
  if (!isCopied) showToast(gettext("The browser does not let this page copy. Select the text, and copy it yourself."), { level: "error" });
  return isCopied;
}

/** @param {string} text */
function copyBySelecting(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog:modal") ?? document.body).append(area); // behind a dialog nothing can be selected
  area.focus({ preventScroll: true });
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  return isCopied;
}
