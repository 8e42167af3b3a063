/** Corrections that the server could not take: shown where they were made until the person has decided. */
import { copyText } from "../clipboard.js";
import { gettext } from "../i18n.js";
import { showToast } from "../toasts.js";
import { clearConflict, showConflict, standIn } from "./conflict.js";

export class Conflicts {
  /** @param {{root: HTMLElement, rows: import("./rows.js").Rows, field: import("./field.js").Field, saver: import("./saver.js").Saver, edits: import("./edits.js").Edits, open: (row: HTMLElement, from: {text?: string, revision?: number}) => void, act: (action: string, row: HTMLElement) => void}} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /** Both texts are shown. @param {number} index @param {string} mine @param {{text: string | null, revision?: number}} now */
  show(index, mine, now) {
    const { edits, field, saver } = this.editor;
    const row = this.#placeFor(index, mine);
    const isOpen = () => field.isOpen(row);
    const forget = () => {
      this.#letGo(index, row);
      edits.pull();
    };
    if (now.text === null) {
      const copy = async () => (await copyText(mine)) && showToast(gettext("Copied"), { level: "success" });
      return showConflict(row, {
        title: gettext("Somebody else has deleted this passage. Your text is kept in this browser until you let it go."),
        buttons: [{ label: gettext("Copy my text"), press: copy, primary: true }, { label: gettext("Let it go"), press: forget }],
      });
    }
    const keep = () => {
      saver.rebase(index, now.revision ?? 0);
      if (isOpen()) row.dataset.base = String(now.revision);
      clearConflict(row);
      saver.flush(index);
    };
    if (!field.row && row.matches(".seg")) this.editor.open(row, { text: mine, revision: now.revision }); // who types elsewhere goes on
    showConflict(row, {
      title: isOpen() ? gettext("Somebody else has changed this passage in the meantime. Yours is in the field above, theirs is here:") : gettext("Somebody else has changed this passage in the meantime. Yours is above, theirs is here:"),
      theirs: now.text,
      buttons: [{ label: gettext("Keep mine"), press: keep, primary: true }, { label: gettext("Take theirs"), press: forget }],
    });
  }

  /** @param {number} index @param {string} mine @param {string} message */
  refuse(index, mine, message) {
    const row = this.#placeFor(index, mine);
    const leave = { label: gettext("Leave it as it was"), press: () => this.#letGo(index, row) };
    const remove = { label: gettext("Delete the passage"), press: () => this.editor.act("delete", row) };
    showConflict(row, { title: message, buttons: mine.trim() ? [leave] : [remove, leave] });
  }

  /** Of a passage that is to be deleted: that it was emptied before is no text to keep. @param {HTMLElement} row */
  dropBlank(row) {
    const index = Number(row.dataset.index);
    if (this.editor.saver.text(index)?.trim() === "") this.#letGo(index, row);
  }

  /** Why a passage cannot be saved, to somebody who asks for more. @param {number} index */
  pointAt(index) {
    /** @type {HTMLElement | null | undefined} */ (this.editor.rows.find(index)?.querySelector(".conflict button"))?.focus();
  }

  /** @param {number} index @param {HTMLElement} row */
  #letGo(index, row) {
    const { field, saver } = this.editor;
    saver.forget(index); // first: a field that is closed saves what is typed in it
    if (field.isOpen(row)) field.close();
    clearConflict(row);
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
