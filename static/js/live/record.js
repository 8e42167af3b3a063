/** The page to speak into: shows what the recorder does, and passes on what the speaker wants. */
import { clock } from "../format.js";
import { showToast } from "../toasts.js";
import { ApiError } from "./api.js";
import { stayAwake } from "./awake.js";
import { Capture, CaptureError, RATE } from "./capture.js";
import { CaptionLog } from "./captions.js";
import { showLevel } from "./level.js";
import { Recorder } from "./recorder.js";
import { fillDevices, Setup } from "./setup.js";
import { offerShare } from "./share.js";
import { showUnfinished } from "./unfinished.js";
import { KeptSound } from "./unsaved.js";
import { download, wav } from "./wav.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const MOST_LINES = 200;
const { worklet = "", owner = "" } = document.body.dataset;
const bar = find("#recorder");
const languageNow = /** @type {HTMLSelectElement} */ (find("#language-now"));
const kept = await KeptSound.open();
const captions = new CaptionLog({ most: MOST_LINES });
const setup = document.querySelector("#setup-form") ? new Setup({ worklet, record: () => begin() }) : null;
let connection = "connecting";
let lag = 0;
let title = "";

const WORDS = { starting: "Connecting…", recording: "Recording", paused: "Paused", lost: "Microphone lost", finishing: "Finishing…", done: "Done", taken: "", failed: "" };

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
      captions.clearPartial();
      find("#later").hidden = kind !== "later";
      if (!document.querySelector("#share-live.share")) offerShare(recorder.id);
    },
    final: (segment) => captions.addFinal(segment),
    partial: (partial) => captions.showPartial(partial),
    lag: (seconds) => (lag = seconds),
    notice: (code, message) => {
      if (code === "captions_later") find("#later").hidden = false;
      showToast(message, { level: "warning" });
    },
  },
});

/** @type {import("./capture.js").CaptureListener} */
const listener = {
  level: (level) => showLevel(find("#live-level"), recorder.isRecording ? level : 0),
  samples: (samples) => recorder.add(samples),
  lost: () => recorder.lose(),
  silenced: (silent) => warn(silent ? "The microphone is muted by its switch or by the system." : ""),
};

// Beginning -----------------------------------------------------------------------------------------------------------

/** Open the sound, then do something with it. @param {(capture: Capture) => Promise<void>} work */
async function withSound(work) {
  setup?.fail("");
  /** @type {Capture | null} */ let capture = null;
  try {
    capture = setup ? await setup.open(listener) : await Capture.open({ source: "microphone", worklet, listener });
    await work(capture);
  } catch (error) {
    capture?.close();
    if (!(error instanceof CaptureError || error instanceof ApiError)) throw error;
    if (setup) setup.fail(error.message);
    else showToast(error.message, { level: "error" });
  }
}

async function begin() {
  const button = /** @type {HTMLButtonElement} */ (find("#begin"));
  const choices = setup?.choices ?? { title: "" };
  title = String(choices.title ?? "");
  languageNow.value = String(/** @type {any} */ (choices).language ?? "");
  button.disabled = true;
  await withSound((capture) => recorder.begin(capture, choices));
  button.disabled = false;
}

/** @param {import("./unfinished.js").Left} left */
function resume(left) {
  title = left.title;
  return withSound((capture) => {
    showState("starting");
    return recorder.resume(capture, left);
  });
}

/** @param {import("./unfinished.js").Left} left */
function save(left) {
  title = left.title;
  return recorder.save(left);
}

// What it does --------------------------------------------------------------------------------------------------------

