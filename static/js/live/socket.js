/** A WebSocket to the server that comes back by itself when it is lost. */
import { gettext } from "../i18n.js";
import { PING, SUBPROTOCOL } from "./frames.js";

/** After these a client does not come back: done, or refused for good. */
const FINAL_CODES = new Set([1000, 4400, 4401, 4403, 4404, 4409]);
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const PING_EVERY = 20_000;
/** Without an answer for so long, the connection is dead although nobody has said so. */
const PATIENCE = 12_000;

/**
 * @typedef {object} SocketListener
 * @property {(state: "connecting" | "live" | "waiting", seconds?: number) => void} connection `seconds` until the next try
 * @property {(message: any) => void} message
 * @property {(code: string, message: string) => void} refused for good: it will not be tried again
 */

export class SteadySocket {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {{code: string, message: string} | null} */ #error = null;
  #tries = 0;
  #over = false;
  #timer = 0;
  #pinging = 0;
  #answered = true;
  #ready = false;

  /** @param {{path: string, parameters: () => Record<string, string>, listener: SocketListener}} options `parameters` are asked for at each connection */
  constructor({ path, parameters, listener }) {
    this.path = path;
    this.parameters = parameters;
    this.listener = listener;
    addEventListener("online", () => this.#again());
    addEventListener("offline", () => this.#socket && this.#abandon());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#again();
    });
    this.#open();
  }

  /** The server has said `ready`. */
  get isReady() {
    return this.#ready;
  }

  /** Bytes that wait in the browser to be sent. */
  get waiting() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** @param {object | ArrayBuffer} message JSON, or bytes as they are */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message instanceof ArrayBuffer ? message : JSON.stringify(message));
  }

  /** Do not come back. */
  end() {
    const socket = this.#socket;
    this.#over = true;
    this.#ready = false;
    this.#socket = null;
    clearTimeout(this.#timer);
    clearInterval(this.#pinging);
    socket?.close();
  }

  /** Come back after a refusal, when there is reason to think that its cause is gone. */
  retry() {
    this.#over = false;
    this.#tries = 0;
    this.#again();
  }

  #open() {
    const address = new URL(this.path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(this.parameters())) address.searchParams.set(name, value);
    if (!this.#tries) this.listener.connection("connecting");
    const socket = new WebSocket(address, SUBPROTOCOL);
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
    this.send(PING);
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
      this.#ready = true;
      this.listener.connection("live");
    }
    if (message.type === "error") this.#error = message;
    if (message.type === "finished") this.#over = true;
    if (message.type !== "pong") this.listener.message(message);
  }

  /** @param {number} code */
  #closed(code) {
    clearInterval(this.#pinging);
    this.#socket = null;
    this.#ready = false;
    if (this.#over) return;
    if (FINAL_CODES.has(code)) {
      this.#over = true;
      this.listener.refused(this.#error?.code ?? "closed", this.#error?.message ?? gettext("The server closed the connection."));
      return;
    }
    // Everybody in the hall lost the server at the same moment: they must not all come back at the same moment.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries) * (0.5 + Math.random() / 2);
    this.#tries += 1;
    this.listener.connection("waiting", Math.ceil(wait / 1000));
    this.#timer = setTimeout(() => this.#open(), wait);
  }
}
