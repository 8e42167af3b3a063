/** Dialogs that give the focus back, also where what opened them is out of sight or has been drawn anew. */

/** @param {HTMLDialogElement} dialog @param {Element} opener what was pressed */
export function openDialog(dialog, opener) {
  const menu = opener.closest("details.menu");
  const home = /** @type {HTMLElement} */ (menu?.querySelector("summary") ?? opener);
  home.focus(); // what is focused now is what the browser returns to
  menu?.removeAttribute("open");
  dialog.addEventListener("close", () => setTimeout(() => returnTo(home)), { once: true }); // what closed it may draw anew, too
  dialog.showModal();
}

/** @param {HTMLElement} home */
function returnTo(home) {
  if (document.activeElement === document.body && !document.querySelector("dialog[open]")) document.getElementById(home.id)?.focus();
}
