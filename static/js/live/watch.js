/** The page of an audience: what was said, what is being said, and how the connection is. */
import { clock } from "../format.js";
import { stayAwake } from "./awake.js";
import { CaptionReader } from "./reader.js";
import { Stage } from "./stage.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const NEAR = 160;
/** Reading sizes in rem. */
const SIZES = [1, 1.125, 1.25, 1.5, 1.75, 2.125, 2.5, 3];
const SIZE_KEPT = "scripta-reading-size";
const SINGLE_KEYS_KEPT = "scripta-single-keys";

const { socket, token, after } = document.body.dataset;
const log = find("#said");
const open = find("#open");
const toLive = find("#to-live");
const stage = new Stage(find("#stage"));
let isLive = Boolean(socket);
let isNear = true;

// What is said --------------------------------------------------------------------------------------------------------

/** @param {import("./reader.js").Segment} segment */
function addFinal(segment) {
  const template = /** @type {HTMLTemplateElement} */ (find("#said-template"));
  const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  row.dataset.index = String(segment.index);
  /** @type {HTMLElement} */ (row.querySelector(".said-time")).textContent = clock(segment.start);
  const words = /** @type {HTMLElement} */ (row.querySelector("p"));
  words.textContent = segment.text.trim();
  if (segment.language) words.lang = segment.language;
  if (segment.index >= Number(open.dataset.index ?? -1)) clearPartial();
  log.append(row);
  stage.addFinal(words.textContent);
  changed();
}

/** @param {import("./reader.js").Partial} partial */
function showPartial(partial) {
  open.dataset.index = String(partial.index);
  find("#open-time").textContent = clock(partial.start);
  find("#stable").textContent = partial.stable.trimStart();
  find("#unstable").textContent = partial.stable ? partial.unstable : partial.unstable.trimStart();
  open.hidden = !(partial.stable + partial.unstable).trim();
  stage.showPartial(partial.stable, partial.unstable);
  changed();
}

function clearPartial() {
  delete open.dataset.index;
  open.hidden = true;
  stage.showPartial("", "");
}

function changed() {
  const empty = document.querySelector("#empty");
  if (empty && (log.childElementCount || !open.hidden)) empty.remove();
  if (isNear) scrollToEnd();
}

// Following -----------------------------------------------------------------------------------------------------------

function scrollToEnd() {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
}

addEventListener(
  "scroll",
  () => {
    isNear = innerHeight + scrollY > document.documentElement.scrollHeight - NEAR;
    toLive.hidden = isNear || !isLive;
  },
  { passive: true },
);
addEventListener("resize", () => isNear && isLive && scrollToEnd());
toLive.addEventListener("click", () => {
  isNear = true;
  toLive.hidden = true;
  scrollToEnd();
  log.focus({ preventScroll: true });
});

// How it is -----------------------------------------------------------------------------------------------------------

/** @param {string} state @param {string} words */
function tell(state, words) {
  find("#state").dataset.state = state;
  find("#state-words").textContent = words;
  stage.tell(state === "live" ? "" : words);
}

function end() {
  isLive = false;
  toLive.hidden = true;
  clearPartial();
  document.querySelector("#empty")?.remove();
  stayAwake(false);
}

/** @type {import("./reader.js").Listener} */
const listener = {
  connection(state, seconds) {
    const later = navigator.onLine ? `Reconnecting in ${seconds} s…` : "You are offline. It goes on when you are back.";
    tell(state, { connecting: "Connecting…", live: "Live", waiting: later }[state]);
  },
  ready(captions) {
    clearPartial();
    find("#later").hidden = captions !== "later";
  },
  final: addFinal,
  partial: showPartial,
  finished() {
    end();
    tell("ended", "Ended");
    find("#ended").hidden = false;
    if (isNear) scrollToEnd();
  },
  refused(code, message) {
    end();
    const withdrawn = code === "link_withdrawn";
    tell("gone", withdrawn ? "Link withdrawn" : "Closed");
    find("#gone-title").textContent = withdrawn ? "This link was withdrawn" : "You cannot follow this any more";
    find("#gone-words").textContent = withdrawn ? "The speaker has closed it. Ask whoever sent it to you for a new one." : message;
    find("#gone").hidden = false;
    if (isNear) scrollToEnd();
  },
};

// View ----------------------------------------------------------------------------------------------------------------

/** @param {number} step */
function resize(step) {
  const kept = Number(localStorage.getItem(SIZE_KEPT) ?? SIZES.indexOf(1.25));
  const size = Math.min(SIZES.length - 1, Math.max(0, (Number.isInteger(kept) ? kept : 2) + step));
  localStorage.setItem(SIZE_KEPT, String(size));
  document.body.style.setProperty("--reading", `${SIZES[size]}rem`);
  if (isNear && isLive) scrollToEnd();
}
find("#smaller").addEventListener("click", () => resize(-1));
find("#larger").addEventListener("click", () => resize(1));
find("#present").addEventListener("click", () => stage.enter());
const keys = /** @type {HTMLInputElement} */ (find("#single-keys"));
keys.checked = localStorage.getItem(SINGLE_KEYS_KEPT) !== "off";
keys.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS_KEPT, keys.checked ? "on" : "off"));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || stage.isOpen || !keys.checked) return;
  const action = { KeyF: () => stage.enter(), Minus: () => resize(-1), Equal: () => resize(1), NumpadAdd: () => resize(1), NumpadSubtract: () => resize(-1) }[event.code];
  if (!action) return;
  event.preventDefault();
  action();
});

resize(0);
for (const row of [...log.querySelectorAll(".said p")].slice(-20)) stage.addFinal(row.textContent ?? "");
if (socket) {
  stayAwake(true);
  scrollToEnd();
  new CaptionReader({ url: `/ws${socket}`, token: token ?? "", after: Number(after), listener });
} else {
  stage.tell("Ended");
}
if (location.hash === "#presentation") stage.enter({ full: false });
