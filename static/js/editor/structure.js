/** Passages are split, joined, deleted and confirmed. Who does so while writing writes on in the result. */
import { gettext } from "../i18n.js";
import { showToast } from "../toasts.js";
import { uuid } from "../uuid.js";
import { beside, inLine, textOf } from "./rows.js";
import { Seam } from "./seam.js";

export class Structure {
  /** @type {Seam | null} */
  #seam = null;

  /** @param {{rows: import("./rows.js").Rows, field: import("./field.js").Field, saver: import("./saver.js").Saver, page: {reachBeside: (row: HTMLElement, step: 1 | -1) => Promise<boolean>}, isSaved: (index: number) => boolean, edit: (edit: object) => Promise<any>, goOn: (row: HTMLElement | null, at?: number) => void}} editor */
  constructor(editor) {
    this.editor = editor;
    addEventListener("beforeunload", (event) => this.#seam?.typed && event.preventDefault());
  }

  /** Whether an open passage is being split or joined. */
  get isPending() {
    return this.#seam !== null;
  }

  /** Whether a key of the field waits for the result. @param {KeyboardEvent} key */
  postpones(key) {
    if (!this.#seam || key.target !== this.#seam.area) return false;
    this.#seam.postpone(key);
    return true;
  }

  /** A passage as it was seen. @param {HTMLElement} row @param {"confirm" | "delete" | "merge"} kind */
  async change(row, kind) {
    const { field, rows, saver } = this.editor;
    const index = Number(row.dataset.index);
    const seen = Number(row.dataset.base ?? row.dataset.revision);
    field.close();
    const revision = (await saver.flush(index)) ?? seen;
    if (!this.editor.isSaved(index)) return;
    const here = rows.find(index) ?? row;
    const near = beside(here, -1) ?? beside(here, 1);
    const answer = await this.editor.edit({ kind, index, revision });
    if (answer?.edit) this.editor.goOn(rows.find(index) ?? rows.find(Number(near?.dataset.index)));
    if (answer?.edit && kind === "delete") showToast(gettext("The passage was deleted. Undo brings it back."));
  }

  /** With the passage above. @param {HTMLElement} row */
  async join(row) {
    const { field, rows, saver } = this.editor;
    if (!field.isOpen(row)) return this.change(row, "merge");
    const { index } = field;
    const below = inLine(field.area?.value ?? "");
    const done = await this.#atSeam(0, { kind: "merge" });
    const joined = rows.find(done?.edit.changed[0]);
    if (done && joined) this.#goOn(joined, Math.max(0, textOf(joined).length - below.length), done.seam);
    else if (done?.seam.typed) saver.resume(index, { text: done.seam.text, revision: done.revision, at: Date.now() }); // nowhere to go on: it is shown, and can be copied
  }

  /** At the caret. */
  async split() {
    const { rows, field } = this.editor;
    const { row, area, index } = field;
    if (!row || !area) return;
    const { selectionStart: caret, value: text } = area;
    const at = [...text.slice(0, caret)].length; // characters, of which some are two of the browser's
    const done = await this.#atSeam(caret, { kind: "split", text, at });
    if (!done) return;
    const below = rows.find(done.edit.changed.find((/** @type {number} */ each) => each !== index));
    this.#goOn(below ?? rows.find(index) ?? row, below ? 0 : caret, done.seam);
  }

  /** The open passage stays open until the server has answered; null where that did not do it. @param {number} at @param {object} wish */
  async #atSeam(at, wish) {
    const { field, page, saver } = this.editor;
    const index = field.index;
    const row = /** @type {HTMLElement} */ (field.row);
    const area = /** @type {HTMLTextAreaElement} */ (field.area);
    const caret = area.selectionStart;
    const seen = Number(row.dataset.base); // what was in the field, not what has come since
    const seam = (this.#seam = new Seam(area, at, (text) => saver.keep(index, text, seen)));
    const revision = (await saver.flush(index)) ?? seen;
    seam.keep = (text) => saver.keep(index, text, revision);
    if (seam.typed) seam.keep(seam.text); // what was saved meanwhile is no draft any more
    if (!beside(row, -1)) await page.reachBeside(row, -1).catch(() => false); // to be joined with
    const answer = this.editor.isSaved(index) ? await this.editor.edit({ ...wish, index, revision }) : null;
    if (this.#seam === seam) this.#seam = null; // another may have been begun
    seam.end();
    if (!answer?.edit) return this.#stay(row, caret, revision, seam);
    if (field.isOpen(row)) field.close();
    saver.drop(index); // what was typed goes on in the result
    return { edit: answer.edit, seam, revision };
  }

  /** @param {HTMLElement} row @param {number} caret @param {number} revision @param {Seam} seam */
  #stay(row, caret, revision, seam) {
    const { field, rows, saver } = this.editor;
    const index = Number(row.dataset.index);
    if (seam.typed) this.#write(row, seam.text, revision);
    else {
      saver.drop(index);
      seam.area.setSelectionRange(caret, caret);
    }
    if (field.isOpen(row) && !saver.has(index)) {
      field.close(); // somebody else may have changed it
      this.editor.goOn(rows.find(index), caret);
    }
    return null;
  }

  /** In the result, unless somebody writes elsewhere meanwhile. @param {HTMLElement} row @param {number} at @param {Seam} seam */
  #goOn(row, at, { typed, keys }) {
    const { field, saver } = this.editor;
    const text = saver.text(Number(row.dataset.index)) ?? textOf(row);
    if (typed) this.#write(row, text.slice(0, at) + typed + text.slice(at), Number(row.dataset.revision));
    this.editor.goOn(row, at + typed.length);
    if (!field.isOpen(row)) return;
    for (const key of keys) field.area?.dispatchEvent(new KeyboardEvent("keydown", key));
  }

  /** @param {HTMLElement} row @param {string} text @param {number} revision that it builds on */
  #write(row, text, revision) {
    const { field, rows, saver } = this.editor;
    const index = Number(row.dataset.index);
    saver.typed(index, text, revision, uuid());
    const shown = rows.find(index);
    if (shown && !field.isOpen(shown)) rows.overlay(shown, text);
  }
}
