/** The library: choosing and dropping files, the choices for them, filters, and dialogs to rename and to tag. */
import { openDialog } from "./dialogs.js";
import { format, gettext } from "./i18n.js";
import { offerNotices } from "./notices.js";
import { RowWatch } from "./rows.js";
import { offerSelection } from "./select.js";
import { showToast } from "./toasts.js";
import { UploadRows } from "./upload-rows.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const plainTitle = document.title;
const watch = new RowWatch(showProgressInTitle);
const uploads = new UploadRows(find("#uploader"), () => watch.refresh());
const chooser = /** @type {HTMLInputElement} */ (find("#files"));
const optionsForm = /** @type {HTMLFormElement} */ (find("#options-form"));

function showProgressInTitle() {
  const progress = uploads.progress ?? watch.progress;
  document.title = progress === null ? plainTitle : `${Math.floor(100 * progress)} % – ${plainTitle}`;
}
setInterval(showProgressInTitle, 1_000);

// Choices -------------------------------------------------------------------------------------------------------------

/** What the form says, as tus metadata. */
function choices() {
  const form = new FormData(optionsForm);
  const texts = Object.fromEntries(["language", "task", "model", "vocabulary"].map((name) => [name, String(form.get(name) ?? "")]));
  return { ...texts, notify: form.get("notify_by_mail") ? "true" : "false" };
}

function summarise() {
  const chosen = /** @type {HTMLSelectElement[]} */ ([...optionsForm.querySelectorAll("select")]);
  const words = chosen.map(({ name, value, selectedOptions }) => {
    const text = selectedOptions[0]?.text ?? "";
    if (name === "model") return format(gettext("Model %(name)s"), { name: text });
    return name === "language" && !value ? gettext("Detect the language") : text;
  });
  if (new FormData(optionsForm).get("vocabulary")) words.push(gettext("with names and terms"));
  find("#options-summary").textContent = words.join(" · ");
}
optionsForm.addEventListener("change", summarise);
optionsForm.addEventListener("submit", (event) => event.preventDefault());
summarise();
offerNotices(/** @type {HTMLInputElement} */ (find("#browser-notice")));

// Files ---------------------------------------------------------------------------------------------------------------

function addChosen() {
  if (!chooser.files?.length) return;
  uploads.add([...chooser.files], choices());
  chooser.value = ""; // the same file again is a change, too
}
find("#choose-files").addEventListener("click", () => chooser.click());
chooser.addEventListener("change", addChosen);
addChosen(); // while this script was on its way
document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest("[data-upload-choose]")) chooser.click();
});

const veil = find("#drop-veil");
const bringsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  veil.hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) veil.hidden = true;
});
document.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  veil.hidden = true;
  const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === "file");
  const files = items.filter((item) => !item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile());
  if (files.length < items.length) showToast(gettext("Folders cannot be uploaded: please drop the files in them."), { level: "warning" });
  uploads.add(files.filter((file) => file !== null), choices());
});

// Renaming ------------------------------------------------------------------------------------------------------------

const dialog = /** @type {HTMLDialogElement} */ (find("#rename-dialog"));
const renameForm = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[data-rename]");
  const row = /** @type {HTMLElement | null} */ (link?.closest(".row") ?? null);
  if (!link || !row) return;
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (find("#rename-input"));
  input.value = row.dataset.title ?? "";
  renameForm.setAttribute("hx-post", link.getAttribute("data-rename") ?? "");
  renameForm.setAttribute("hx-target", `#${row.id}`);
  /** @type {any} */ (window).htmx.process(renameForm);
  openDialog(dialog, link);
  input.select();
});
renameForm.addEventListener("htmx:afterRequest", () => dialog.close());

// Tags ----------------------------------------------------------------------------------------------------------------

const tagsDialog = /** @type {HTMLDialogElement} */ (find("#tags-dialog"));

document.addEventListener("htmx:afterSwap", (event) => {
  const { target, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  if (target.id === "tags-place") openDialog(tagsDialog, requestConfig.elt);
  if (target.id === "list") uploads.readopt();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = /** @type {HTMLElement} */ (event.target);
  if (form.matches("[data-tags-form]")) tagsDialog.close();
});

// Sharing what is selected --------------------------------------------------------------------------------------------

const shareDialog = /** @type {HTMLDialogElement} */ (find("#share-many"));

// The place holds a form as long as something is asked, and nothing once it is done.
document.addEventListener("htmx:afterSwap", (event) => {
  const target = /** @type {HTMLElement} */ (/** @type {CustomEvent} */ (event).detail.target);
  if (target.id !== "share-many-place") return;
  if (!target.querySelector("form")) shareDialog.close();
  else if (!shareDialog.open) shareDialog.showModal();
});

// Filters -------------------------------------------------------------------------------------------------------------

// An address that is kept says only what was chosen.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = /** @type {CustomEvent} */ (event).detail;
  if (elt.id !== "filters") return;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});
// Typed text has been asked for already. Asking again when the field is left would exchange the row that is being pressed.
document.querySelector("#filter_q")?.addEventListener("change", (event) => event.stopPropagation());
offerSelection();
