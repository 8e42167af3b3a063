/** Where an open passage is being split or joined: what is typed there before the server has answered belongs to the result. */

export class Seam {
  typed = "";
  /** What was asked for meanwhile: it is done in the result. @type {KeyboardEvent[]} */
  keys = [];
  #listening = new AbortController();

  /** @param {HTMLTextAreaElement} area @param {number} at @param {(text: string) => void} keep is given the text whenever something is typed */
  constructor(area, at, keep) {
    this.area = area;
    this.keep = keep;
    this.before = area.value.slice(0, at);
    this.after = area.value.slice(at);
    area.addEventListener("input", (event) => this.#typed(event), { capture: true, signal: this.#listening.signal });
    area.focus({ preventScroll: true });
    area.setSelectionRange(at, at);
  }

  /** Of the passage, were it left as it is. */
  get text() {
    return this.before + this.typed + this.after;
  }

  /** The field hears nothing of it, and so saves nothing. What stands beside the seam is the server's already: it stays. @param {Event} event */
  #typed(event) {
    event.stopImmediatePropagation();
    const { area, before, after } = this;
    const { length } = area.value;
    if (length >= before.length + after.length && area.value.startsWith(before) && area.value.endsWith(after)) {
      this.typed = area.value.slice(before.length, length - after.length).replace(/[\r\n]+/g, " "); // pasted
      return this.keep(this.text);
    }
    area.value = this.text;
    const at = before.length + this.typed.length;
    area.setSelectionRange(at, at);
  }

  /** @param {KeyboardEvent} key */
  postpone(key) {
    this.keys.push(key);
    this.area.readOnly ||= !key.altKey; // it leaves the result: what is typed then has no place here
  }

  end() {
    this.#listening.abort();
    this.area.readOnly = false;
  }
}
