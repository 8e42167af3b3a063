/** A recording's page: text, player and job brought together. */
import { Comments } from "./comments.js";
import { clock } from "./format.js";
import { bringIntoView, Follow } from "./follow.js";
import { format, gettext } from "./i18n.js";
import { JobWatch } from "./job.js";
import { listenToKeys } from "./keys.js";
import { Parts } from "./parts.js";
import { Player } from "./player.js";
import { keepTermsShown } from "./terms.js";
import { showToast } from "./toasts.js";
import { Drafts } from "./editor/drafts.js";
import { beside, focusOn } from "./editor/rows.js";
import { Editor } from "./editor/editor.js";
import { showStrays } from "./editor/strays.js";
import { Words } from "./words.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const transcript = find("#transcript");
const media = /** @type {HTMLMediaElement | null} */ (document.querySelector("#media"));
const words = new Words(transcript);
const comments = document.querySelector("#comments") && new Comments(transcript, goTo);
const OPENED = CSS.supports("selector(:popover-open)") ? "dialog[open], :popover-open" : "dialog[open]";
const parts = new Parts(transcript, {
  changed: () => {
    words.read();
    comments?.mark();
    editor?.proposals.place();
    editor?.showUnsaved();
  },
  isNeeded: (list) => Boolean(document.querySelector(OPENED) || list.querySelector(":is(.current, .found-doubt, .conflict, :focus)") || isSelected(list) || editor?.holds(list)),
});
const player = media && new Player(media, spokenAt);
const follow = player && new Follow({ button: find("#follow"), back: find("#back-to-playback"), playing: isPlaying, catchUp });

/** @param {Element} element */
function isSelected(element) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}

function isPlaying() {
  return Boolean(media && !media.paused && !media.ended);
}

// What is spoken ------------------------------------------------------------------------------------------------------

/** Before which text that could not be fetched is not asked for again, on the page's clock. */
let asksAgain = 0;

/** @param {number} time seconds */
function spokenAt(time) {
  const word = words.at(time);
  if (words.mark(word) && word && isPlaying() && follow?.isOn) bringIntoView(word);
  if (!word && isPlaying() && performance.now() > asksAgain) parts.reach(time).catch(() => (asksAgain = performance.now() + 3_000));
}

/** Show the place that is being played, wherever the reader has gone. */
async function catchUp() {
  if (media) await show(media.currentTime);
}

/** @param {number} time seconds */
async function show(time) {
  await parts.reach(time);
  const word = words.at(time);
  words.mark(word);
  const place = word ?? passageBefore(time);
  if (place) bringIntoView(place);
}

/** @param {number} time seconds */
function passageBefore(time) {
  return [...transcript.querySelectorAll(".seg")].findLast((row) => Number(/** @type {HTMLElement} */ (row).dataset.start) <= time);
}

for (const name of ["play", "pause", "ended"]) media?.addEventListener(name, () => follow?.update());

// Going somewhere -----------------------------------------------------------------------------------------------------

/** @param {number} time seconds */
function seek(time) {
  player?.seek(time);
  if (player && !follow?.isOn) follow?.turn(true);
}

// Moved over, not scrolled past.
transcript.addEventListener("pointermove", (event) => words.pointedAt(event));

transcript.addEventListener("click", (event) => {
  const target = pressed(event);
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest(".seg-time"));
  const place = /** @type {HTMLElement | null} */ (link?.closest(".seg") ?? target.closest("span[data-start]"));
  if (!place || place.closest(".editing") || getSelection()?.isCollapsed === false) return;
  event.preventDefault();
  seek(Number(place.dataset.start));
  if (!link) return;
  history.replaceState(null, "", link.hash);
  player?.play();
});

/** The word, even where no pointer moved before: on a touch screen, or after scrolling. @param {PointerEvent} event @returns {Element} */
function pressed(event) {
  const target = /** @type {Element} */ (event.target);
  if (!target.matches(".seg-text")) return target;
  words.pointedAt(event);
  return document.elementFromPoint(event.clientX, event.clientY) ?? target;
}

