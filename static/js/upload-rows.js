/** Uploads of this tab as rows of the library: first a row of our own, then the server's, once it has one. */
import { fileSize, localiseTimes } from "./format.js";
import { format, gettext } from "./i18n.js";
import { showToast } from "./toasts.js";
import { FileUpload } from "./upload.js";

const IN_PARALLEL = 2;

/** @param {ParentNode} root @param {string} selector */
const find = (root, selector) => /** @type {HTMLElement} */ (root.querySelector(selector));

export class UploadRows {
  /** @type {Map<FileUpload, HTMLElement>} */
  #rows = new Map();
  /** @type {Set<FileUpload>} whose server row is on its way */
  #adopting = new Set();

  /**
   * @param {HTMLElement} uploader carries the settings in its data attributes
   * @param {() => void} refresh asks the server for the rows of this page anew
   */
  constructor(uploader, refresh) {
    const { endpoint = "", chunkSize, maxSize, maxSizeWords = "", rowUrl = "" } = uploader.dataset;
    this.config = { endpoint, chunkSize: Number(chunkSize), maxSize: Number(maxSize), maxSizeWords };
    this.rowUrl = rowUrl;
    this.refresh = refresh;
    document.addEventListener("click", (event) => this.#clicked(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
  }

  get isBusy() {
    return [...this.#rows.keys()].some((upload) => upload.isActive);
  }

  /** Sent share of all uploads on their way, 0 to 1; null if none is. */
  get progress() {
    const active = [...this.#rows.keys()].filter((upload) => upload.isActive);
    const total = active.reduce((sum, upload) => sum + upload.file.size, 0);
    return total ? active.reduce((sum, upload) => sum + upload.sent, 0) / total : null;
  }

  /** @param {Iterable<File>} files @param {Record<string, string>} choices */
  add(files, choices) {
    for (const file of files) {
      const upload = new FileUpload(file, this.config, choices, (changed) => this.#changed(changed));
      const same = [...this.#rows.keys()].find((other) => other.fingerprint === upload.fingerprint);
      if (same?.state === "paused") same.resume();
      else if (same?.isActive) showToast(format(gettext("“%(name)s” is being uploaded already."), { name: file.name }));
      else this.#place(upload);
    }
    this.#startNext();
  }

  /** @param {FileUpload} upload */
  #place(upload) {
    const template = /** @type {HTMLTemplateElement} */ (document.querySelector("#pending-row"));
    const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    find(row, ".row-title").textContent = upload.file.name;
    find(row, ".row-meta").textContent = fileSize(upload.file.size);
    find(document, "#pending").append(row);
    find(document, "#uploader").classList.remove("uploader-first");
    this.#rows.set(upload, row);
    this.#draw(upload);
  }

  #startNext() {
    const uploads = [...this.#rows.keys()];
    const free = IN_PARALLEL - uploads.filter((upload) => ["sending", "offline"].includes(upload.state)).length;
    for (const upload of uploads.filter(({ state }) => state === "waiting").slice(0, Math.max(0, free))) upload.start();
  }

  /** @param {FileUpload} upload */
  #changed(upload) {
    if (upload.id && !this.#rows.get(upload)?.id) this.#adopt(upload);
    if (upload.state === "done" || upload.state === "gone") this.#release(upload);
    else this.#draw(upload);
    if (upload.state !== "sending") this.#startNext();
  }

  /** Put the server's row in the place of ours. @param {FileUpload} upload */
  async #adopt(upload) {
    if (this.#adopting.has(upload)) return;
    this.#adopting.add(upload);
    const ours = this.#rows.get(upload);
    try {
      const response = await fetch(this.rowUrl.replace(/[0-9a-f-]{36}/, upload.id));
      if (!response.ok) return;
      const holder = document.createElement("template");
      holder.innerHTML = await response.text();
      const row = /** @type {HTMLElement} */ (holder.content.querySelector(".row"));
      const known = document.getElementById(row.id);
      if (known) known.replaceWith(row);
      else find(document, "#rows").prepend(row);
      ours?.remove();
      /** @type {any} */ (window).htmx.process(row);
      localiseTimes(row);
      if (this.#rows.has(upload)) this.#take(upload, row);
      if (!("here" in row.dataset)) this.refresh(); // it is the server's already: nobody else has looked at it
    } catch {
      // No connection: our own row goes on showing what happens, and the next progress asks again.
    } finally {
      this.#adopting.delete(upload);
    }
  }

  /** The list was drawn anew: rows of uploads in it are ours again. */
  readopt() {
    for (const [upload, ours] of this.#rows) {
      const row = ours.isConnected || !ours.id ? null : document.getElementById(ours.id);
      if (row) this.#take(upload, row);
    }
  }

  /** From here on it is drawn here, unless the server has the whole file already and only its answer is on the way. @param {FileUpload} upload @param {HTMLElement} row */
  #take(upload, row) {
    if (row.dataset.upload) row.dataset.here = "";
    this.#rows.set(upload, row);
    this.#draw(upload);
  }

  /** It has arrived, or was cancelled: from here on the row is the server's. @param {FileUpload} upload */
  #release(upload) {
    const row = this.#rows.get(upload);
    this.#rows.delete(upload);
    if (!row) return;
    delete row.dataset.here;
    if (!row.id && !this.#adopting.has(upload)) row.remove();
    this.refresh();
  }

  /** @param {FileUpload} upload */
  #draw(upload) {
    const row = this.#rows.get(upload);
    if (!row || (row.id && !row.dataset.upload)) return; // what the server does with it is the server's to show
    const percent = upload.file.size ? Math.floor((100 * upload.sent) / upload.file.size) : 0;
    const labels = {
      waiting: gettext("Waiting to upload"),
      sending: gettext("Uploading %(percent)s %%"),
      paused: gettext("Paused at %(percent)s %%"),
      offline: gettext("Waiting at %(percent)s %%"),
      refused: gettext("Not uploaded"),
    };
    find(row, ".state-label > span").textContent = format(labels[/** @type {keyof typeof labels} */ (upload.state)], { percent });
    find(row, ".state-detail").textContent = upload.message || (upload.sent ? format(gettext("%(sent)s of %(size)s"), { sent: fileSize(upload.sent), size: fileSize(upload.file.size) }) : "");
    if (!row.id) row.dataset.kind = upload.state === "refused" ? "refused" : "pending";
    row.querySelector("progress")?.setAttribute("value", String(percent));
    row.querySelector("[data-upload-pause]")?.toggleAttribute("hidden", !["sending", "offline"].includes(upload.state));
    row.querySelector("[data-upload-resume]")?.toggleAttribute("hidden", upload.state !== "paused");
    row.querySelector("[data-upload-choose]")?.toggleAttribute("hidden", true);
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    const upload = [...this.#rows.keys()].find((each) => button && this.#rows.get(each)?.contains(button));
    if (!button || !upload) return;
    if (button.matches("[data-upload-pause]")) upload.pause();
    if (button.matches("[data-upload-resume]")) upload.resume();
    if (button.matches("[data-upload-cancel]")) upload.abandon(); // the button's form deletes it on the server
    if (button.matches("[data-pending-cancel]")) upload.abandon();
  }
}
