/** The page of an audience: what was said, what is being said, and how the connection is. */
import { format, gettext } from "../i18n.js";
import { stayAwake } from "./awake.js";
import { CaptionLog } from "./captions.js";
import { CaptionReader } from "./reader.js";
import { Stage } from "./stage.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/** Reading sizes in rem. */
const SIZES = [1, 1.125, 1.25, 1.5, 1.75, 2.125, 2.5, 3];
const SIZE_KEPT = "scripta-reading-size";
const SINGLE_KEYS_KEPT = "scripta-single-keys";

const { socket, token, visit, after } = document.body.dataset;
const captions = new CaptionLog({ live: Boolean(socket) });
const keys = /** @type {HTMLInputElement} */ (find("#single-keys"));
const stage = new Stage(find("#stage"), { hasKeys: () => keys.checked });

// What is said --------------------------------------------------------------------------------------------------------

/** @param {import("./reader.js").Segment} segment */
function addFinal(segment) {
  const text = captions.addFinal(segment);
  stage.showPartial("", "");
  stage.addFinal(text);
}

/** @param {import("./reader.js").Partial} partial */
function showPartial(partial) {
  captions.showPartial(partial);
  stage.showPartial(partial.stable, partial.unstable);
}

function clearPartial() {
  captions.clearPartial();
  stage.showPartial("", "");
}

// How it is -----------------------------------------------------------------------------------------------------------

/** @param {string} state @param {string} words */
function tell(state, words) {
  find("#state").dataset.state = state;
  find("#state-words").textContent = words;
  stage.tell(state === "live" ? "" : words);
}

function end() {
  clearPartial();
  captions.end();
  stayAwake(false);
}

/** @type {import("./reader.js").Listener} */
const listener = {
  connection(state, seconds) {
    const later = navigator.onLine ? format(gettext("Reconnecting in %(seconds)s s…"), { seconds: seconds ?? 0 }) : gettext("You are offline. It goes on when you are back.");
    tell(state, { connecting: gettext("Connecting…"), live: gettext("Live"), waiting: later }[state]);
  },
  ready(kind) {
    clearPartial();
    find("#later").hidden = kind !== "later";
  },
  final: addFinal,
  partial: showPartial,
  finished() {
    tell("ended", gettext("Ended"));
    find("#ended").hidden = false;
    end();
  },
  refused(code, message) {
    const withdrawn = code === "link_withdrawn";
    tell("gone", withdrawn ? gettext("Link withdrawn") : gettext("Closed"));
    find("#gone-title").textContent = withdrawn ? gettext("This link was withdrawn") : gettext("You cannot follow this any more");
    find("#gone-words").textContent = withdrawn ? gettext("The speaker has closed it. Ask whoever sent it to you for a new one.") : message;
    find("#gone").hidden = false;
    end();
  },
};

// View ----------------------------------------------------------------------------------------------------------------

/** @param {number} step */
function resize(step) {
  const kept = Number(localStorage.getItem(SIZE_KEPT) ?? SIZES.indexOf(1.25));
  const size = Math.min(SIZES.length - 1, Math.max(0, (Number.isInteger(kept) ? kept : 2) + step));
  localStorage.setItem(SIZE_KEPT, String(size));
  document.body.style.setProperty("--reading", `${SIZES[size]}rem`);
  captions.follow();
}
find("#smaller").addEventListener("click", () => resize(-1));
find("#larger").addEventListener("click", () => resize(1));
find("#present").addEventListener("click", () => stage.enter());
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
for (const row of [...document.querySelectorAll("#said p")].slice(-20)) stage.addFinal(row.textContent ?? "");
if (socket) {
  stayAwake(true);
  captions.follow();
  new CaptionReader({ path: `/ws${socket}`, token: token ?? "", visit: visit ?? "", after: Number(after), listener });
} else {
  stage.tell(gettext("Ended"));
}
if (location.hash === "#presentation") stage.enter({ full: false });
