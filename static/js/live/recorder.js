/** One live recording, from the first sample until the server has all of it. Knows nothing of the page. */
import { create } from "./api.js";
import { RATE } from "./capture.js";
import { Sender } from "./sender.js";
import { Keeper, UnsavedSound } from "./unsaved.js";

/**
 * @typedef {"idle" | "starting" | "recording" | "paused" | "lost" | "finishing" | "done" | "taken" | "failed"} State
 * @typedef {{code: string, message: string}} Problem
 * @typedef {import("./capture.js").Capture} Capture
 * @typedef {{id: string, title: string}} Left
 * @typedef {object} RecorderListener
 * @property {(state: State, problem?: Problem) => void} state `problem`: why it failed
 * @property {(state: "connecting" | "live" | "waiting", seconds?: number) => void} connection
 * @property {(captions: "live" | "later") => void} ready
 * @property {(segment: import("./reader.js").Segment) => void} final
 * @property {(partial: import("./reader.js").Partial) => void} partial
 * @property {(seconds: number) => void} lag
 * @property {(code: string, message: string) => void} notice
 */

/** Seconds that are worth no words when they are missing at the end. */
export const LITTLE = 0.5;
/** After these the server takes no more sound, and ends the recording. */
const ENDING = new Set(["storage_full", "quota_exceeded", "too_long", "damaged_sound"]);
/** With these it closes the connection, and then they are told as the reason. */
const REFUSALS = new Set(["not_signed_in", "not_allowed", "not_found", "taken_over"]);

export class Recorder {
  /** @type {State} */ state = "idle";
  id = "";
  title = "";
  /** Samples that are safe on the server. */
  saved = 0;
  /** The speaker wants no more than that the rest is sent. */
  isEnding = false;
  #sound = new UnsavedSound();
  /** @type {Sender | null} */ #sender = null;
  /** @type {Keeper | null} */ #keeper = null;
  /** @type {Capture | null} */ #capture = null;
  /** @type {Problem | null} */ #reason = null;
  #connected = () => {};

  /** @param {{kept: import("./unsaved.js").KeptSound, owner: string, listener: RecorderListener}} options */
  constructor({ kept, owner, listener }) {
    this.kept = kept;
    this.owner = owner;
    this.listener = listener;
  }

  /** Seconds of sound that were recorded. */
  get seconds() {
    return this.#sound.end / RATE;
  }

