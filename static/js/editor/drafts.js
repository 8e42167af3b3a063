/** Corrections that the server has not acknowledged, kept in this browser: they survive a closed tab and a lost network. */

const PREFIX = "scripta-draft:";

/** @typedef {{text: string, revision: number, at: number, group?: string, attempt?: {text: string, request: string}}} Draft `revision` is that of the passage it began from; `attempt` was sent, and may have arrived */

export class Drafts {
  /** @param {string} transcript its id */
  constructor(transcript) {
    this.prefix = `${PREFIX}${transcript}:`;
  }

  /** @param {number} index @param {Draft} draft @returns {boolean} whether the browser could keep it */
  keep(index, draft) {
    try {
      localStorage.setItem(this.prefix + index, JSON.stringify(draft));
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
    const found = new Map();
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(this.prefix)) continue;
      const draft = parse(localStorage.getItem(key));
      if (draft) found.set(Number(key.slice(this.prefix.length)), draft);
    }
    return found;
  }
}

/** @param {string | null} kept */
function parse(kept) {
  try {
    const draft = JSON.parse(kept ?? "");
    return typeof draft.text === "string" && Number.isInteger(draft.revision) ? draft : null;
  } catch {
    return null;
  }
}
