/** Corrections that the server could not take: shown where they were made until the person has decided. */
import { copyText } from "../clipboard.js";
import { format, gettext } from "../i18n.js";
import { showToast } from "../toasts.js";
import { clearConflict, showConflict, standIn } from "./conflict.js";

const DELETED = gettext("Somebody else has deleted this passage.");
const JOINED = gettext("Somebody else has joined this passage with the one above.");
const NOT_HERE = gettext("This text has been deleted, or is not shared with you any more.");
const LOST = ["not_found", "not_an_editor"];
/** Refusals after which nothing can be saved here any more. */

export class Conflicts {
  /** Passages that are gone, of which the page shows what was not saved. @type {Set<number>} */
  #gone = new Set();
  /** Passages that came by themselves, not because somebody went there. @type {Set<number>} */
  #moved = new Set();

  /** @param {{root: HTMLElement, rows: import("./rows.js").Rows, field: import("./field.js").Field, saver: import("./saver.js").Saver, edits: import("./edits.js").Edits, open: (row: HTMLElement, from: {text?: string, revision?: number}) => void, act: (action: string, row: HTMLElement) => void}} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /** Both texts are shown. @param {number} index @param {string} mine @param {{text: string | null, revision?: number, joined?: boolean}} now */
  show(index, mine, now) {
    const { edits, field, saver } = this.editor;
    const row = this.#placeFor(index, mine);
    const isMoved = this.#moved.delete(index);
    this.#gone.delete(index);
    const isOpen = () => field.isOpen(row);
    const forget = () => {
      this.#letGo(index, row);
      edits.pull();
    };
    if (now.text === null) {
      this.#gone.add(index);
      return this.#showLost(row, mine, now.joined ? JOINED : DELETED, forget);
    }
    const keep = () => {
      saver.rebase(index, now.revision ?? 0);
      if (isOpen()) row.dataset.base = String(now.revision);
      clearConflict(row);
      saver.flush(index);
    };
    if (!field.row && !isMoved && row.matches(".seg")) this.editor.open(row, { text: mine, revision: now.revision }); // who is elsewhere stays there
    showConflict(row, {
      title: isOpen() ? gettext("Somebody else has changed this passage in the meantime. Yours is in the field above, theirs is here:") : gettext("Somebody else has changed this passage in the meantime. Yours is above, theirs is here:"),
      theirs: now.text,
      buttons: [{ label: gettext("Keep mine"), press: keep, primary: true }, { label: gettext("Take theirs"), press: forget }],
    });
  }

  /** @param {number} index @param {string} mine @param {import("../server.js").ApiError} error */
  refuse(index, mine, { code, message }) {
    const row = this.#placeFor(index, mine);
    this.#moved.delete(index);
    const letGo = () => this.#letGo(index, row);
    if (LOST.includes(code)) return this.#showLost(row, mine, code === "not_found" ? NOT_HERE : message, letGo);
    const remove = { label: gettext("Delete the passage"), press: () => this.editor.act("delete", row) };
    const buttons = [mine.trim() ? copying(mine) : remove, { label: gettext("Leave it as it was"), press: letGo }];
    showConflict(row, { title: message, buttons });
  }

  /** There is nothing to save it in any more. @param {HTMLElement} row @param {string} mine @param {string} why @param {() => void} letGo */
  #showLost(row, mine, why, letGo) {
    const title = format(gettext("%(why)s Your text is kept in this browser until you let it go."), { why });
    showConflict(row, { title, buttons: [{ ...copying(mine), primary: true }, { label: gettext("Let it go"), press: letGo }] });
  }

  /** A passage has been taken out of the page. @param {number} index @param {boolean} joined with the one above */
  gone(index, joined) {
    const { field, saver } = this.editor;
    if (field.index !== index) return;
    if (saver.has(index)) return this.show(index, field.area?.value ?? "", { text: null, joined });
    field.close();
    showToast(joined ? JOINED : DELETED, { level: "warning" });
  }

  /** A passage is in the page: if it was gone, what was typed in it can be saved after all. @param {number} index */
  back(index) {
    if (!this.#gone.delete(index) || !this.editor.rows.find(index)) return;
    this.clear(index);
    this.editor.saver.again(index);
  }

  /** Of a passage that is to be deleted: that it was emptied before is no text to keep. @param {HTMLElement} row */
  dropBlank(row) {
    const index = Number(row.dataset.index);
    if (this.editor.saver.text(index)?.trim() === "") this.#letGo(index, row);
  }

  /** Where a passage, or what stands for it, says why it cannot be saved. @param {number} index */
  #places(index) {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`:is(#s${index}, #stand-in-${index}):has(.conflict)`)]);
  }

  /** Why a passage cannot be saved, to somebody who asks for more; false where nothing says so. @param {number} index */
  pointAt(index) {
    const button = /** @type {HTMLElement | null} */ (this.#places(index)[0]?.querySelector(".conflict button") ?? null);
    button?.focus();
    return button !== null;
  }

  /** Nothing stands in the way of a passage any more. @param {number} index */
  clear(index) {
    this.#moved.delete(index);
    for (const place of this.#places(index)) clearConflict(place);
  }

  /** A passage has come for which something stood: the server is asked again, so that it is said in the passage. @param {number} index */
  move(index) {
    const away = document.getElementById(`stand-in-${index}`);
    if (!away) return;
    this.#gone.delete(index);
    this.#moved.add(index);
    clearConflict(away);
    this.editor.saver.again(index);
  }

  /** @param {number} index @param {HTMLElement} row */
  #letGo(index, row) {
    const { field, saver } = this.editor;
    this.#gone.delete(index);
    saver.forget(index); // first: a field that is closed saves what is typed in it
    if (field.isOpen(row)) field.close();
    this.clear(index);
  }

  /** Where a text is shown that could not be saved: its passage, else above the transcript. @param {number} index @param {string} mine */
  #placeFor(index, mine) {
    const { field, root, rows } = this.editor;
    const row = rows.find(index);
    if (!row) return standIn(root, index, mine);
    if (!field.isOpen(row)) rows.overlay(row, mine);
    return row;
  }
}

/** @param {string} text */
const copying = (text) => ({ label: gettext("Copy my text"), press: async () => (await copyText(text)) && showToast(gettext("Copied"), { level: "success" }) });
