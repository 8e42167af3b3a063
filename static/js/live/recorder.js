/** One live recording, from the first sample until the server has all of it. Knows nothing of the page. */
import { create } from "./api.js";
import { RATE } from "./capture.js";
import { Sender } from "./sender.js";
import { Keeper, UnsavedSound } from "./unsaved.js";

/**
 * @typedef {"starting" | "recording" | "paused" | "lost" | "finishing" | "done" | "taken" | "failed"} State
 * @typedef {object} RecorderListener
 * @property {(state: State, words?: string) => void} state
 * @property {(state: "connecting" | "live" | "waiting", seconds?: number) => void} connection
 * @property {(captions: "live" | "later") => void} ready
 * @property {(segment: import("./reader.js").Segment) => void} final
 * @property {(partial: import("./reader.js").Partial) => void} partial
 * @property {(seconds: number) => void} lag
 * @property {(code: string, message: string) => void} notice
 */

export class Recorder {
  /** @type {State} */ state = "starting";
  id = "";
  /** Samples that are safe on the server. */
  saved = 0;
  #sound = new UnsavedSound();
  /** @type {Sender | null} */ #sender = null;
  /** @type {Keeper | null} */ #keeper = null;
  /** @type {import("./capture.js").Capture | null} */ #capture = null;
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

  /** Begin a new one. Raises ApiError. @param {import("./capture.js").Capture} capture @param {{title?: string}} choices */
  async begin(capture, choices) {
    const { id } = await create({ ...choices, encoding: "pcm_s16le", sample_rate: RATE, overflow: "record" });
    await this.#open(id, choices.title ?? "");
    this.use(capture);
  }

  /** Go on with one that was left. @param {import("./capture.js").Capture} capture @param {{id: string, title: string}} left */
  async resume(capture, { id, title }) {
    await this.#open(id, title);
    await new Promise((resolve) => (this.#connected = () => resolve(undefined)));
    if (this.state === "starting") this.use(capture);
    else capture.close();
  }

  /** Send what is left of it here, and end it. @param {{id: string, title: string}} left */
  async save({ id, title }) {
    await this.#open(id, title);
    this.#set("finishing");
    this.#sender?.finish();
  }

  /** Hear this from now on. @param {import("./capture.js").Capture} capture */
  use(capture) {
    this.#capture?.close();
    this.#capture = capture;
    this.#keeper = new Keeper(this.kept, this.id, this.#sound.end);
    capture.record();
    this.#set("recording");
  }

  /** @param {Int16Array} samples */
  add(samples) {
    this.#sound.add(samples);
    this.#keeper?.add(samples);
    this.#sender?.push();
  }

  /** @param {string} language */
  configure(language) {
    this.#sender?.configure(language);
  }

  async pause() {
    if (this.state !== "recording") return;
    this.#set("paused");
    await this.#capture?.pause();
    this.#keeper?.flush();
    this.#sender?.pause(true);
  }

  goOn() {
    if (this.state !== "paused") return;
    this.#sender?.pause(false);
    this.#capture?.record();
    this.#set("recording");
  }

  /** The microphone is gone: what was said is safe, and another can be used. */
  lose() {
    if (this.state !== "recording" && this.state !== "paused") return;
    this.#keeper?.flush();
    this.#set("lost");
  }

  async stop() {
    if (!["recording", "paused", "lost"].includes(this.state)) return;
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

  /** @param {string} id @param {string} title */
  async #open(id, title) {
    this.id = id;
    await this.kept.begin({ id, owner: this.owner, title, begun: Date.now() });
    this.#sound = await this.kept.load(id);
    const { final, partial, lag, notice } = this.listener;
    this.#sender = new Sender({
      path: `/ws/live/${id}/`,
      sound: this.#sound,
      listener: {
        ...{ final, partial, lag, notice },
        connection: this.listener.connection,
        ready: (captions) => {
          this.#connected();
          this.listener.ready(captions);
        },
        saved: (position) => this.#onSaved(position),
        finished: () => this.#onFinished(),
        refused: (code, message) => this.#onRefused(code, message),
      },
    });
  }

  /** @param {number} position */
  #onSaved(position) {
    this.saved = Math.max(this.saved, position);
    this.kept.drop(this.id, position);
  }

  async #onFinished() {
    const expected = this.state === "finishing";
    await this.#release();
    if (expected || this.waiting < 0.5) {
      await this.kept.forget(this.id);
      this.#set("done");
    } else {
      this.#set("failed", "This recording was ended from elsewhere. What reached the server is in your library.");
    }
    this.#connected();
  }

  /** @param {string} code @param {string} message */
  async #onRefused(code, message) {
    await this.#release();
    if (code === "taken_over") this.#set("taken");
    else this.#set("failed", message);
    this.#connected();
  }

  async #release() {
    await this.#capture?.pause();
    this.#keeper?.flush();
    this.#capture?.close();
    this.#capture = null;
  }

  /** @param {State} state @param {string} [words] */
  #set(state, words) {
    this.state = state;
    this.listener.state(state, words);
  }
}
