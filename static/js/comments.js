/**
 * Comments beside a transcript. The server draws the list after every change; what is half written in it is kept, and
 * what the server refuses stays in its form.
 */
import { makeRoom, standBeside } from "./beside.js";
import { wordsOf } from "./failures.js";
import { gettext } from "./i18n.js";
import { Mentions } from "./mentions.js";
import { showToast } from "./toasts.js";

const EVERY = 20_000;
const OPEN_KEPT = "scripta-comments";
const NAME_KEPT = "scripta-guest-name";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class Comments {
  /** @param {HTMLElement} transcript @param {(time: number) => void} go shows the passage of a time */
  constructor(transcript, go) {
    this.transcript = transcript;
    this.go = go;
    this.panel = find("#comments");
    this.button = find("#comments-button");
    this.form = /** @type {HTMLFormElement} */ (find("#comment-new"));
    this.text = /** @type {HTMLTextAreaElement} */ (find("#comment-new-text"));
    this.here = this.#hereButton();
    this.#listen();
    this.#listenToServer();
    this.#drawn();
    if (this.panel.dataset.names) new Mentions(this.panel, this.panel.dataset.names);
    const asked = /^#(thread|comment)-/.test(location.hash);
    const isBeside = matchMedia("(min-width: 68rem)").matches; // elsewhere it would lie over the text
    standBeside(this.panel, () => this.#toggle(false));
    this.#toggle(asked || (isBeside && localStorage.getItem(OPEN_KEPT) === "open"));
    if (asked) this.#reachAsked();
    setInterval(() => this.#refresh(), EVERY);
  }

  get #isOpen() {
    return this.panel.classList.contains("is-open");
  }

  /** The comment of the address, also one that is on a later page of the list, or among answers that are not shown. */
  async #reachAsked() {
    const asked = CSS.escape(location.hash.slice(1));
    if (!document.querySelector(`#${asked}`)) await this.#show({ reach: location.hash.replace(/\D+/, "") });
    const found = document.querySelector(`#${asked}`);
    found?.closest("#comments-resolved")?.setAttribute("open", "");
    found?.scrollIntoView({ block: "center" });
  }

  /** @param {boolean} open */
  open(open) {
    this.#toggle(open);
    localStorage.setItem(OPEN_KEPT, open ? "open" : "closed");
  }

  /** @param {boolean} open */
  #toggle(open) {
    if (open) makeRoom(this.panel);
    this.panel.classList.toggle("is-open", open);
    this.button.setAttribute("aria-expanded", String(open));
  }

  /** Write about a passage; a comment that is half written stays with its own. @param {Element | null | undefined} passage */
  begin(passage) {
    if (!passage) return;
    this.open(true);
    if (!this.text.value.trim() || this.form.hidden) {
      /** @type {HTMLInputElement} */ (this.form.elements.namedItem("index")).value = /** @type {HTMLElement} */ (passage).dataset.index ?? "";
      find("#comment-new-quote").textContent = passage.querySelector(".seg-text")?.textContent?.trim() ?? "";
    }
    this.form.hidden = false;
    const name = /** @type {HTMLInputElement | null} */ (this.form.querySelector("[data-guest-name]"));
    (name && !name.value ? name : this.text).focus();
    this.form.scrollIntoView({ block: "nearest" });
  }

  /** Show which passages have open comments. */
  mark() {
    const version = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("transcript")).value;
    const versions = (find("#comments-list").dataset.places ?? "").split(";").map((each) => each.split(":"));
    const marked = new Set(versions.find(([each]) => each === version)?.[1]?.split(","));
    for (const row of this.transcript.querySelectorAll(".seg.has-comments")) if (!marked.has(row.id.slice(1))) row.classList.remove("has-comments");
    for (const index of marked) document.getElementById(`s${index}`)?.classList.add("has-comments");
  }

  // What people do ----------------------------------------------------------------------------------------------------

  #listen() {
    this.button.addEventListener("click", () => this.open(!this.#isOpen));
    find("#comments-close").addEventListener("click", () => {
      this.open(false);
      this.button.focus();
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) /** @type {Element} */ (event.target).closest("form")?.requestSubmit();
    });
    this.panel.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target.closest("[data-comment-cancel]")) this.#put();
      const place = /** @type {HTMLAnchorElement | null} */ (target.closest(".thread-place"));
      if (!place) return;
      event.preventDefault();
      history.replaceState(null, "", place.hash);
      this.go(Number(place.hash.slice(3)));
    });
    addEventListener("beforeunload", (event) => {
      const isGone = "gone" in document.body.dataset;
      if (!isGone && (this.text.value.trim() || this.#drafts().size)) event.preventDefault();
    });
  }

  /** Empty the form for a new comment and put it away. */
  #put() {
    this.form.hidden = true;
    this.text.value = "";
    this.#problem(this.form, "");
  }

  /** A button that goes along with the passage that is pointed at, or that has the focus. */
  #hereButton() {
    const template = /** @type {HTMLTemplateElement} */ (find("#comment-here-template"));
    const button = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.begin(button.closest(".seg"));
    });
    const move = (/** @type {Event} */ event) => {
      const passage = /** @type {Element} */ (event.target).closest(".seg");
      if (passage && button.parentElement !== passage && !passage.querySelector("textarea")) passage.append(button);
    };
    for (const name of ["pointerover", "focusin"]) this.transcript.addEventListener(name, move);
    return button;
  }

  // What the server says ----------------------------------------------------------------------------------------------

  #listenToServer() {
    this.panel.addEventListener("htmx:configRequest", (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      Object.assign(detail.parameters, detail.verb === "post" ? this.#extent : this.#visit); // the list stays as long
    });
    /** @type {Map<string, string>} */
    let kept = new Map();
    let wasOpen = false;
    /** @type {string | undefined} */
    let next;
    this.panel.addEventListener("htmx:beforeSwap", (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (!detail.xhr.responseURL.includes("/comments/")) {
        detail.shouldSwap = false;
        return this.#problem(detail.requestConfig.elt, gettext("You are signed out. Copy your text, and sign in in another tab."));
      }
      if (detail.xhr.status >= 400) return;
      if (detail.requestConfig.elt === this.form) this.#put();
      kept = this.#drafts(detail.requestConfig.elt);
      wasOpen = this.#resolvedOpen;
      next = detail.requestConfig.elt.dataset.next;
    });
    this.panel.addEventListener("htmx:afterSettle", () => {
      this.#restore(kept, wasOpen);
      this.#drawn();
      if (next) this.#goOn(next);
      next = undefined;
    });
    this.panel.addEventListener("htmx:responseError", (event) => {
      const { xhr, requestConfig } = /** @type {CustomEvent} */ (event).detail;
      this.#problem(requestConfig.elt, wordsOf(xhr) || gettext("That did not work. Your text is still here; please try again."));
      event.preventDefault(); // it is told
    });
    this.panel.addEventListener("htmx:sendError", (event) => {
      this.#problem(/** @type {CustomEvent} */ (event).detail.requestConfig.elt, gettext("There is no connection. Your text is still here; please try again."));
      event.preventDefault();
    });
  }

  /** @param {Element} form @param {string} words */
  #problem(form, words) {
    const place = /** @type {HTMLElement | null} */ (form.querySelector("[data-problem]"));
    if (!place && words) showToast(words, { level: "error" });
    if (!place) return;
    place.textContent = words;
    place.hidden = !words;
  }

  /** To the first of the answers that were asked for: the button that had the focus is gone. @param {string} id */
  #goOn(id) {
    const answer = document.getElementById(id);
    answer?.setAttribute("tabindex", "-1");
    answer?.focus();
  }

  /** How much of the list is shown: so many threads, and of some all answers. */
  get #extent() {
    const { shown = "", whole = "" } = find("#comments-list").dataset;
    return { threads: shown, whole };
  }

  /** A sign that the page has been counted, for whoever came by a link. */
  get #visit() {
    const { visit } = this.panel.dataset;
    return visit === undefined ? {} : { visit };
  }

  get #resolvedOpen() {
    return document.querySelector("#comments-resolved")?.hasAttribute("open") ?? false;
  }

  /** What is written and not sent, by the id of its field; not of the form that has just been sent. @param {Element} [sent] */
  #drafts(sent) {
    const fields = /** @type {HTMLTextAreaElement[]} */ ([...document.querySelectorAll("#comments-list textarea")]);
    const open = fields.filter((field) => field.value !== field.defaultValue && !sent?.contains(field));
    return new Map(open.map((field) => [field.id, field.value]));
  }

  /** @param {Map<string, string>} drafts @param {boolean} resolvedOpen */
  #restore(drafts, resolvedOpen) {
    document.querySelector("#comments-resolved")?.toggleAttribute("open", resolvedOpen);
    for (const [id, value] of drafts) {
      const field = /** @type {HTMLTextAreaElement | null} */ (document.getElementById(id));
      if (!field) continue;
      field.value = value;
      field.closest("details")?.setAttribute("open", "");
    }
  }

  /** The list is new. */
  #drawn() {
    const count = find("#comments-list").dataset.open ?? "0";
    find("#comments-count").textContent = count;
    find("#comments-count").hidden = count === "0";
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (this.panel.querySelectorAll("[data-guest-name]"))) {
      field.value ||= localStorage.getItem(NAME_KEPT) ?? "";
      field.addEventListener("change", () => localStorage.setItem(NAME_KEPT, field.value));
    }
    this.mark();
  }

  /** What others have written since; not while something is being written here. */
  async #refresh() {
    const list = find("#comments-list");
    if (!this.#isOpen || document.hidden || this.#drafts().size || list.querySelector("details.comment-more[open]")) return;
    await this.#show();
  }

  /** Draw the list anew if it has changed. @param {Record<string, string>} [more] what is to be in it beside what is shown */
  async #show(more = {}) {
    try {
      const response = await fetch(`${this.panel.dataset.base}?${new URLSearchParams({ ...this.#extent, ...this.#visit, ...more })}`);
      if (!response.ok || response.redirected) return;
      const wasOpen = this.#resolvedOpen;
      const html = await response.text();
      if (html.trim() === this.#seen) return;
      this.#seen = html.trim();
      /** @type {any} */ (window).htmx.swap("#comments-list", html, { swapStyle: "outerHTML" });
      this.#restore(new Map(), wasOpen);
      this.#drawn();
    } catch {
      // No connection now: the next look tells.
    }
  }

  #seen = "";
}
