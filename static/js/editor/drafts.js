/**
 * Corrections that the server has not acknowledged, kept in this browser: they survive a closed tab and a lost network.
 * They belong to who made them: others who sign in here do not see them, and never send them.
 */

const PREFIX = "scripta-draft-of:";
/** What was kept under it up to 2026 does not tell whose it is. */
const UNSIGNED = "scripta-draft:";

/** @typedef {{text: string, revision: number, at: number, recording?: string, version?: string, group?: string, attempt?: {text: string, request: string}}} Draft `revision` is that of the passage it began from; `attempt` was sent, and may have arrived */
/** @typedef {{key: string, index: number, draft: Draft, isOwn: boolean}} Stray a draft that is not simply sent */

export class Drafts {
  /** @param {DOMStringMap} page of whose data `user` is who reads it, and `id` the transcript's */
  constructor({ user, id, recording, version, editable }) {
    this.own = `${PREFIX}${user}:`;
    this.prefix = `${this.own}${id}:`;
    this.unsigned = `${UNSIGNED}${id}:`;
    this.place = { recording, version };
    this.isEditable = editable !== undefined;
  }

  /** @param {number} index @param {Draft} draft @returns {boolean} whether the browser could keep it */
  keep(index, draft) {
    try {
      localStorage.setItem(this.prefix + index, JSON.stringify({ ...draft, ...this.place }));
      return true;
    } catch {
      return false; // full, or forbidden: it still lives in the page
    }
  }

  /** @param {number} index */
  drop(index) {
    localStorage.removeItem(this.prefix + index);
  }

  /** @returns {Map<number, Draft>} by number of the passage */
  all() {
    return new Map(kept(this.prefix).map(({ index, draft }) => [index, draft]));
  }

  /** Those of another version, or of a text that may not be corrected any more; and those of nobody. @returns {Stray[]} */
  strays() {
    const own = kept(this.own).filter(({ key, draft }) => (key.startsWith(this.prefix) ? !this.isEditable : draft.recording === this.place.recording));
    const unsigned = this.isEditable ? kept(this.unsigned) : [];
    return [...own.map((each) => ({ ...each, isOwn: true })), ...unsigned.map((each) => ({ ...each, isOwn: false }))];
  }
}

/** @param {string} prefix @returns {{key: string, index: number, draft: Draft}[]} */
function kept(prefix) {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return keys.flatMap((key) => {
    const draft = parse(localStorage.getItem(key));
    return draft ? { key, index: Number(key.slice(key.lastIndexOf(":") + 1)), draft } : [];
  });
}

/** @param {string | null} text @returns {Draft | null} */
function parse(text) {
  try {
    const draft = JSON.parse(text ?? "");
    return typeof draft.text === "string" && Number.isInteger(draft.revision) ? draft : null;
  } catch {
    return null;
  }
}
