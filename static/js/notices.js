/** Tells that work has ended: a notice on the page, and one of the system's if the person asked for it. */
import { format, gettext } from "./i18n.js";
import { showToast } from "./toasts.js";

const WISH = "scripta-browser-notice";

/** @param {string} kind the state just entered @param {string} title @param {string} href */
export function announce(kind, title, href) {
  const said = {
    done: gettext("“%(title)s” is ready to read."),
    done_with_warning: gettext("“%(title)s” is ready, with a warning."),
    failed: gettext("“%(title)s” could not be transcribed."),
  }[kind];
  if (!said) return;
  const words = format(said, { title });
  showToast(words, { level: kind === "done" ? "success" : "warning", href });
  if (document.hidden && wanted()) {
    const notice = new Notification("Scripta", { body: words, tag: href });
    notice.onclick = () => {
      window.focus();
      location.assign(href);
    };
  }
}

function wanted() {
  return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(WISH) === "yes";
}

/** The check box that asks for the system's notices; asking needs a click. @param {HTMLInputElement} box */
export function offerNotices(box) {
  if (!("Notification" in window) || !window.isSecureContext || Notification.permission === "denied") return;
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.checked = wanted();
  box.addEventListener("change", async () => {
    const granted = box.checked && (await Notification.requestPermission()) === "granted";
    box.checked = granted;
    localStorage.setItem(WISH, granted ? "yes" : "no");
  });
}
