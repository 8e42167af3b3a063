/** Sends corrections to the server, and fetches what has changed, by whomever. */

const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

export class EditError extends Error {
  /** @param {string} code @param {string} message for people @param {any} [details] what the server said besides */
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** @typedef {{revision: number, edit: {changed: number[], removed: number[]} | null, can_undo: boolean, can_redo: boolean}} Edited */

export class Edits {
  #pulling = false;
  #wanted = false;

  /**
   * @param {HTMLElement} root the transcript, whose data tell where to send and the revision that the page shows
   * @param {(changes: any) => void} changed is given what the server says has changed
   */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
  }

  get revision() {
    return Number(this.root.dataset.revision);
  }

  /** Carry out one edit. One that is sent again by the same name is done once. Raises EditError. @param {object} edit @returns {Promise<Edited>} */
  async send(edit) {
    const answer = await post(this.root.dataset.editsUrl ?? "", { request: crypto.randomUUID(), ...edit });
    await this.pull();
    return answer;
  }

  /** What a replacement would do. Raises EditError. @param {object} search @returns {Promise<{results: any[]}>} */
  find(search) {
    return post(this.root.dataset.findUrl ?? "", search);
  }

  /** Fetch what is new. Calls that come meanwhile lead to one more. */
  async pull() {
    this.#wanted = true;
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#fetch();
      }
    } catch {
      // No connection now: the next pull brings it.
    } finally {
      this.#pulling = false;
    }
  }

  async #fetch() {
    const { changesUrl = "", id = "" } = this.root.dataset;
    const response = await fetch(`${changesUrl}?transcript=${id}&revision=${this.revision}`);
    if (response.status !== 200 || response.redirected) return;
    const changes = await response.json();
    if (changes.revision) this.root.dataset.revision = String(changes.revision);
    this.changed(changes);
  }
}

/** @param {string} url @param {object} body */
async function post(url, body) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": cookie(), "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new EditError("offline", "The server cannot be reached.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 || (response.status === 403 && !answer.detail)) {
    throw new EditError("not_signed_in", "Please sign in again, in another tab. What you wrote is kept here.");
  }
  if (response.status >= 500 || response.status === 429) throw new EditError("offline", "The server cannot save this now.");
  throw new EditError(answer.code ?? "error", words(answer) ?? `The server could not do that (${response.status}).`, answer);
}

/** @param {any} answer problem details */
function words(answer) {
  const errors = answer.errors && Object.values(answer.errors).flat();
  return errors?.length ? String(errors[0]) : answer.detail;
}
