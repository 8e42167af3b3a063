/** Sends corrections to the server, and fetches what has changed, by whomever. */

import { call, patience } from "../server.js";
import { uuid } from "../uuid.js";

/** @typedef {{revision: number, edit: {revision: number, changed: number[], removed: number[]} | null, can_undo: boolean, can_redo: boolean}} Edited */

export class Edits {
  /** @type {Promise<void> | undefined} */
  #pulling;
  #wanted = false;

  /**
   * @param {HTMLElement} root the transcript, whose data tell where to send and the revision that the page shows
   * @param {(changes: any) => void | Promise<void>} changed is given what the server says has changed; what fails is asked for again
   */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
  }

  get revision() {
    return Number(this.root.dataset.revision);
  }

  /**
   * Carry out one edit, and fetch what it changed. Raises ApiError.
   * @param {object} edit @param {number[]} [pauses] after which it is sent again while its outcome is not known, in ms @returns {Promise<Edited>}
   */
  async send(edit, pauses = []) {
    const named = { request: uuid(), ...edit };
    const answer = await again(() => this.post(named), pauses);
    await this.pull();
    return answer;
  }

  /** Carry out one edit. One that is sent again by the same name is done once. Raises ApiError. @param {object} edit @returns {Promise<Edited>} */
  post(edit) {
    const { editsUrl = "", user = "" } = this.root.dataset;
    return call("POST", editsUrl, { request: uuid(), ...edit }, { "X-Scripta-User": user });
  }

  /** What a replacement would do, or what there is to replace. Raises ApiError. @param {object} search @returns {Promise<{results: any[], has_more: boolean}>} */
  find(search) {
    return call("POST", this.root.dataset.findUrl ?? "", search);
  }

  /** Fetch what is new. Calls that come meanwhile lead to one more, and wait for it. */
  pull() {
    this.#wanted = true;
    this.#pulling ??= this.#run();
    return this.#pulling;
  }

  async #run() {
    try {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#fetch();
      }
    } catch {
      // No connection now: the next pull brings it.
    } finally {
      this.#pulling = undefined;
    }
  }

  async #fetch() {
    const { changesUrl = "", id = "" } = this.root.dataset;
    const asked = this.revision;
    const response = await fetch(`${changesUrl}?transcript=${id}&revision=${asked}`, { signal: patience() });
    if (response.status !== 200 || response.redirected) return;
    const changes = await response.json();
    if (this.revision < asked) this.#wanted = true; // older text has come meanwhile
    else if (changes.revision) this.root.dataset.revision = String(changes.revision);
    try {
      await this.changed(changes);
    } catch (error) {
      this.root.dataset.revision = String(Math.min(this.revision, asked));
      throw error;
    }
  }
}

/** @template T @param {() => Promise<T>} ask @param {number[]} pauses @returns {Promise<T>} */
async function again(ask, pauses) {
  for (const pause of navigator.onLine ? pauses : []) {
    try {
      return await ask();
    } catch (error) {
      if (!(/** @type {import("../server.js").ApiError} */ (error).isPassing)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return ask();
}
