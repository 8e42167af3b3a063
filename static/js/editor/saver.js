/**
 * Saves what is typed: 800 ms after the last key, and on leaving a passage. A text is safe when the server has said so;
 * until then it is kept in the browser and sent again. What somebody else has changed meanwhile is never overwritten.
 */
import { gettext } from "../i18n.js";
import { uuid } from "../uuid.js";

const AFTER = 800;
const RETRIES = [2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * @typedef {{text: string, revision: number, group: string, timer?: ReturnType<typeof setTimeout>, running?: Promise<number | undefined>, attempt?: {text: string, request: string}, sent?: string, blocked?: boolean}} Work
 * @typedef {{saving: boolean, unsaved: number, blocked: number, offline: boolean, problem: string}} Status `blocked` wait for the person
 */

export class Saver {
  /** @type {Map<number, Work>} */
  #work = new Map();
  #failures = 0;
  #offline = false;

  /**
   * @param {import("./edits.js").Edits} edits
   * @param {import("./drafts.js").Drafts} drafts
   * @param {{status: (status: Status) => void, conflict: (index: number, mine: string, now: any) => void, saved: (index: number, text: string, answer: any) => void, refused: (index: number, mine: string, error: import("../server.js").ApiError) => void, settled: (index: number, saved?: string) => void}} tell
   */
  constructor(edits, drafts, tell) {
    this.edits = edits;
    this.drafts = drafts;
    this.tell = tell;
    addEventListener("online", () => this.flushAll());
    addEventListener("pagehide", () => this.flushAll());
    addEventListener("beforeunload", (event) => {
      if ([...this.#work.values()].some((work) => !work.blocked)) event.preventDefault();
    });
  }

  get isIdle() {
    return this.#work.size === 0;
  }

  /** Whether a passage has text that is not saved. @param {number} index */
  has(index) {
    return this.#work.has(index);
  }

  /** What is not saved of a passage. @param {number} index */
  text(index) {
    return this.#work.get(index)?.text;
  }

  /** All that is not saved, by number of the passage. */
  get texts() {
    return [...this.#work].map(([index, { text }]) => ({ index, text }));
  }

  /** @param {number} index @param {string} text @param {number} revision of the passage as it was read @param {string} group */
  typed(index, text, revision, group) {
    const work = this.#work.get(index) ?? { text, revision, group };
    Object.assign(work, { text, blocked: false });
    this.#work.set(index, work);
    this.#keep(index, work);
    clearTimeout(work.timer);
    work.timer = setTimeout(() => this.flush(index), AFTER);
    this.#show();
  }

  /** Go on with what an earlier visit could not save. @param {number} index @param {import("./drafts.js").Draft} draft */
  resume(index, { text, revision, group = uuid(), attempt }) {
    this.#work.set(index, { text, revision, group, attempt });
    return this.flush(index);
  }

  /** Keep in this browser what is typed in a passage before it can be saved. @param {number} index @param {string} text @param {number} revision */
  keep(index, text, revision) {
    this.#keep(index, { revision, group: uuid(), ...this.#work.get(index), text });
  }

  /** What was kept so is elsewhere now. @param {number} index */
  drop(index) {
    if (!this.has(index)) this.drafts.drop(index);
  }

  /** @param {number} index @param {Work} work */
  #keep(index, { text, revision, group, attempt }) {
    this.drafts.keep(index, { text, revision, group, attempt, at: Date.now() });
  }

  /** Go on against another state of the passage, seen by the person. @param {number} index @param {number} revision */
  rebase(index, revision) {
    const work = this.#work.get(index);
    if (!work) return;
    Object.assign(work, { revision, blocked: false, attempt: undefined, group: uuid() });
    this.#keep(index, work);
  }

  /** Try what was refused once more: what stood in its way is gone. @param {number} index */
  again(index) {
    const work = this.#work.get(index);
    if (work) work.blocked = false;
    return this.flush(index);
  }

  /** Give a text up, unless it is saved. @param {number} index @param {string} [saved] */
  forget(index, saved) {
    clearTimeout(this.#work.get(index)?.timer);
    this.#work.delete(index);
    this.drafts.drop(index);
    this.tell.settled(index, saved);
    this.#show();
  }

  /**
   * Save a passage now; done when the server has it and the page shows it, or when it cannot be reached.
   * @param {number} index @returns {Promise<number | undefined>} the revision of the passage with this text, if it was saved now
   */
  flush(index) {
    const work = this.#work.get(index);
    if (!work) return Promise.resolve(undefined);
    clearTimeout(work.timer);
    if (work.blocked) return Promise.resolve(undefined);
    work.running ??= this.#save(index, work).finally(() => (work.running = undefined));
    return work.running;
  }

  flushAll() {
    return Promise.all([...this.#work.keys()].map((index) => this.flush(index)));
  }

  /** @param {number} index @param {Work} work */
  async #save(index, work) {
    this.#show(true);
    while (this.#work.get(index) === work && work.sent !== work.text) {
      // One whose outcome is not known is sent again as it was, before anything newer: it may have arrived.
      const attempt = (work.attempt ??= { text: work.text, request: uuid() });
      this.#keep(index, work);
      try {
        const answer = await this.edits.post({ kind: "text", index, revision: work.revision, group: work.group, ...attempt });
        Object.assign(work, { attempt: undefined, sent: attempt.text });
        if (answer.edit) work.revision = answer.edit.revision; // not the transcript's: others may have written since
        else await this.edits.pull(); // it had this text already: since when, its row tells
        this.#failures = 0;
        this.#offline = false;
        this.tell.saved(index, attempt.text, answer);
      } catch (error) {
        if (this.#work.get(index) !== work) return undefined; // let go meanwhile: what came of it concerns nobody
        const refused = /** @type {import("../server.js").ApiError} */ (error);
        if (refused.details.status === 400 && attempt.text !== work.text) {
          work.attempt = undefined; // that text could not be saved: another has been typed meanwhile
          continue;
        }
        this.#failed(index, work, refused);
        this.#show();
        return undefined;
      }
    }
    if (this.#work.get(index) === work) this.forget(index, work.text);
    this.#show();
    await this.edits.pull(); // what it changed; nobody waits for that to know that the text is safe
    return work.revision;
  }

  /** @param {number} index @param {Work} work @param {import("../server.js").ApiError} error */
  #failed(index, work, error) {
    if (error.isPassing) {
      this.#offline = true;
      this.problem = error.code === "not_signed_in" ? gettext("Signed out. Sign in again in another tab") : gettext("Offline");
      work.timer = setTimeout(() => this.flush(index), RETRIES[Math.min(this.#failures++, RETRIES.length - 1)]);
      return;
    }
    this.#offline = false;
    Object.assign(work, { attempt: undefined, blocked: true });
    this.#keep(index, work);
    if (error.code === "edit_conflict") this.tell.conflict(index, work.text, error.details);
    else this.tell.refused(index, work.text, error);
  }

  #show(saving = false) {
    const blocked = [...this.#work.values()].filter((work) => work.blocked).length;
    this.tell.status({ saving, unsaved: this.#work.size, blocked, offline: this.#offline && this.#work.size > 0, problem: this.problem ?? "" });
  }
}
