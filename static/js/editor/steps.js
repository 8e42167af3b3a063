/** Undo and redo: what is taken back, or done again, is shown. */

const find = (/** @type {string} */ selector) => /** @type {HTMLButtonElement} */ (document.querySelector(selector));

export class Steps {
  /** @param {{rows: import("./rows.js").Rows, field: import("./field.js").Field, page: {show: (time: number) => Promise<void>, stay: () => void, inView: () => HTMLElement[]}, edit: (edit: object) => Promise<any>, goOn: (row: HTMLElement | null) => void}} editor */
  constructor(editor) {
    this.editor = editor;
    find("#undo").addEventListener("click", () => this.go("undo"));
    find("#redo").addEventListener("click", () => this.go("redo"));
  }

  /** @param {{can_undo: boolean, can_redo: boolean}} can */
  show({ can_undo: undo, can_redo: redo }) {
    find("#undo").disabled = !undo;
    find("#redo").disabled = !redo;
  }

  /** @param {"undo" | "redo"} kind */
  async go(kind) {
    const { field, page, rows } = this.editor;
    field.close(); // it would go on showing what is taken back
    const answer = await this.editor.edit({ kind });
    const changed = answer?.edit?.changed ?? [];
    const seen = page.inView().find((row) => changed.includes(Number(row.dataset.index)));
    if (!seen) await this.#reach(changed[0]);
    this.editor.goOn(seen ?? rows.find(changed[0]));
  }

  /** It may be far away. Whoever writes elsewhere meanwhile is left there. @param {number | undefined} index */
  async #reach(index) {
    const { field, page, rows } = this.editor;
    const start = index === undefined ? undefined : rows.awayAt(index);
    if (start === undefined || field.row) return;
    page.stay();
    await page.show(start).catch(() => {});
  }
}