  /** Seconds that are here and not yet on the server. */
  get waiting() {
    return Math.max(0, this.#sound.end - this.saved) / RATE;
  }

  get isRecording() {
    return this.state === "recording";
  }

  /** Something would be lost, or end, if the page were left. */
  get isBusy() {
    return ["starting", "recording", "paused", "lost", "finishing"].includes(this.state);
  }

  /** It is over, and what the server does not have is nowhere but in this page. */
  get isAtRisk() {
    return ["taken", "failed"].includes(this.state) && !this.kept.isOn && this.waiting >= LITTLE;
  }

  /** Why nothing is heard though it is recorded; see Capture. */
  get trouble() {
    return (this.isRecording && this.#capture?.trouble) || "";
  }

  get source() {
    return this.#capture?.source ?? "microphone";
  }

  /** Begin a new one. Raises ApiError. @param {Capture} capture @param {{title?: string}} choices */
  async begin(capture, choices) {
    const { id } = await create({ ...choices, encoding: "pcm_s16le", sample_rate: RATE, overflow: "record" });
    await this.#open({ id, title: choices.title ?? "" });
    await this.use(capture);
  }

  /** Go on with one that was left. @param {Capture} capture @param {Left} left */
  async resume(capture, left) {
    this.#set("starting");
    await this.#open(left);
    await this.#useWhenConnected(capture);
  }

  /** Send what is left of it here, and end it. @param {Left} left */
  async save(left) {
    this.isEnding = true;
    this.#set("finishing");
    await this.#open(left);
    this.#sender?.finish();
  }

  /** After a failure. @param {Capture | null} capture none where only the rest is to be sent */
  async retry(capture) {
    this.#set(capture ? "starting" : "finishing");
    this.#sender?.retry();
    if (capture) await this.#useWhenConnected(capture);
  }

  /** Hear this from now on, unless the speaker has ended it meanwhile. @param {Capture} capture */
  async use(capture) {
    await this.#capture?.pause(); // the last samples of the one before come first
    if (!["idle", "starting", "lost"].includes(this.state)) {
      capture.close();
      return;
    }
    this.#capture?.close();
    this.#capture = capture;
    capture.record();
    this.#sender?.pause(false);
    this.#set("recording");
    if (capture.isOver) await this.lose();
  }

  /** @param {Int16Array} samples */
  add(samples) {
    this.#keeper?.add(this.#sound.add(samples), samples);
    this.#sender?.push();
  }

  /** @param {string} language */
  configure(language) {
    this.#sender?.configure(language);
  }

  async pause() {
    if (this.state !== "recording") return;
    this.#set("paused");
    await this.#hush();
    if (this.state === "paused") this.#sender?.pause(true); // else they have changed their mind
  }

  goOn() {
    if (this.state !== "paused") return;
    this.#sender?.pause(false);
    this.#capture?.record();
    this.#set("recording");
  }

  /** The microphone is gone: what was said is safe, and another can be used. One that is lost before is found by `use`. */
  async lose() {
    if (!["recording", "paused"].includes(this.state) || !this.#capture?.isOver) return;
    this.#set("lost");
    await this.#hush();
  }

  async stop() {
    if (!["recording", "paused", "lost"].includes(this.state)) return;
    this.isEnding = true;
    this.#set("finishing");
    await this.#release();
    this.#sender?.finish();
  }

  /** Write what is in memory to the browser's database, because the page may go. */
  keep() {
    this.#keeper?.flush();
  }

  /** What the server does not have. */
  unsaved() {
    return this.#sound.read(this.#sound.first, Infinity);
  }

  /** @param {Left} left */
  async #open({ id, title }) {
    Object.assign(this, { id, title });
    await this.kept.begin({ id, owner: this.owner, title, begun: Date.now() });
    this.#sound = await this.kept.load(id);
    this.#keeper = new Keeper(this.kept, id);
    const { connection, final, partial, lag } = this.listener;
    this.#sender = new Sender({
      path: `/ws/live/${id}/`,
      sound: this.#sound,
      listener: {
        ...{ connection, final, partial, lag },
        ready: (captions) => {
          this.#connected();
          this.listener.ready(captions);
        },
        notice: (code, message) => this.#onNotice(code, message),
        saved: (position) => this.#onSaved(position),
        passed: () => this.#setAside(),
        finished: () => this.#onFinished(),
        refused: (code, message) => this.#onRefused(code, message),
      },
    });
  }

  /** @param {Capture} capture */
  async #useWhenConnected(capture) {
    await new Promise((resolve) => (this.#connected = () => resolve(undefined)));
    await this.use(capture);
  }

  /** @param {string} code @param {string} message */
  #onNotice(code, message) {
    if (ENDING.has(code)) this.#reason = { code, message };
    else if (!REFUSALS.has(code)) this.listener.notice(code, message);
  }

  /** @param {number} position */
  #onSaved(position) {
    this.saved = Math.max(this.saved, position);
    this.kept.drop(this.id, position);
  }

  /** Nothing more is taken. Whether the speaker wanted that says nothing of what the server has. */
  async #onFinished() {
    await this.#release();
    const isSafe = this.waiting < LITTLE;
    if (isSafe) await this.kept.forget(this.id);
    if (isSafe && (this.isEnding || !this.#reason)) this.#set("done");
    else this.#set("failed", this.#reason ?? { code: "ended", message: "" });
    this.#connected();
  }

  /** @param {string} code @param {string} message */
  async #onRefused(code, message) {
    await this.#release();
    if (code === "taken_over") {
      await this.#setAside();
      this.#set("taken");
    } else {
      this.#set("failed", { code, message });
    }
    this.#connected();
  }

  /** Others have spoken where this would go: whoever resumes here must not lose it. */
  async #setAside() {
    if (this.#sound.held < LITTLE * RATE) return;
    const recording = { id: this.id, owner: this.owner, title: this.title, begun: Date.now() };
    await this.kept.setAside(recording, this.unsaved());
    await this.kept.drop(this.id, this.#sound.end);
  }

  /** To the last sample. */
  async #hush() {
    await this.#capture?.pause();
    this.#keeper?.flush();
  }

  async #release() {
    const capture = this.#capture;
    await this.#hush();
    capture?.close();
    if (this.#capture === capture) this.#capture = null;
  }

  /** @param {State} state @param {Problem} [problem] */
  #set(state, problem) {
    this.state = state;
    this.listener.state(state, problem);
  }
}
