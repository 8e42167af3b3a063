/** The page to speak into: shows what the recorder does, and passes on what the speaker wants. */
import { clock } from "../format.js";
import { format, gettext } from "../i18n.js";
import { showToast } from "../toasts.js";
import { Alerts } from "./alerts.js";
import { ApiError } from "./api.js";
import { stayAwake } from "./awake.js";
import { Capture, CaptureError, RATE } from "./capture.js";
import { CaptionLog } from "./captions.js";
import { showEnding } from "./endings.js";
import { showLevel } from "./level.js";
import { Recorder } from "./recorder.js";
import { Setup } from "./setup.js";
import { offerShare } from "./share.js";
import { showUnfinished } from "./unfinished.js";
import { KeptSound } from "./unsaved.js";
import { download, wav } from "./wav.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const MOST_LINES = 200;
const { worklet = "", owner = "" } = document.body.dataset;
const plainTitle = document.title;
const bar = find("#recorder");
const languageNow = /** @type {HTMLSelectElement} */ (find("#language-now"));
const kept = await KeptSound.open();
const alerts = new Alerts();
const captions = new CaptionLog({ live: false, most: MOST_LINES });
const setup = document.querySelector("#setup-form") ? new Setup({ worklet, record: () => begin() }) : null;
let connection = "connecting";
let lag = 0;
/** Something is being opened: it may take as long as a person needs to find the right button. */
let isOpening = false;
/** What a failure left in this page was saved as a file. */
let isDownloaded = false;

const WORDS = {
  idle: "",
  starting: gettext("Connecting…"),
  recording: gettext("Recording"),
  paused: gettext("Paused"),
  lost: gettext("Microphone lost"),
  finishing: gettext("Finishing…"),
  done: gettext("Done"),
  taken: "",
  failed: "",
};

const recorder = new Recorder({
  kept,
  owner,
  listener: {
    state: showState,
    connection: (state) => {
      connection = state;
      showProgress();
    },
    ready: (kind) => {
      lag = 0;
      captions.clearPartial();
      find("#later").hidden = kind !== "later";
      if (!document.querySelector("#share-live.share")) offerShare(recorder.id);
    },
    final: (segment) => captions.addFinal(segment),
    partial: (partial) => captions.showPartial(partial),
    lag: (seconds) => (lag = seconds),
    notice: (code, message) => {
      if (code === "captions_later") {
        lag = 0;
        find("#later").hidden = false;
      }
      showToast(message, { level: "warning" });
    },
  },
});

/** @type {import("./capture.js").CaptureListener} */
const listener = {
  level: (level) => showLevel(find("#live-level"), recorder.isRecording ? level : 0),
  samples: (samples) => recorder.add(samples),
  lost: () => recorder.lose(),
  silenced: () => showProgress(),
};

// Beginning -----------------------------------------------------------------------------------------------------------

const openChosen = () => (setup ? setup.open(listener) : openSound({ source: "microphone" }));

/** @param {import("./capture.js").Wanted} wanted */
const openSound = (wanted) => Capture.open({ ...wanted, worklet, listener });

/** Open the sound, then do something with it; one at a time. @param {(capture: Capture) => Promise<void>} work */
async function withSound(work, open = openChosen) {
  if (isOpening) return;
  isOpening = true;
  setup?.fail("");
  /** @type {Capture | null} */ let capture = null;
  try {
    capture = await open();
    await work(capture);
  } catch (error) {
    capture?.close();
    if (!(error instanceof CaptureError || error instanceof ApiError)) throw error;
    complain(error.message);
  } finally {
    isOpening = false;
  }
}

/** @param {string} words why nothing is recorded */
function complain(words) {
  if (setup && recorder.state === "idle") {
    setup.fail(words);
    setup.goOn();
  } else {
    showToast(words, { level: "error" });
  }
}

async function begin() {
  const button = /** @type {HTMLButtonElement} */ (find("#begin"));
  const choices = setup?.choices ?? {};
  languageNow.value = String(/** @type {any} */ (choices).language ?? "");
  button.disabled = true;
  try {
    await withSound((capture) => recorder.begin(capture, choices));
  } finally {
    button.disabled = false;
    keepFocus(button);
  }
}

/** @param {import("./recorder.js").Left} left */
function resume(left) {
  if (recorder.state === "idle") withSound((capture) => recorder.resume(capture, left));
}

/** @param {import("./recorder.js").Left} left */
function save(left) {
  if (recorder.state === "idle" && !isOpening) recorder.save(left);
}

// What it does --------------------------------------------------------------------------------------------------------

