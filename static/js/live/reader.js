/** Reads the captions of a recording from the server. */
import { SteadySocket } from "./socket.js";

/**
 * @typedef {{index: number, start: number, text: string, language: string}} Segment
 * @typedef {{index: number, start: number, stable: string, unstable: string}} Partial
 * @typedef {object} Listener
 * @property {(state: "connecting" | "live" | "waiting", seconds?: number) => void} connection `seconds` until the next try
 * @property {(captions: "live" | "later") => void} ready
 * @property {(segment: Segment) => void} final
 * @property {(partial: Partial) => void} partial
 * @property {() => void} finished
 * @property {(code: string, message: string) => void} refused for good: it will not be tried again
 */

export class CaptionReader {
  /** @param {{path: string, token: string, visit?: string, after: number, listener: Listener}} options `after`: index of the last segment held */
  constructor({ path, token, visit = "", after, listener }) {
    this.after = after;
    this.listener = listener;
    const key = token ? { token, visit } : {};
    this.socket = new SteadySocket({
      path,
      parameters: () => /** @type {Record<string, string>} */ ({ after: String(this.after), ...key }),
      listener: {
        connection: listener.connection,
        refused: listener.refused,
        message: (message) => this.#heard(message),
      },
    });
  }

  /** @param {any} message */
  #heard(message) {
    if (message.type === "ready") {
      this.listener.ready(message.captions);
      message.segments.forEach((/** @type {Segment} */ segment) => this.#final(segment));
    } else if (message.type === "final") {
      this.#final(message.segment);
    } else if (message.type === "partial") {
      this.listener.partial(message);
    } else if (message.type === "finished") {
      this.listener.finished();
    }
  }

  /** @param {Segment} segment */
  #final(segment) {
    if (segment.index <= this.after) return;
    this.after = segment.index;
    this.listener.final(segment);
  }
}
