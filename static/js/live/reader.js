/** Reads the captions of a recording from the server, and comes back by itself when the connection is lost. */

const FINAL_CODES = new Set([1000, 4400, 4401, 4403, 4404, 4409]);
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const PING_EVERY = 20_000;
/** Without an answer for so long, the connection is dead although nobody has said so. */
const PATIENCE = 12_000;

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
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {{code: string, message: string} | null} */ #error = null;
  #tries = 0;
  #over = false;
  #timer = 0;
  #pinging = 0;
  #answered = true;

  /** @param {{url: string, token: string, after: number, listener: Listener}} options `after`: index of the last segment held */
  constructor({ url, token, after, listener }) {
    this.url = url;
    this.token = token;
    this.after = after;
    this.listener = listener;
    addEventListener("online", () => this.#again());
    addEventListener("offline", () => this.#socket && this.#abandon());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#again();
    });
    this.#open();
  }

  #open() {
    const address = new URL(this.url, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("after", String(this.after));
    if (this.token) address.searchParams.set("token", this.token);
    if (!this.#tries) this.listener.connection("connecting");
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#error = null;
    this.#answered = true;
    this.#pinging = setInterval(() => this.#ping(), PING_EVERY);
    socket.addEventListener("message", (event) => this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      if (this.#socket === socket) this.#closed(event.code);
    });
  }

  /** Try at once, when there is reason to think that it will work now. */
  #again() {
    if (this.#over || this.#socket) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  #ping() {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    this.#answered = false;
    socket.send('{"type": "ping"}');
    setTimeout(() => {
      if (!this.#answered && this.#socket === socket) this.#abandon();
    }, PATIENCE);
  }

  /** Closing waits for an answer from the other side; what does not answer is left alone. */
  #abandon() {
    this.#socket?.close();
    this.#closed(1006);
  }

  /** @param {any} message */
  #heard(message) {
    this.#answered = true;
    if (message.type === "ready") {
      this.#tries = 0;
      this.listener.connection("live");
      this.listener.ready(message.captions);
      message.segments.forEach((/** @type {Segment} */ segment) => this.#final(segment));
    } else if (message.type === "final") {
      this.#final(message.segment);
    } else if (message.type === "partial") {
      this.listener.partial(message);
    } else if (message.type === "finished") {
      this.#over = true;
      this.listener.finished();
    } else if (message.type === "error") {
      this.#error = message;
    }
  }

  /** @param {Segment} segment */
  #final(segment) {
    if (segment.index <= this.after) return;
    this.after = segment.index;
    this.listener.final(segment);
  }

  /** @param {number} code */
  #closed(code) {
    clearInterval(this.#pinging);
    this.#socket = null;
    if (this.#over) return;
    if (FINAL_CODES.has(code)) {
      this.#over = true;
      this.listener.refused(this.#error?.code ?? "closed", this.#error?.message ?? "The server closed the connection.");
      return;
    }
    // Everybody in the hall lost the server at the same moment: they must not all come back at the same moment.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries) * (0.5 + Math.random() / 2);
    this.#tries += 1;
    this.listener.connection("waiting", Math.ceil(wait / 1000));
    this.#timer = setTimeout(() => this.#open(), wait);
  }
}
