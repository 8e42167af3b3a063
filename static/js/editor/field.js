/** The passage that is being corrected: one at a time is a text field. */
import { format, gettext } from "../i18n.js";
import { uuid } from "../uuid.js";
import { focusOn, textOf } from "./rows.js";

export class Field {
  /** @type {HTMLElement | null} */
  row = null;
  /** @type {HTMLTextAreaElement | null} */
  area = null;
  #group = "";

  /**
   * @param {import("./saver.js").Saver} saver
   * @param {{typing: () => void, unsaved: (row: HTMLElement, text: string) => void, closed: (row: HTMLElement) => void}} tell
   */
  constructor(saver, tell) {
    this.saver = saver;
    this.tell = tell;
  }

  /** @param {Element} row */
  isOpen(row) {
    return row === this.row;
  }

  get index() {
    return Number(this.row?.dataset.index);
  }

  /** @param {HTMLElement} row @param {{text?: string, at?: number, revision?: number}} [from] a text other than the page's, and where the caret stands */
  open(row, { text, at, revision } = {}) {
    if (this.isOpen(row)) return this.area?.focus();
    this.close();
    const paragraph = /** @type {HTMLElement} */ (row.querySelector(".seg-text"));
    const area = document.createElement("textarea");
    area.className = "seg-field";
    area.rows = 1;
    area.dir = "auto";
    area.lang = paragraph.lang || paragraph.closest("[lang]")?.getAttribute("lang") || "";
    area.spellcheck = true;
    area.value = text ?? this.saver.text(Number(row.dataset.index)) ?? textOf(row);
    area.setAttribute("aria-label", format(gettext("Text of the passage at %(time)s"), { time: row.querySelector(".seg-time")?.lastChild?.textContent ?? "" }));
    this.row = row;
    this.area = area;
    this.#group = uuid();
    row.dataset.base = String(revision ?? row.dataset.revision);
    row.classList.add("editing");
    paragraph.after(area);
    area.addEventListener("beforeinput", cleanly);
    area.addEventListener("input", () => this.#typed());
    area.focus({ preventScroll: true });
    area.setSelectionRange(at ?? area.value.length, at ?? area.value.length);
    row.scrollIntoView({ block: "nearest" });
  }

  #typed() {
    const { row, area } = this;
    if (!row || !area) return;
    this.tell.typing();
    this.saver.typed(this.index, clean(area.value), Number(row.dataset.base), this.#group);
  }

  /** Leave it; what was typed is saved. @param {{focus?: boolean}} [options] */
  close({ focus = false } = {}) {
    const { row, area } = this;
    if (!row || !area) return;
    this.row = this.area = null;
    const typed = this.saver.has(Number(row.dataset.index));
    area.remove();
    row.classList.remove("editing");
    delete row.dataset.base;
    if (typed) this.tell.unsaved(row, area.value);
    if (focus) focusOn(row);
    if (typed) this.saver.flush(Number(row.dataset.index));
    this.tell.closed(row);
  }
}

/** A passage is one paragraph: what parts lines becomes a space, and other control characters go. @param {string} text */
function clean(text) {
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ").replace(/[\0-\x1f\x7f-\x9f]/g, "");
}

/** What is pasted or dropped comes clean into the field, by a command that the field's own undo takes back. @param {InputEvent} event */
function cleanly(event) {
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (clean(text) === text || event.isComposing) return;
  event.preventDefault();
  document.execCommand("insertText", false, clean(text));
}
