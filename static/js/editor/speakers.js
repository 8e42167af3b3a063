/** Who speaks: chosen for a passage or a turn, renamed everywhere, joined, removed. */
import { format, gettext } from "../i18n.js";
import { showToast } from "../toasts.js";

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));

export class Speakers {
  /** @type {Map<number, string>} names to show, by number */
  names = new Map();
  /** @type {HTMLElement | null} */
  #row = null;
  /** Who is to be joined with another, or removed, by number. */
  #leaving = 0;

  /**
   * @param {import("./rows.js").Rows} rows
   * @param {(edit: object) => Promise<any>} edit
   */
  constructor(rows, edit) {
    this.rows = rows;
    this.edit = edit;
    this.dialog = /** @type {HTMLDialogElement} */ (find("#speaker-dialog"));
    this.joining = /** @type {HTMLDialogElement} */ (find("#join-dialog"));
    this.list = /** @type {HTMLElement} */ (find("#speaker-list"));
    this.show(JSON.parse(find("#speaker-names").textContent));
    find("#speaker-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#choose();
    });
    find("#speaker-nobody").addEventListener("click", () => this.#assign({ number: null }));
    find("#join-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#join();
    });
    find("#join-remove").addEventListener("click", () => this.#remove());
    this.list.addEventListener("change", (event) => this.#changed(/** @type {HTMLInputElement} */ (event.target)));
    this.list.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-join]");
      if (button) this.#askToJoin(numberOf(button));
    });
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
    const join = /** @type {HTMLElement} */ (item.querySelector("[data-join]"));
    const isAlone = this.names.size < 2;
    join.textContent = isAlone ? gettext("Remove…") : gettext("Join…");
    join.setAttribute("aria-label", format(isAlone ? gettext("Remove %(name)s") : gettext("Join %(name)s with another speaker, or remove"), { name }));
    if (item.matches(":focus-within") || input.defaultValue === name) return;
    input.value = input.defaultValue = name;
    input.setAttribute("aria-label", format(gettext("Name of %(name)s"), { name }));
  }

  /** @param {HTMLInputElement} input */
  async #changed(input) {
    const number = numberOf(input);
    if (!(await this.#rename(number, input.value))) input.value = this.names.get(number) ?? "";
  }

  /** Null where that was not done. Whoever has the name already may be the same person. @param {number} number @param {string} name */
  async #rename(number, name) {
    const wanted = name.trim().toLowerCase();
    const namesake = [...this.names].find(([other, each]) => other !== number && each.toLowerCase() === wanted);
    if (!namesake) return this.edit({ kind: "rename_speaker", number, name });
    this.#askToJoin(number, namesake[0]);
    return null;
  }

  // Joining and removing --------------------------------------------------------------------------------------------

  /** @param {number} number @param {number} [namesake] whose name was typed */
  #askToJoin(number, namesake) {
    const named = (/** @type {number} */ each) => ({ name: this.names.get(each) ?? "" });
    const others = [...this.names].filter(([other]) => other !== number);
    this.#leaving = number;
    for (const each of this.joining.querySelectorAll("[data-with-others]")) /** @type {HTMLElement} */ (each).hidden = !others.length;
    find("#join-title").textContent = others.length ? gettext("Join speakers") : gettext("Remove the speaker");
    find("#join-remove-means").textContent = format(gettext("If %(name)s is removed, what %(name)s says has no speaker any more."), named(number));
    find("#join-why").textContent = namesake === undefined ? "" : format(gettext("There is a speaker named %(name)s already. Join the two if they are one person."), named(namesake));
    find("#join-who").textContent = format(gettext("Everything that %(name)s says was said by"), named(number));
    find("#join-into").replaceChildren(...others.map(([other, label]) => new Option(label, String(other), false, other === namesake)));
    this.joining.showModal();
    find(others.length ? "#join-into" : "#join-remove").focus();
  }

  async #join() {
    const into = Number(find("#join-into").value);
    const [name, other] = [this.#leaving, into].map((number) => this.names.get(number) ?? "");
    this.#leave(into);
    const done = await this.edit({ kind: "merge_speakers", number: this.#leaving, into });
    if (done) showToast(format(gettext("%(name)s was joined with %(other)s. Undo takes it back."), { name, other }), { level: "success" });
  }

  async #remove() {
    const name = this.names.get(this.#leaving) ?? "";
    this.#leave([...this.names.keys()].find((number) => number !== this.#leaving));
    const done = await this.edit({ kind: "remove_speaker", number: this.#leaving });
    if (done) showToast(format(gettext("%(name)s was removed. Undo takes it back."), { name }), { level: "success" });
  }

  /** Close the dialog; the focus goes to who stays, for the other is about to go. @param {number | undefined} staying */
  #leave(staying) {
    this.joining.close();
    if (!this.list.contains(document.activeElement)) return;
    const beside = find(`#speaker-list [data-number="${staying}"] input`) ?? find("#tab-button-speakers");
    beside.focus();
  }

  // Choosing --------------------------------------------------------------------------------------------------------

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
    return this.#rename(number, name);
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

/** Of the speaker that something in the list belongs to. @param {Element} element */
const numberOf = (element) => Number(/** @type {HTMLElement} */ (element.closest("[data-number]")).dataset.number);
