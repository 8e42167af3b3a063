/** From when to when a passage is spoken, changed by hand: typed, or taken from the player. */
import { exactClock, readClock } from "../format.js";
import { format, gettext } from "../i18n.js";
import { showToast } from "../toasts.js";
import { focusOn, textOf } from "./rows.js";

/** @typedef {"start" | "end"} Side */
const SIDES = /** @type {Side[]} */ (["start", "end"]);
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class Times {
  #index = -1;
  #revision = 0;
  #isSaving = false;

  /**
   * @param {import("./rows.js").Rows} rows
   * @param {import("../player.js").Player | null} player
   * @param {{settle: (row: HTMLElement) => Promise<boolean>, edit: (edit: object) => Promise<any>}} page `settle` saves what is typed in a passage, and says whether that is done; `edit` raises ApiError
   */
  constructor(rows, player, page) {
    this.rows = rows;
    this.player = player;
    this.page = page;
    this.dialog = /** @type {HTMLDialogElement} */ (find("#times-dialog"));
    this.problem = find("#times-problem");
    find("#times-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    for (const side of SIDES) {
      this.#field(side).addEventListener("input", () => this.#tell(side, ""));
      this.dialog.querySelector(`[data-take='${side}']`)?.addEventListener("click", () => this.#take(side));
    }
    this.dialog.addEventListener("close", () => focusOn(rows.find(this.#index)));
    for (const name of ["timeupdate", "seeked"]) player?.media.addEventListener(name, () => this.dialog.open && this.#showNow());
    this.dialog.querySelector("#times-listen")?.addEventListener("click", () => this.#listen());
  }

  /** Ask for the times of a passage. @param {HTMLElement} pressed */
  async ask(pressed) {
    if (!(await this.page.settle(pressed))) return; // what was typed could not be saved: the passage says why
    const row = this.rows.find(Number(pressed.dataset.index)) ?? pressed;
    this.#index = Number(row.dataset.index);
    this.#revision = Number(row.dataset.revision);
    for (const side of SIDES) {
      this.#is(side, Number(row.dataset[side]));
      this.#tell(side, "");
    }
    this.problem.textContent = "";
    find("#times-text").textContent = textOf(row);
    this.#showNow();
    this.dialog.showModal();
    this.#field("start").select();
  }

  /** @param {Side} side */
  #field(side) {
    return /** @type {HTMLInputElement} */ (find(`#times-${side}`));
  }

  /** What the passage has. @param {Side} side @param {number} time seconds */
  #is(side, time) {
    const field = this.#field(side);
    field.value = field.defaultValue = exactClock(time);
  }

  /** Whether another time stands in a field: what is as it was stays to the millisecond. @param {Side} side */
  #isChanged(side) {
    return this.#field(side).value.trim() !== this.#field(side).defaultValue;
  }

  /** What is wrong with a time. @param {Side} side @param {string} message */
  #tell(side, message) {
    const field = this.#field(side);
    find(`#times-${side}-problem`).textContent = message;
    field.setAttribute("aria-invalid", String(Boolean(message)));
    if (message) field.select();
  }

  /** Both times, or null where one is none: it says so. @returns {Record<Side, number> | null} */
  #read() {
    this.problem.textContent = "";
    const times = { start: 0, end: 0 };
    for (const side of SIDES) {
      const time = readClock(this.#field(side).value);
      this.#tell(side, time === null ? gettext("Write a time as 1:02.5, or in seconds.") : "");
      if (time === null) return null;
      times[side] = time;
    }
    return times;
  }

  #showNow() {
    if (!this.player) return;
    for (const each of this.dialog.querySelectorAll("[data-now]")) each.textContent = exactClock(this.player.media.currentTime);
  }

  /** @param {Side} side */
  #take(side) {
    if (!this.player) return;
    this.#field(side).value = exactClock(this.player.media.currentTime);
    this.#tell(side, "");
  }

  /** To what the fields say. */
  #listen() {
    const times = this.#read();
    if (times) this.player?.playStretch(times.start, times.end);
  }

  async #save() {
    const times = this.#read();
    if (!times || this.#isSaving) return;
    const wished = Object.fromEntries(SIDES.filter((side) => this.#isChanged(side)).map((side) => [side, times[side]]));
    if (!Object.keys(wished).length) return this.dialog.close();
    this.#isSaving = true;
    try {
      await this.page.edit({ kind: "times", index: this.#index, revision: this.#revision, ...wished });
      this.dialog.close();
      showToast(format(gettext("Spoken from %(start)s to %(end)s now. Undo takes it back."), { start: exactClock(times.start), end: exactClock(times.end) }), { level: "success" });
    } catch (error) {
      this.#failed(/** @type {import("../server.js").ApiError} */ (error));
    } finally {
      this.#isSaving = false;
    }
  }

  /** @param {import("../server.js").ApiError} error */
  #failed({ code, message, details }) {
    const side = SIDES.find((each) => details.field === each || each in (details.errors ?? {}));
    if (side) return this.#tell(side, message);
    this.problem.textContent = message;
    if (code !== "edit_conflict" || details.start === undefined) return;
    this.#revision = details.revision; // whoever saves again has read theirs
    for (const each of SIDES) {
      const mine = this.#isChanged(each) ? this.#field(each).value : null;
      this.#is(each, details[each]);
      if (mine !== null) this.#field(each).value = mine;
    }
  }
}