/** @param {import("./recorder.js").State} state @param {string} [words] */
function showState(state, words = "") {
  find("#setup").hidden = true;
  find("#live").hidden = state === "failed" || state === "taken";
  bar.hidden = !["starting", "recording", "paused", "lost", "finishing"].includes(state);
  bar.dataset.state = state;
  document.body.classList.toggle("recording-now", !bar.hidden);
  stayAwake(state === "recording");
  find("#state").textContent = WORDS[state];
  /** @type {HTMLElement} */ (find("#pause span")).textContent = state === "paused" ? "Go on" : "Pause";
  for (const name of ["#pause", "#stop"]) /** @type {HTMLButtonElement} */ (find(name)).disabled = state === "finishing" || state === "starting";
  if (state === "lost") offerDevices();
  if (state === "done") location.assign(`/recordings/${recorder.id}/`);
  if (state === "taken") showTrouble("This recording goes on in another place", "Another tab or device is speaking into it now. All that was said here is safe.");
  if (state === "failed") showTrouble("This recording has ended", words);
  showProgress();
}

function showProgress() {
  const { seconds, waiting, state } = recorder;
  find("#time").textContent = clock(seconds);
  find("#saved").textContent = `Saved to server ${clock(recorder.saved / RATE)}`;
  find("#behind").hidden = lag < 2 || connection !== "live";
  find("#behind").textContent = `${Math.round(lag)} s behind`;
  document.title = recorder.isBusy && bar.hidden === false ? `● ${clock(seconds)} – Scripta` : "Record – Scripta";
  if (bar.hidden || state === "lost") return;
  if (state === "starting") {
    warn(connection === "waiting" ? "The server does not answer yet. It is tried again." : "");
  } else if (connection === "waiting" || (connection === "connecting" && waiting > 3)) {
    const held = `${clock(waiting)} waiting`;
    warn(state === "finishing" ? `No connection. The rest is sent when it is back – ${held}. Keep this page open.` : `Reconnecting. Still recording here – ${held}.`);
  } else {
    warn(state === "finishing" && waiting > 3 ? `Sending the rest – ${clock(waiting)} waiting.` : "");
  }
}
setInterval(() => recorder.isBusy && showProgress(), 250);

/** @param {string} words "" when all is well */
function warn(words) {
  find("#alert").hidden = !words;
  find("#alert-words").textContent = words;
  find("#other-devices").hidden = true;
}

async function offerDevices() {
  const select = /** @type {HTMLSelectElement} */ (find("#other-device"));
  warn("The microphone is gone. What you said is safe. Plug it in again or choose another, then go on.");
  find("#other-devices").hidden = false;
  await fillDevices(select, "");
}

/** @param {string} name @param {string} words */
function showTrouble(name, words) {
  captions.end();
  find("#trouble-title").textContent = name;
  find("#trouble-words").textContent = words;
  find("#take-back").hidden = recorder.state !== "taken";
  find("#download").hidden = recorder.unsaved().length < RATE / 2;
  /** @type {HTMLAnchorElement} */ (find("#open-recording")).href = `/recordings/${recorder.id}/`;
  find("#trouble").hidden = false;
}

// What the speaker wants ----------------------------------------------------------------------------------------------

const togglePause = () => (recorder.state === "paused" ? recorder.goOn() : recorder.pause());
find("#pause").addEventListener("click", togglePause);
find("#stop").addEventListener("click", () => recorder.stop());
find("#take-back").addEventListener("click", () => location.assign(`/record/${recorder.id}/`));
find("#download").addEventListener("click", () => download(wav(recorder.unsaved(), RATE), `${title || "recording"} (rest).wav`));
languageNow.addEventListener("change", () => recorder.configure(languageNow.value));
find("#use-device").addEventListener("click", async () => {
  const device = /** @type {HTMLSelectElement} */ (find("#other-device")).value;
  try {
    recorder.use(await Capture.open({ source: "microphone", device, worklet, listener }));
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    showToast(error.message, { level: "error" });
  }
});
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "KeyK" && !bar.hidden) {
    event.preventDefault();
    togglePause();
  }
});
addEventListener("beforeunload", (event) => {
  if (recorder.isBusy && !bar.hidden) event.preventDefault();
});
addEventListener("pagehide", () => recorder.keep());

await showUnfinished({ kept, owner, resume, save });
document.body.dataset.script = "ready";
