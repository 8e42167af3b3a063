/** Who speaks: chosen for a passage or a turn, renamed everywhere, joined. */
import { format, gettext } from "../i18n.js";

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));

export class Speakers {
  /** @type {Map<number, string>} names to show, by number */
  names = new Map();
  /** @type {HTMLElement | null} */
  #row = null;

  /**
   * @param {import("./rows.js").Rows} rows
   * @param {(edit: object) => Promise<any>} edit
   */
  constructor(rows, edit) {
    this.rows = rows;
    this.edit = edit;
    this.dialog = /** @type {HTMLDialogElement} */ (find("#speaker-dialog"));
    this.list = /** @type {HTMLElement} */ (find("#speaker-list"));
    this.show(JSON.parse(find("#speaker-names").textContent));
    find("#speaker-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#choose();
    });
    find("#speaker-nobody").addEventListener("click", () => this.#assign({ number: null }));
    this.list.addEventListener("change", (event) => this.#changed(/** @type {HTMLInputElement} */ (event.target)));
    this.list.addEventListener("focusout", () => this.#draw());
  }

  /** @param {Record<string, string>} names */
  show(names) {
    this.names = new Map(Object.entries(names).map(([number, name]) => [Number(number), name]));
    this.rows.name(this.names);
    find("#speaker-known").replaceChildren(...[...this.names.values()].map((name) => new Option(name, name)));
    find("#speakers-none").hidden = this.names.size > 0;
    this.#draw();
  }

  /** What has the focus stays as it is until it has lost it: somebody may be typing. */
  #draw() {
    const items = new Map(/** @type {HTMLElement[]} */ ([...this.list.children]).map((item) => [Number(item.dataset.number), item]));
    for (const [number, item] of items) if (!this.names.has(number) && !item.matches(":focus-within")) item.remove();
    for (const [number, name] of this.names) this.#call(items.get(number) ?? this.#item(number), name);
  }

  /** @param {number} number */
  #item(number) {
    const template = /** @type {HTMLTemplateElement} */ (find("#speaker-template"));
    const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    item.dataset.number = String(number);
    item.classList.add(`spoken-by-${((number - 1) % 8) + 1}`);
    const following = [...this.list.children].find((each) => Number(/** @type {HTMLElement} */ (each).dataset.number) > number);
    this.list.insertBefore(item, following ?? null);
    return item;
  }

  /** @param {HTMLElement} item @param {string} name */
  #call(item, name) {
    const input = /** @type {HTMLInputElement} */ (item.querySelector("input"));
    const select = /** @type {HTMLSelectElement} */ (item.querySelector("select"));
    if (item.matches(":focus-within")) return;
    if (input.defaultValue !== name) input.value = input.defaultValue = name;
    input.setAttribute("aria-label", format(gettext("Name of %(name)s"), { name }));
    select.setAttribute("aria-label", format(gettext("Join %(name)s with"), { name }));
    const others = [...this.names].filter(([other]) => String(other) !== item.dataset.number);
    select.replaceChildren(select.options[0], ...others.map(([other, label]) => new Option(label, String(other))));
    select.hidden = !others.length;
  }

  /** @param {HTMLInputElement | HTMLSelectElement} field */
  async #changed(field) {
    const item = /** @type {HTMLElement} */ (field.closest("[data-number]"));
    const number = Number(item.dataset.number);
    const known = this.names.get(number) ?? "";
    if (field.tagName === "SELECT") await this.edit({ kind: "merge_speakers", number, into: Number(field.value) });
    else if (!(await this.edit({ kind: "rename_speaker", number, name: field.value }))) field.value = known;
  }

  /** Ask who speaks in a passage. @param {HTMLElement} row */
  ask(row) {
    this.#row = row;
    const number = Number(row.dataset.speaker);
    const input = /** @type {HTMLInputElement} */ (find("#speaker-name"));
    input.value = this.names.get(number) ?? "";
    find("#speaker-everywhere").closest("label").hidden = !this.names.has(number);
    find("#speaker-turn").checked = true;
    find("#speaker-nobody").hidden = !this.names.has(number);
    this.dialog.showModal();
    input.select();
  }

  #choose() {
    const name = find("#speaker-name").value.trim();
    if (!name || !this.#row) return;
    const number = Number(this.#row.dataset.speaker);
    if (!find("#speaker-everywhere").checked || !this.names.has(number)) return this.#assign({ name });
    this.dialog.close();
    return this.edit({ kind: "rename_speaker", number, name });
  }

  /** @param {{name?: string, number?: number | null}} who */
  #assign(who) {
    if (!this.#row) return;
    const index = Number(this.#row.dataset.index);
    this.dialog.close();
    return this.edit({ kind: "assign_speaker", indexes: [index], turn: !find("#speaker-one").checked, ...who });
  }

  /** The n-th speaker says this passage. @param {HTMLElement} row @param {number} place from 1 */
  assignByPlace(row, place) {
    const number = [...this.names.keys()][place - 1];
    if (number) this.edit({ kind: "assign_speaker", indexes: [Number(row.dataset.index)], number });
  }
}