/** `#t=63.2` in the address. */
async function goToAddress() {
  const time = Number(location.hash.match(/^#t=(\d+(?:\.\d+)?)$/)?.[1] ?? NaN);
  if (!Number.isNaN(time)) await goTo(time);
}

/** @param {number} time seconds */
async function goTo(time) {
  player?.seek(time);
  await show(time);
}
addEventListener("hashchange", goToAddress);
goToAddress();
const renaming = document.querySelector("#rename"); // readers have none
if (location.hash === "#rename") renaming?.setAttribute("open", "");
renaming?.addEventListener("toggle", () => {
  if (renaming.hasAttribute("open")) /** @type {HTMLInputElement} */ (find("#rename-input")).select();
});

// Passages and doubtful words -----------------------------------------------------------------------------------------

/** Move the focus to the passage above or below. @param {1 | -1} step */
async function move(step) {
  const focused = document.activeElement?.closest(".seg");
  if (focused && !beside(focused, step)) await parts.reachBeside(focused, step).catch(() => false);
  const next = focused ? beside(focused, step) : (transcript.querySelector(".seg.current") ?? firstInView());
  if (!next) return;
  if (isPlaying()) follow?.turn(false);
  focusOn(placeOfFocus(next));
}

/** Who only reads goes from time to time. @param {Element} passage */
function placeOfFocus(passage) {
  return /** @type {HTMLElement} */ (editor ? passage : passage.querySelector(".seg-time"));
}

function firstInView() {
  const all = [...transcript.querySelectorAll(".seg")];
  let [low, high] = [0, all.length]; // halving: a row that is asked where it is must be laid out
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().top > 80) high = middle;
    else low = middle + 1;
  }
  return all[low] ?? all[0];
}

/** Passages on the screen. */
function inView() {
  const found = [];
  const isShown = (/** @type {HTMLElement} */ row) => row.getBoundingClientRect().top < innerHeight;
  for (let row = /** @type {HTMLElement | null} */ (firstInView() ?? null); row && isShown(row); row = beside(row, 1)) found.push(row);
  return found;
}

const level = /** @type {HTMLSelectElement | null} */ (document.querySelector("#doubt-level"));
keepTermsShown(transcript);
level?.addEventListener("change", () => (transcript.dataset.doubt = level.value));

/** @param {Element | null} element */
function isInView(element) {
  const { top, bottom } = element?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  return bottom > 0 && top < innerHeight;
}

/** Where the doubtful word stands that was found last; it may be corrected by now. */
let lastDoubt = { index: "", time: 0 };

/** From where to look for the next: behind an open passage, whose words are not to be seen. @param {1 | -1} step @returns {import("./words.js").Place | null} */
function placeOfDoubt(step) {
  const current = transcript.querySelector(".seg.current");
  const present = document.activeElement?.closest(".seg") ?? editor?.field.row ?? document.getElementById(`s${lastDoubt.index}`);
  const passage = /** @type {HTMLElement | undefined} */ (present ?? (isInView(current) ? current : null) ?? firstInView());
  if (!passage) return null;
  if (passage.matches(".editing")) return { passage, time: step * Infinity };
  return { passage, time: passage.dataset.index === lastDoubt.index ? lastDoubt.time : -Infinity };
}

/** Part after part: those on the way are loaded. @param {import("./words.js").Place | null} place @param {1 | -1} step @param {string} selector */
async function doubtFrom(place, step, selector) {
  let part = place?.passage.closest(".part") ?? null;
  let word = words.doubtful(part, place, step, selector);
  while (part && !word) {
    part = step > 0 ? part.nextElementSibling : part.previousElementSibling;
    if (part?.matches(".part-away")) part = await parts.load(part);
    word = words.doubtful(part, null, step, selector);
  }
  return word;
}

