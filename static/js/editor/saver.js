/**
 * Saves what is typed: 800 ms after the last key, and on leaving a passage. A text is safe when the server has said so;
 * until then it is kept in the browser and sent again. What somebody else has changed meanwhile is never overwritten.
 */

const AFTER = 800;
const RETRIES = [2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * @typedef {{text: string, revision: number, group: string, timer?: ReturnType<typeof setTimeout>, running?: Promise<void>, attempt?: {text: string, request: string}, sent?: string, blocked?: boolean}} Work
 * @typedef {{saving: boolean, unsaved: number, offline: boolean, problem: string}} Status
 */

export class Saver {
  /** @type {Map<number, Work>} */
  #work = new Map();
  #failures = 0;
  #offline = false;

  /**
   * @param {import("./edits.js").Edits} edits
   * @param {import("./drafts.js").Drafts} drafts
   * @param {{status: (status: Status) => void, conflict: (index: number, mine: string, now: any) => void, saved: (index: number, text: string, answer: any) => void, refused: (index: number, message: string) => void}} tell
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

  /** @param {number} index @param {string} text @param {number} revision of the passage as it was read @param {string} group */
  typed(index, text, revision, group) {
    const work = this.#work.get(index) ?? { text, revision, group };
    Object.assign(work, { text, blocked: false });
    this.#work.set(index, work);
    this.drafts.keep(index, { text, revision: work.revision, at: Date.now() });
    clearTimeout(work.timer);
    work.timer = setTimeout(() => this.flush(index), AFTER);
    this.#show();
  }

  /** Go on against another state of the passage, seen by the person. @param {number} index @param {number} revision */
  rebase(index, revision) {
    const work = this.#work.get(index);
    if (!work) return;
    Object.assign(work, { revision, blocked: false, attempt: undefined });
    this.drafts.keep(index, { text: work.text, revision, at: Date.now() });
  }

  /** Give a text up. @param {number} index */
  forget(index) {
    clearTimeout(this.#work.get(index)?.timer);
    this.#work.delete(index);
    this.drafts.drop(index);
    this.#show();
  }

  /** Save a passage now; done when the server has it and the page shows it, or when it cannot be reached. @param {number} index */
  flush(index) {
    const work = this.#work.get(index);
    if (!work) return Promise.resolve();
    clearTimeout(work.timer);
    if (work.blocked) return Promise.resolve();
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
      const attempt = (work.attempt ??= { text: work.text, request: crypto.randomUUID() });
      try {
        const answer = await this.edits.post({ kind: "text", index, revision: work.revision, group: work.group, ...attempt });
        Object.assign(work, { attempt: undefined, sent: attempt.text });
        if (answer.edit) work.revision = answer.edit.revision;
        else await this.edits.pull(); // it had this text already: since when, its row tells
        this.#failures = 0;
        this.#offline = false;
        this.tell.saved(index, attempt.text, answer);
      } catch (error) {
        this.#failed(index, work, /** @type {import("../server.js").ApiError} */ (error));
        return this.#show();
      }
    }
    if (this.#work.get(index) === work) this.forget(index);
    this.#show();
    await this.edits.pull(); // what it changed; nobody waits for that to know that the text is safe
  }

  /** @param {number} index @param {Work} work @param {import("../server.js").ApiError} error */
  #failed(index, work, error) {
    const isPassing = ["offline", "not_signed_in"].includes(error.code) || error.details.status >= 500 || error.details.status === 429;
    if (isPassing) {
      this.#offline = true;
      this.problem = error.code === "not_signed_in" ? "Signed out. Sign in again in another tab" : "Offline";
      work.timer = setTimeout(() => this.flush(index), RETRIES[Math.min(this.#failures++, RETRIES.length - 1)]);
      return;
    }
    Object.assign(work, { attempt: undefined, blocked: true });
    if (error.code === "edit_conflict") this.tell.conflict(index, work.text, error.details);
    else this.tell.refused(index, error.message);
  }

  #show(saving = false) {
    this.tell.status({ saving, unsaved: this.#work.size, offline: this.#offline && this.#work.size > 0, problem: this.problem ?? "" });
  }
}
