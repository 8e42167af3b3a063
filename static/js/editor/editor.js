/** Correcting the text of a recording's page: everything that can be done, brought together. */
import { format, gettext, locale } from "../i18n.js";
import { isTyping, singleKeysAreOn } from "../keys.js";
import { moveOn } from "../newer.js";
import { showToast } from "../toasts.js";
import { Conflicts } from "./conflicts.js";
import { Doubtful } from "./doubtful.js";
import { Drafts } from "./drafts.js";
import { Edits } from "./edits.js";
import { Field } from "./field.js";
import { PassageMenu } from "./menu.js";
import { Panel } from "./panel.js";
import { Proposals } from "./proposals.js";
import { Replace } from "./replace.js";
import { beside, focusOn, inLine, markTurns, Rows, textOf } from "./rows.js";
import { Saver } from "./saver.js";
import { Speakers } from "./speakers.js";
import { Steps } from "./steps.js";
import { showStrays } from "./strays.js";
import { Structure } from "./structure.js";
import { Times } from "./times.js";

const LOOK_EVERY = 5_000;
const PAUSES = [500, 1_000, 2_000, 4_000]; // a server that is started again is back within them
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class Editor {
  /**
   * @param {HTMLElement} root the transcript
   * @param {{changed: () => void, pause: () => void, seek: (time: number) => void, show: (time: number) => Promise<void>, reachBeside: (row: HTMLElement, step: 1 | -1) => Promise<boolean>, renew: (update: (changes: any) => void) => Promise<void>, stay: () => void, inView: () => HTMLElement[], comment: (row: HTMLElement) => void, player: import("../player.js").Player | null}} page
   */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.rows = new Rows(root, (index) => this.field.index === index || this.saver.has(index), () => {
      page.changed();
      this.proposals.place();
    });
    this.edits = new Edits(root, (changes) => this.#changed(changes));
    this.conflicts = new Conflicts(this);
    this.drafts = new Drafts(root.dataset);
    this.saver = new Saver(this.edits, this.drafts, {
      status: (status) => this.#status(status),
      conflict: (index, mine, now) => this.conflicts.show(index, mine, now),
      refused: (index, mine, error) => this.conflicts.refuse(index, mine, error),
      saved: (index, text, answer) => this.#saved(index, text, answer),
      settled: (index, saved) => this.rows.release(index, saved),
    });
    this.field = new Field(this.saver, {
      typing: page.pause,
      unsaved: (row, text) => this.rows.overlay(row, text),
      closed: (row) => this.rows.release(Number(row.dataset.index)),
    });
    this.steps = new Steps(this);
    this.structure = new Structure(this);
    this.panel = new Panel(find("#panel"));
    this.speakers = new Speakers(this.rows, (edit) => this.edit(edit));
    this.times = new Times(this.rows, page.player, { settle: (row) => this.#settle(row), edit: (edit) => this.#send(edit) });
    this.replace = new Replace(this.edits, { go: (time) => this.#go(time), flush: () => this.saver.flushAll(), edit: (edit) => this.edit(edit), said: (text) => showToast(text, { level: "success" }) });
    this.proposals = new Proposals(this.rows, {
      flush: () => this.saver.flushAll(),
      reachBelow: (row) => page.reachBeside(row, 1),
      edited: async (answer) => {
        await this.edits.pull();
        this.steps.show(answer);
      },
    });
    this.doubtful = new Doubtful({ go: (time) => this.#go(time), again: (index, time) => this.#again(index, time) });
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
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.edits.pull());
    setInterval(() => document.hidden || this.edits.pull(), LOOK_EVERY);
  }

  // What people do --------------------------------------------------------------------------------------------------

  /** @param {HTMLElement} row @param {{text?: string, at?: number, revision?: number}} [from] */
  open(row, from) {
    if (!row.isConnected) return;
    this.field.open(row, from);
    this.page.reachBeside(row, 1).catch(() => {}); // Enter goes on below at once
  }

  /** From the passage's menu. @param {string} action @param {HTMLElement} pressed */
  act(action, pressed) {
    const row = this.rows.find(Number(pressed.dataset.index)) ?? pressed; // it may have been drawn anew meanwhile
    const doing = {
      edit: () => this.open(row, { at: caretFrom(row.querySelector(".found-doubt"), row) }),
      merge: () => this.structure.join(pressed), // what was seen when the menu was opened
      delete: () => {
        this.conflicts.dropBlank(row);
        return this.structure.change(pressed, "delete");
      },
      confirm: () => this.structure.change(pressed, "confirm"),
      speaker: () => this.speakers.ask(row),
      times: () => this.times.ask(row),
      again: () => this.proposals.ask(row),
      comment: () => this.page.comment(row),
    }[action];
    doing?.();
  }

  /** An edit other than of text; what is being typed is saved before. What goes wrong is said. @param {object} edit */
  async edit(edit) {
    try {
      return await this.#send(edit);
    } catch (error) {
      this.edits.pull();
      showToast(/** @type {Error} */ (error).message, { level: "error" });
      return null;
    }
  }

  /** Raises ApiError. @param {object} edit */
  async #send(edit) {
    await this.saver.flushAll();
    const answer = await this.edits.send(edit, PAUSES);
    this.steps.show(answer);
    return answer;
  }

  /** Whether all of a passage is saved; else the passage says why not, or this does. @param {number} index */
  isSaved(index) {
    if (!this.saver.has(index)) return true;
    if (!this.conflicts.pointAt(index)) showToast(gettext("This can be done once the connection is back and your text is saved."), { level: "warning" });
    return false;
  }

  /** Save what is typed in a passage, and leave it. False where that was not possible: it is said why. @param {HTMLElement} row */
  async #settle(row) {
    const isOpen = this.field.isOpen(row);
    this.field.close();
    await this.saver.flush(Number(row.dataset.index));
    if (isOpen) await this.edits.pull(); // what was saved may not be drawn yet
    return this.isSaved(Number(row.dataset.index));
  }

  /** An answer may come late: who writes elsewhere meanwhile is left there. @param {HTMLElement | null} row @param {number} [at] where to write in it */
  goOn(row, at) {
    if (!row || this.field.row) return;
    if (at === undefined) focusOn(row);
    else this.open(row, { at });
  }

  // Keys ------------------------------------------------------------------------------------------------------------

  /** Of the passage that has the focus, else of the one being played, where the key is nobody else's. @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {Element} */ (event.target);
    const row = this.rows.around(target) ?? (isTyping(event) ? null : this.rows.current());
    if (!row || event.defaultPrevented) return;
    const typing = target === this.field.area;
    const command = event.ctrlKey || event.metaKey;
    if (event.altKey && !command && /^Digit[1-9]$/.test(event.code)) return this.#take(event, () => this.speakers.assignByPlace(row, Number(event.code.at(-1))));
    if (command && event.shiftKey && event.code === "Backspace") return this.#take(event, () => this.structure.join(row));
    if (typing && command && event.key === "Enter") return this.#take(event, () => this.structure.split());
    if (command || event.altKey || event.isComposing) return;
    if (typing && event.code === "Escape") return this.#take(event, () => this.field.close({ focus: true }));
    if (typing && event.key === "Enter") return this.#take(event, () => this.#next(row));
    const isFree = target === row || (singleKeysAreOn() && !target.closest("a, button, summary, input, [role='slider'], .seg"));
    if (isFree && !this.structure.isPending && event.key === "Enter") return this.#take(event, () => this.act("edit", row));
  }

  /** @param {KeyboardEvent} event @param {() => void} act */
  #take(event, act) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!this.structure.postpones(event)) act();
  }

  /** Save, and go on with the passage below. @param {HTMLElement} row */
  async #next(row) {
    this.field.close({ focus: true });
    const here = () => this.rows.find(Number(row.dataset.index)) ?? row; // it may be drawn anew meanwhile
    if (!beside(here(), 1)) await this.page.reachBeside(here(), 1).catch(() => false);
    const below = beside(here(), 1);
    if (below) this.open(below, { at: 0 });
  }

  // What the server says --------------------------------------------------------------------------------------------

  /** @param {any} changes */
  async #changed(changes) {
    if (changes.reload) return void moveOn(this.root, !this.saver.isIdle);
    this.speakers.show(changes.speakers);
    if (changes.many) await this.page.renew((part) => this.#update(part));
    else this.#update(changes);
    this.steps.show(changes);
    for (const list of [this.proposals, this.replace, this.doubtful]) list.textChanged();
  }

  /** @param {{rows: any[], removed: number[], joined?: number[]}} changes */
  #update(changes) {
    this.rows.update(changes);
    const removed = this.structure.isPending ? [] : changes.removed; // else it goes by one's own doing
    for (const index of removed) this.conflicts.gone(index, changes.joined?.includes(index) ?? false);
    for (const { index } of changes.rows) this.conflicts.back(index);
  }

  /** @param {number} index @param {string} text @param {import("./edits.js").Edited} answer */
  #saved(index, text, { edit }) {
    this.conflicts.clear(index);
    const row = this.rows.find(index);
    if (!row || !edit) return;
    // Before the row itself comes: what is typed next builds on both.
    row.dataset.revision = String(edit.revision);
    if (this.saver.text(index) === text) this.rows.saved(row, text); // else the page shows what was typed since
    if (this.field.isOpen(row)) row.dataset.base = row.dataset.revision;
  }

  /** @param {import("./saver.js").Status} status */
  #status({ saving, unsaved, blocked, offline, problem }) {
    const said = find("#save-status");
    const isBlocked = !saving && blocked > 0 && blocked === unsaved;
    let words = format(gettext("Saved %(time)s"), { time: new Date().toLocaleTimeString(locale, { timeStyle: "short" }) });
    if (offline) words = format(gettext("%(problem)s – %(count)s unsaved"), { problem, count: unsaved });
    else if (isBlocked) words = format(gettext("%(count)s not saved"), { count: blocked });
    else if (saving || unsaved) words = gettext("Saving…");
    if (said.textContent !== words) said.textContent = words;
    said.dataset.state = offline ? "offline" : isBlocked ? "blocked" : saving || unsaved ? "saving" : "saved";
  }

  /** Corrections of an earlier visit that never arrived. */
  #offerDrafts() {
    for (const [index, draft] of this.drafts.all()) {
      const row = this.rows.find(index);
      if (row && textOf(row) === inLine(draft.text)) this.drafts.drop(index);
      else this.saver.resume(index, draft);
    }
    showStrays(this.root, this.drafts, (index, draft) => this.saver.resume(index, draft));
    this.showUnsaved();
  }

  /** Whether something of one's own is in it that the server does not have yet. @param {HTMLElement} list of passages */
  holds(list) {
    return [...list.querySelectorAll(".seg")].some((row) => this.rows.isHeld(Number(/** @type {HTMLElement} */ (row).dataset.index)));
  }

  /** Passages show what is written in them and not saved: what is typed next builds on it. */
  showUnsaved() {
    for (const { index, text } of this.saver.texts) {
      const row = this.rows.find(index);
      if (!row) continue;
      if (!this.field.isOpen(row)) this.rows.overlay(row, text);
      this.conflicts.move(index);
    }
  }

  /** From the list of doubtful passages: it may not be loaded yet. @param {number} index @param {number} time seconds */
  async #again(index, time) {
    await this.#go(time);
    const row = this.rows.find(index);
    if (row) this.proposals.ask(row);
  }

  /** @param {number} time seconds */
  async #go(time) {
    await this.page.show(time);
    this.page.seek(time);
  }
}

/** Where in the passage's text a word begins that was pressed or found. @param {Element | null} target @param {HTMLElement} row */
function caretFrom(target, row) {
  const word = target?.closest("span[data-start]");
  if (!word) return undefined;
  const before = new Range();
  before.setStart(/** @type {Node} */ (row.querySelector(".seg-text")), 0);
  before.setEndBefore(word);
  return before.toString().replace(/\s+/g, " ").trimStart().length;
}
