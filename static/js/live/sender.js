/** Speaks into a live recording: sends sound from where the server says, and reads what comes back. */
import { MAX_PAYLOAD, PAUSE, RESUME, configure, finish, frame } from "./frames.js";
import { SteadySocket } from "./socket.js";

/** Samples that may be sent beyond what is acknowledged: 20 s, where the server takes 30. */
const MOST_AHEAD = 20 * 16_000;
/** Samples that a browser which dies has sent and not written down: at most half a second, and some grace. */
const UNKEPT = 16_000;
const MOST_WAITING = 256 * 1024;
const FRAME = MAX_PAYLOAD / 4;
/** The browser's own queue is looked at so often while something is to be sent. */
const DRAIN_EVERY = 100;

/**
 * @typedef {import("./reader.js").Listener & {
 *   saved: (position: number) => void,
 *   passed: () => void,
 *   lag: (seconds: number) => void,
 *   notice: (code: string, message: string) => void,
 * }} SenderListener `saved`: all before is safe; `passed`: others have
 *   spoken on, so that our sound has lost its place and is dropped now; `finished`: nothing more is taken
 */

export class Sender {
  #sent = 0;
  /** Up to where sound can have come from here; -1 before the server has said how much it has. */
  #reach = -1;
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
      parameters: () => this.#parameters(),
      listener: {
        connection: listener.connection,
        refused: listener.refused,
        message: (message) => this.#heard(message),
      },
    });
  }

  /** @returns {Record<string, string>} */
  #parameters() {
    const after = String(this.#after);
    return this.#reach < 0 ? { after } : { after, sent: String(this.#reach) };
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
      this.#reach = Math.max(this.#reach, this.#sent);
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
    if (this.socket.isReady) this.socket.send(paused ? PAUSE : RESUME); // else it is said once the server is
  }

  /** All sound is there: send it, however long that takes, and end the recording. */
  finish() {
    this.#finishing = true;
    this.push();
  }

  /** Come back after a refusal. */
  retry() {
    this.#paused = false;
    this.socket.retry();
  }

  /** @param {any} message */
  #heard(message) {
    switch (message.type) {
      case "ready":
        this.#onReady(message);
        break;
      case "ack":
        this.#acknowledge(message.received);
        this.push();
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
    if (this.#reach >= 0 && received > this.#reach) {
      this.#leave();
      return;
    }
    if (this.sound.held && received > this.sound.end + UNKEPT) this.listener.passed();
    this.#told = false;
    this.#sent = received;
    this.#reach = Math.max(this.#reach, received);
    this.sound.fillFrom(received);
    this.#acknowledge(received);
    this.listener.ready(captions);
    segments.forEach((/** @type {import("./reader.js").Segment} */ segment) => this.#final(segment));
    if (this.#language) this.socket.send(configure(this.#language));
    this.socket.send(this.#paused ? PAUSE : RESUME);
    this.push();
  }

  /** The server has what never came from here: somebody spoke on in another place, and keeps the recording. */
  #leave() {
    clearTimeout(this.#timer);
    this.socket.end();
    this.listener.refused("taken_over", "");
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
  #acknowledge(position) {
    this.sound.drop(position);
    this.#sent = Math.max(this.#sent, position);
    this.listener.saved(position);
  }

  /** @param {import("./reader.js").Segment} segment */
  #final(segment) {
    if (segment.index <= this.#after) return;
    this.#after = segment.index;
    this.listener.final(segment);
  }
}
