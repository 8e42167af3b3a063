/** Speaks into a live recording: sends sound from where the server says, and reads what comes back. */
import { MAX_PAYLOAD, PAUSE, RESUME, configure, finish, frame } from "./frames.js";
import { SteadySocket } from "./socket.js";

/** Samples that may be sent beyond what is acknowledged: 20 s, where the server takes 30. */
const MOST_AHEAD = 20 * 16_000;
const MOST_WAITING = 256 * 1024;
const FRAME = MAX_PAYLOAD / 4;
/** The browser's own queue is looked at so often while something is to be sent. */
const DRAIN_EVERY = 100;

/**
 * @typedef {import("./reader.js").Listener & {
 *   saved: (position: number) => void,
 *   lag: (seconds: number) => void,
 *   notice: (code: string, message: string) => void,
 * }} SenderListener `saved`: all before is safe; `finished` comes when the server has everything
 */

export class Sender {
  #sent = 0;
  #after = -1;
  #language = "";
  #paused = false;
  #finishing = false;
  #told = false;
  #timer = 0;

  /** @param {{path: string, sound: import("./unsaved.js").UnsavedSound, listener: SenderListener}} options */
  constructor({ path, sound, listener }) {
    this.sound = sound;
    this.listener = listener;
    this.socket = new SteadySocket({
      path,
      parameters: () => ({ after: String(this.#after) }),
      listener: {
        connection: listener.connection,
        refused: listener.refused,
        message: (message) => this.#heard(message),
      },
    });
  }

  /** There is new sound. */
  push() {
    clearTimeout(this.#timer);
    if (!this.socket.isReady) return;
    const limit = this.sound.first + MOST_AHEAD;
    while (this.#sent < Math.min(this.sound.end, limit) && this.socket.waiting < MOST_WAITING) {
      const samples = this.sound.read(this.#sent, FRAME);
      this.socket.send(frame(this.#sent, samples));
      this.#sent += samples.length;
    }
    if (this.#sent < this.sound.end) this.#timer = setTimeout(() => this.push(), DRAIN_EVERY);
    else if (this.#finishing && !this.#told) {
      this.#told = true;
      this.socket.send(finish(this.sound.end));
    }
  }

  /** @param {string} language "" detects it */
  configure(language) {
    this.#language = language;
    this.socket.send(configure(language));
  }

  /** @param {boolean} paused */
  pause(paused) {
    this.#paused = paused;
    this.push();
    this.socket.send(paused ? PAUSE : RESUME);
  }

  /** All sound is there: send it, however long that takes, and end the recording. */
  finish() {
    this.#finishing = true;
    this.push();
  }

  end() {
    clearTimeout(this.#timer);
    this.socket.end();
  }

  /** @param {any} message */
  #heard(message) {
    switch (message.type) {
      case "ready":
        this.#onReady(message);
        break;
      case "ack":
        this.#saved(message.received);
        break;
      case "final":
        this.#final(message.segment);
        break;
      case "partial":
        this.listener.partial(message);
        break;
      case "lag":
        this.listener.lag(message.seconds);
        break;
      case "finished":
        this.listener.finished();
        break;
      case "error":
        this.#onError(message);
    }
  }

  /** @param {any} message */
  #onReady({ received, captions, segments }) {
    this.#told = false;
    this.sound.fillFrom(received);
    this.#saved(received);
    this.#sent = received;
    this.listener.ready(captions);
    segments.forEach((/** @type {import("./reader.js").Segment} */ segment) => this.#final(segment));
    if (this.#language) this.socket.send(configure(this.#language));
    if (this.#paused) this.socket.send(PAUSE);
    this.push();
  }

  /** @param {any} message */
  #onError({ code, message, received }) {
    if (code === "gap" && received !== undefined) {
      this.#sent = received;
      this.#told = false;
      this.push();
    } else {
      this.listener.notice(code, message);
    }
  }

  /** @param {number} position */
  #saved(position) {
    this.sound.drop(position);
    this.#sent = Math.max(this.#sent, position);
    this.listener.saved(position);
    this.push();
  }

  /** @param {import("./reader.js").Segment} segment */
  #final(segment) {
    if (segment.index <= this.#after) return;
    this.#after = segment.index;
    this.listener.final(segment);
  }
}