/** @param {import("./recorder.js").State} state @param {import("./recorder.js").Problem} [problem] */
function showState(state, problem) {
  const isOver = state === "failed" || state === "taken";
  if (bar.hidden && recorder.isBusy) captions.begin();
  find("#setup").hidden = true;
  find("#live").hidden = isOver;
  find("#trouble").hidden = !isOver;
  bar.hidden = !recorder.isBusy;
  bar.dataset.state = state;
  document.body.classList.toggle("recording-now", recorder.isBusy);
  if (state !== "recording") showLevel(find("#live-level"), 0);
  stayAwake(state === "recording" || state === "finishing");
  find("#state").textContent = state === "lost" && recorder.source === "tab" ? gettext("Sharing ended") : WORDS[state];
  /** @type {HTMLElement} */ (find("#pause span")).textContent = state === "paused" ? gettext("Go on") : gettext("Pause");
  for (const name of ["#pause", "#stop"]) /** @type {HTMLButtonElement} */ (find(name)).disabled = state === "finishing" || state === "starting";
  /** @type {HTMLButtonElement} */ (find("#pause")).disabled ||= state === "lost";
  if (state === "done") location.assign(`/recordings/${recorder.id}/`);
  if (isOver) showTrouble(problem ?? { code: "taken_over", message: "" });
  else keepFocus(find(state === "recording" || state === "paused" ? "#pause" : "#state"));
  showProgress();
}

/** What had the focus may be gone: whoever uses a keyboard must not begin again at the top. @param {HTMLElement} next */
function keepFocus(next) {
  const active = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
  const isShown = (/** @type {HTMLElement} */ element) => element.getClientRects().length > 0;
  const isGone = active === document.body || active.id === "state" || active.matches(":disabled") || !isShown(active);
  if (isGone && isShown(next)) next.focus({ preventScroll: true });
}

function showProgress() {
  const { seconds, waiting, state, trouble, source } = recorder;
  find("#time").textContent = clock(seconds);
  find("#saved").textContent = format(gettext("Saved to server %(time)s"), { time: clock(recorder.saved / RATE) });
  find("#behind").hidden = lag < 2 || connection !== "live";
  find("#behind").textContent = format(gettext("%(seconds)s s behind"), { seconds: Math.round(lag) });
  document.title = recorder.isBusy ? `● ${clock(seconds)} – Scripta` : plainTitle;
  alerts.show({ state: recorder.isBusy ? state : "idle", connection, waiting, trouble, source });
}
setInterval(() => recorder.isBusy && showProgress(), 250);

/** @param {import("./recorder.js").Problem} problem */
function showTrouble(problem) {
  captions.end();
  isDownloaded = false;
  showEnding(problem, recorder, RATE);
  find("#trouble-title").focus();
}

// What the speaker wants ----------------------------------------------------------------------------------------------

const togglePause = () => (recorder.state === "paused" ? recorder.goOn() : recorder.pause());
/** @param {import("./capture.js").Wanted} wanted */
const goOnWith = (wanted) => withSound((capture) => recorder.use(capture), () => openSound(wanted));
const saveFile = () => {
  download(wav(recorder.unsaved(), RATE), format(gettext("%(title)s (rest).wav"), { title: recorder.title || gettext("recording") }));
  isDownloaded = true;
};
find("#pause").addEventListener("click", togglePause);
find("#stop").addEventListener("click", () => recorder.stop());
find("#take-back").addEventListener("click", () => location.assign(`/record/${recorder.id}/`));
find("#retry").addEventListener("click", () => (recorder.isEnding ? recorder.retry(null) : withSound((capture) => recorder.retry(capture))));
for (const name of ["#download", "#download-now"]) find(name).addEventListener("click", saveFile);
languageNow.addEventListener("change", () => recorder.configure(languageNow.value));
find("#use-device").addEventListener("click", () => goOnWith({ source: "microphone", device: /** @type {HTMLSelectElement} */ (find("#other-device")).value }));
find("#share-again").addEventListener("click", () => goOnWith({ source: "tab" }));
navigator.mediaDevices?.addEventListener?.("devicechange", () => recorder.state === "lost" && alerts.offerDevices(recorder.source));
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "KeyK" && !bar.hidden) {
    event.preventDefault();
    togglePause();
  }
});
addEventListener("beforeunload", (event) => {
  if (recorder.isBusy || (recorder.isAtRisk && !isDownloaded)) event.preventDefault();
});
addEventListener("pagehide", () => recorder.keep());
// The bar grows with what it has to tell; the last line stays above it.
new ResizeObserver(() => {
  document.body.style.setProperty("--bar", `${bar.offsetHeight}px`);
  captions.follow();
}).observe(bar);

await showUnfinished({ kept, owner, resume, save });
document.body.dataset.script = "ready";
