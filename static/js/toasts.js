/** Notices at the foot of the page. The server writes most of them; scripts add their own with the same markup. */

const SHOWN_FOR = 6_000;
const SHOWN_WITH_UNDO_FOR = 20_000;
/** More would hide the page. */
const MOST = 3;

/** Gives notices that the server wrote their close button and their end. */
export function adoptToasts() {
  for (const toast of document.querySelectorAll("#toasts > .toast:not([data-adopted])")) adopt(toast);
}

/**
 * @param {string} text
 * @param {{level?: string, href?: string, stays?: boolean}} [options] an address makes the text a link; one that stays goes when it is closed
 */
export function showToast(text, { level = "info", href, stays = false } = {}) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector("#toast-template"));
  const toast = /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
  toast.dataset.level = level;
  if (stays) toast.dataset.stays = "";
  if (level === "error" || level === "warning") warn(toast);
  const words = /** @type {HTMLElement} */ (toast.querySelector("p"));
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = text;
    words.replaceChildren(link);
  } else {
    words.textContent = text;
  }
  document.querySelector("#toasts")?.append(toast);
  adopt(toast);
}

/** The sign that the server draws for these, too; the template has that of success. @param {Element} toast */
function warn(toast) {
  const sign = toast.querySelector("use");
  sign?.setAttribute("href", (sign.getAttribute("href") ?? "").replace(/#.*/, "#triangle-alert"));
}

/** The same words are said once, and the oldest notices go first; not one with Undo, or that is being pressed. @param {Element} toast the newest */
function makeRoom(toast) {
  const others = [...(toast.parentElement?.children ?? [])].filter((other) => other !== toast && !other.matches(":has(form), :hover, :focus-within"));
  const words = (/** @type {Element} */ of) => of.querySelector("p")?.textContent;
  const rest = others.filter((other) => words(other) !== words(toast));
  const gone = new Set([...others.filter((other) => !rest.includes(other)), ...rest.slice(0, Math.max(0, rest.length + 1 - MOST))]);
  for (const other of gone) other.remove();
}

/** @param {Element} toast */
function adopt(toast) {
  toast.setAttribute("data-adopted", "");
  makeRoom(toast);
  toast.querySelector(".toast-close")?.addEventListener("click", () => toast.remove());
  const duration = toast.querySelector("form") ? SHOWN_WITH_UNDO_FOR : SHOWN_FOR;
  const leave = () => {
    // Nobody loses what they are about to press or still reading.
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2_000);
    else toast.remove();
  };
  if (!toast.matches("[data-level=error], [data-stays]")) setTimeout(leave, duration);
}
