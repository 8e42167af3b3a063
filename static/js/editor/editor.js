/** Correcting the text of a recording's page: everything that can be done, brought together. */
import { showToast } from "../toasts.js";
import { clearConflict, showConflict } from "./conflict.js";
import { Drafts } from "./drafts.js";
import { Edits } from "./edits.js";
import { Field } from "./field.js";
import { PassageMenu } from "./menu.js";
import { Panel } from "./panel.js";
import { Replace } from "./replace.js";
import { focusOn, markTurns, Rows, textOf } from "./rows.js";
import { Saver } from "./saver.js";
import { Speakers } from "./speakers.js";

const LOOK_EVERY = 5_000;
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class Editor {
  /**
   * @param {HTMLElement} root the transcript
   * @param {{changed: () => void, pause: () => void, seek: (time: number) => void, show: (time: number) => Promise<void>, reachBeside: (row: HTMLElement, step: 1 | -1) => Promise<boolean>, comment: (row: HTMLElement) => void}} page
   */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.rows = new Rows(root, (row) => this.field.isOpen(row), page.changed);
    this.edits = new Edits(root, (changes) => this.#changed(changes));
    this.drafts = new Drafts(root.dataset.id ?? "");
    this.saver = new Saver(this.edits, this.drafts, {
      status: (status) => this.#status(status),
      conflict: (index, mine, now) => this.#conflict(index, mine, now),
      refused: (index, message) => this.#refused(index, message),
      saved: (index, _text, answer) => this.#saved(index, answer),
    });
    this.field = new Field(this.saver, { typing: page.pause, closed: () => {} });
    this.panel = new Panel(find("#panel"));
    this.speakers = new Speakers(this.rows, (edit) => this.edit(edit));
    this.replace = new Replace(this.edits, { go: (time) => this.#go(time), edit: (edit) => this.edit(edit), said: (text) => showToast(text, { level: "success" }) });
    this.menu = new PassageMenu(find("#passage-menu"), root, (action, row) => this.act(action, row));
    for (const part of root.querySelectorAll("ol.part")) markTurns(part);
    this.#listen();
    this.#offerDrafts();
  }

  #listen() {
    this.root.addEventListener("dblclick", (event) => {
      const target = /** @type {Element} */ (event.target);
      const row = this.rows.around(target);
      if (!row || !target.closest(".seg-text")) return;
      getSelection()?.removeAllRanges();
      this.open(row, { at: caretFrom(target, row) });
    });
    this.root.addEventListener("focusout", (event) => {
      if (event.target === this.field.area) this.saver.flush(this.field.index); // a click elsewhere saves, and closes nothing
    });
    this.root.addEventListener("keydown", (event) => this.#key(event));
    find("#undo").addEventListener("click", () => this.step("undo"));
    find("#redo").addEventListener("click", () => this.step("redo"));
    document.addEventListener("visibilitychange", () => document.hidden || this.edits.pull());
    setInterval(() => document.hidden || this.edits.pull(), LOOK_EVERY);
    find("#tab-doubt").addEventListener("click", (event) => {
      const place = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-go]"));
      if (place) this.#go(Number(place.dataset.go));
    });
  }

  // What people do --------------------------------------------------------------------------------------------------

  /** @param {HTMLElement} row @param {{text?: string, at?: number, revision?: number}} [from] */
  open(row, from) {
    this.field.open(row, from);
  }

  /** From the passage's menu. @param {string} action @param {HTMLElement} row */
  act(action, row) {
    const doing = {
      edit: () => this.open(row),
      merge: () => this.#structural(row, { kind: "merge" }),
      delete: () => this.#structural(row, { kind: "delete" }),
      confirm: () => this.#structural(row, { kind: "confirm" }),
      speaker: () => this.speakers.ask(row),
      comment: () => this.page.comment(row),
    }[action];
    doing?.();
  }

  /** An edit other than of text; what is being typed is saved before. What goes wrong is said. @param {object} edit */
  async edit(edit) {
    await this.saver.flushAll();
    try {
      const answer = await this.edits.send(edit);
      this.#steps(answer);
      return answer;
    } catch (error) {
      this.edits.pull();
      showToast(/** @type {Error} */ (error).message, { level: "error" });
      return null;
    }
  }

  /** @param {"undo" | "redo"} kind */
  async step(kind) {
    const answer = await this.edit({ kind });
    const index = answer?.edit?.changed[0];
    if (index !== undefined) focusOn(this.rows.find(index));
  }

  /** @param {HTMLElement} row @param {{kind: string}} edit */
  async #structural(row, edit) {
    const index = Number(row.dataset.index);
    this.field.close();
    await this.saver.flush(index);
    if (this.saver.has(index)) return; // not saved: it says why
    const above = this.rows.beside(row, -1);
    const answer = await this.edit({ ...edit, index, revision: Number((this.rows.find(index) ?? row).dataset.revision) });
    if (answer?.edit) focusOn(this.rows.find(index) ?? this.rows.find(Number(above?.dataset.index)));
    if (answer?.edit && edit.kind === "delete") showToast("The passage was deleted. Undo brings it back.");
  }

  /** Split at the caret. */
  async split() {
    const { row, area } = this.field;
    if (!row || !area) return;
    const index = Number(row.dataset.index);
    const wish = { kind: "split", index, text: area.value, at: area.selectionStart };
    const revision = Number(row.dataset.base);
    await this.saver.flush(index);
    if (this.saver.has(index)) return;
    this.field.close();
    const now = Number((this.rows.find(index) ?? row).dataset.revision);
    const answer = await this.edit({ ...wish, revision: Math.max(now, revision) });
    const made = answer?.edit?.changed.find((/** @type {number} */ each) => each !== index);
    const below = this.rows.find(made);
    if (below) this.open(below, { at: 0 });
    else this.open(this.rows.find(index) ?? row, { at: wish.at });
  }

  // Keys ------------------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #key(event) {
    const row = this.rows.around(/** @type {Element} */ (event.target));
    if (!row) return;
    const typing = event.target === this.field.area;
    const command = event.ctrlKey || event.metaKey;
    if (event.altKey && !command && /^Digit[1-9]$/.test(event.code)) return this.#take(event, () => this.speakers.assignByPlace(row, Number(event.code.at(-1))));
    if (command && event.shiftKey && event.code === "Backspace") return this.#take(event, () => this.#structural(row, { kind: "merge" }));
    if (typing && command && event.code === "Enter") return this.#take(event, () => this.split());
    if (command || event.altKey || event.isComposing) return;
    if (typing && event.code === "Escape") return this.#take(event, () => this.field.close({ focus: true }));
    if (typing && event.code === "Enter") return this.#take(event, () => this.#next(row));
    if (!typing && event.target === row && event.code === "Enter") return this.#take(event, () => this.open(row));
  }

  /** @param {KeyboardEvent} event @param {() => void} act */
  #take(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** Save, and go on with the passage below. @param {HTMLElement} row */
  async #next(row) {
    this.field.close({ focus: true });
    await this.page.reachBeside(row, 1).catch(() => false);
    const below = this.rows.beside(this.rows.find(Number(row.dataset.index)) ?? row, 1);
    if (below) this.open(below, { at: 0 });
  }

  // What the server says --------------------------------------------------------------------------------------------

  /** @param {any} changes */
  #changed(changes) {
    if (changes.reload) {
      if (this.saver.isIdle && !this.field.row) location.reload();
      return;
    }
    this.rows.update(changes);
    this.speakers.show(changes.speakers);
    this.#steps(changes);
    for (const index of changes.removed) if (this.field.index === index) this.#conflict(index, this.field.area?.value ?? "", { text: null });
  }

  /** @param {{can_undo: boolean, can_redo: boolean}} can */
  #steps({ can_undo: undo, can_redo: redo }) {
    /** @type {HTMLButtonElement} */ (find("#undo")).disabled = !undo;
    /** @type {HTMLButtonElement} */ (find("#redo")).disabled = !redo;
  }

  /** @param {number} index @param {import("./edits.js").Edited} answer */
  #saved(index, { edit }) {
    const row = this.rows.find(index);
    if (!row) return;
    clearConflict(row);
    if (edit) row.dataset.revision = String(edit.revision); // before the row itself comes: what is typed next builds on it
    if (this.field.isOpen(row)) row.dataset.base = row.dataset.revision;
  }

  /** @param {import("./saver.js").Status} status */
  #status({ saving, unsaved, offline, problem }) {
    const said = find("#save-status");
    const words = offline ? `${problem} – ${unsaved} unsaved` : saving || unsaved ? "Saving…" : `Saved ${new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" })}`;
    if (said.textContent !== words) said.textContent = words;
    said.dataset.state = offline ? "offline" : saving || unsaved ? "saving" : "saved";
  }

  // What could not be saved -----------------------------------------------------------------------------------------

  /** Both texts are shown. @param {number} index @param {string} mine @param {{text: string | null, revision?: number}} now */
  #conflict(index, mine, now) {
    const row = this.rows.find(index);
    if (!row) return showToast(`A correction could not be saved, because its passage is gone. Your text: ${mine}`, { level: "error" });
    const forget = () => {
      this.saver.forget(index);
      clearConflict(row);
      this.field.close();
      if ("gone" in row.dataset) row.remove();
      this.edits.pull();
    };
    if (now.text === null) {
      const copy = () => navigator.clipboard.writeText(mine);
      return showConflict(row, {
        title: "Somebody else has deleted this passage. Your text is kept in this browser until you let it go.",
        buttons: [{ label: "Copy my text", press: copy, primary: true }, { label: "Let it go", press: forget }],
      });
    }
    const keep = () => {
      this.saver.rebase(index, now.revision ?? 0);
      if (this.field.isOpen(row)) row.dataset.base = String(now.revision);
      clearConflict(row);
      this.saver.flush(index);
    };
    if (!this.field.isOpen(row)) this.open(row, { text: mine, revision: now.revision });
    showConflict(row, {
      title: "Somebody else has changed this passage in the meantime. Yours is in the field above, theirs is here:",
      theirs: now.text,
      buttons: [{ label: "Keep mine", press: keep, primary: true }, { label: "Take theirs", press: forget }],
    });
  }

  /** @param {number} index @param {string} message */
  #refused(index, message) {
    const row = this.rows.find(index);
    if (!row) return showToast(message, { level: "error" });
    const leave = () => {
      this.saver.forget(index);
      clearConflict(row);
      this.field.close();
    };
    showConflict(row, { title: message, buttons: [{ label: "Leave it as it was", press: leave }] });
  }

  /** Corrections of an earlier visit that never arrived. */
  #offerDrafts() {
    for (const [index, draft] of this.drafts.all()) {
      const row = this.rows.find(index);
      if (row && textOf(row) === draft.text.replace(/\s+/g, " ").trim()) this.drafts.drop(index);
      else this.saver.typed(index, draft.text, draft.revision, crypto.randomUUID());
    }
    this.saver.flushAll();
  }

  /** @param {number} time seconds */
  async #go(time) {
    await this.page.show(time);
    this.page.seek(time);
  }
}

/** Where in the passage's text a word begins that was pressed. @param {Element} target @param {HTMLElement} row */
function caretFrom(target, row) {
  const word = target.closest("span[data-start]");
  if (!word) return undefined;
  const before = new Range();
  before.setStart(/** @type {Node} */ (row.querySelector(".seg-text")), 0);
  before.setEndBefore(word);
  return before.toString().replace(/\s+/g, " ").trimStart().length;
}