/** @param {1 | -1} step @param {boolean} [stays] whether the focus stays where it is */
async function nextDoubt(step, stays = false) {
  const selector = level?.value === "2" ? ".doubt2" : ".doubt1, .doubt2";
  let word = null;
  try {
    word = await doubtFrom(placeOfDoubt(step), step, selector);
  } catch {
    return showToast(gettext("The text could not be fetched. Please check the connection and try again."), { level: "error" });
  }
  transcript.querySelector(".found-doubt")?.classList.remove("found-doubt");
  if (isPlaying()) follow?.turn(false);
  find("#doubt-said").textContent = word
    ? format(gettext("Doubtful: %(word)s, at %(time)s"), { word: word.textContent ?? "", time: clock(Number(word.dataset.start)) })
    : gettext("No further doubtful word.");
  if (word) goToDoubt(word, stays);
}

/** @param {HTMLElement} word @param {boolean} stays whether the focus stays where it is */
function goToDoubt(word, stays) {
  const passage = /** @type {HTMLElement} */ (word.closest(".seg"));
  lastDoubt = { index: passage.dataset.index ?? "", time: Number(word.dataset.start) };
  word.classList.add("found-doubt");
  word.scrollIntoView({ block: "center" });
  player?.seek(lastDoubt.time);
  if (!stays) focusOn(placeOfFocus(passage), { scroll: false });
}
// Whoever presses a button by a key goes on pressing it.
document.querySelector("#next-doubt")?.addEventListener("click", (event) => nextDoubt(1, !(/** @type {MouseEvent} */ (event).detail)));
document.querySelector("#previous-doubt")?.addEventListener("click", (event) => nextDoubt(-1, !(/** @type {MouseEvent} */ (event).detail)));

// Correcting ----------------------------------------------------------------------------------------------------------

const editor = "editable" in transcript.dataset
  ? new Editor(transcript, {
      changed: () => words.read(),
      pause: () => media?.pause(),
      seek: (time) => player?.seek(time),
      show,
      reachBeside: (row, step) => parts.reachBeside(row, step),
      renew: (update) => parts.renew(update),
      stay: () => void (isPlaying() && follow?.turn(false)),
      inView,
      comment: (row) => comments?.begin(row),
      player,
    })
  : null;

if (!editor && transcript.dataset.user) showStrays(transcript, new Drafts(transcript.dataset));

/** @param {string} action from the menu of a passage */
function act(action) {
  const row = editor?.rows.current();
  if (row) editor?.act(action, row);
  else if (action === "edit") /** @type {HTMLElement | null} */ (document.querySelector("#correct:not([hidden]) button"))?.click();
}

// Keys and the job ----------------------------------------------------------------------------------------------------

/** That has the focus, or is being played; else the first in view. */
function passageHere() {
  return document.activeElement?.closest(".seg") ?? transcript.querySelector(".seg.current") ?? firstInView();
}

function replay() {
  const passage = document.activeElement?.closest(".seg") ?? transcript.querySelector(".seg.current");
  if (!passage) return;
  seek(Number(/** @type {HTMLElement} */ (passage).dataset.start));
  player?.play();
}

listenToKeys(
  {
    toggle: () => player?.toggle(),
    back: () => player?.skip(-5),
    forward: () => player?.skip(5),
    slower: () => player?.changeSpeed(-1),
    faster: () => player?.changeSpeed(1),
    replay,
    up: () => move(-1),
    down: () => move(1),
    nextDoubt: () => nextDoubt(1),
    previousDoubt: () => nextDoubt(-1),
    edit: () => act("edit"),
    speaker: () => act("speaker"),
    times: () => act("times"),
    confirm: () => act("confirm"),
    again: () => act("again"),
    find: () => editor?.panel.show("replace"),
    undo: () => editor?.steps.go("undo"),
    redo: () => editor?.steps.go("redo"),
    help: () => /** @type {HTMLDialogElement} */ (find("#help-dialog")).showModal(),
    comment: () => comments?.begin(passageHere()),
    leave: () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur(),
  },
  /** @type {HTMLInputElement} */ (find("#single-keys")),
  () => Boolean(editor?.structure.isPending),
);

new JobWatch(transcript.dataset.statusUrl ?? "", { append: () => parts.append(), redraw: () => player?.redraw(), time: () => media?.currentTime ?? 0 });
