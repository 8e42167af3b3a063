/**
 * One file on its way to the server, by tus: in pieces, so that it can pause, survive a lost connection, and go on
 * after the tab was closed. The server is asked which files are unfinished; nothing is remembered in the browser.
 */
import { fileSize } from "./format.js";
import { format, gettext } from "./i18n.js";
import { csrfToken } from "./server.js";

const RETRY_DELAYS = [0, 1_000, 3_000, 5_000];
const NEXT_TRY_AFTER = 8_000;
const WORTH_RETRYING = new Set([0, 408, 409, 423, 429, 500, 502, 503, 504]);

/** @typedef {"waiting" | "sending" | "paused" | "offline" | "done" | "refused" | "gone"} UploadState */
/** @typedef {{endpoint: string, chunkSize: number, maxSize: number, maxSizeWords: string}} UploadConfig */

/** The server's name for "this very file of this person". @param {File} file */
export function fingerprintOf(file) {
  const name = file.name.replace(/[^\p{L}\p{N}._-]/gu, "_");
  return `${file.size}-${file.lastModified}-${name}`.slice(0, 200);
}

/**
 * The address of an unfinished upload of the same file, or null.
 * @param {string} endpoint
 * @param {string} fingerprint
 */
async function unfinishedUrl(endpoint, fingerprint) {
  const response = await fetch(`${endpoint}?fingerprint=${encodeURIComponent(fingerprint)}`);
  if (!response.ok) return null;
  const [newest] = await response.json();
  return newest?.url ?? null;
}

export class FileUpload {
  /** @type {UploadState} */
  state = "waiting";
  sent = 0;
  message = "";
  /** The server's id, once there is one. */
  id = "";

  /**
   * @param {File} file
   * @param {UploadConfig} config
   * @param {Record<string, string>} choices for the transcription
   * @param {(upload: FileUpload) => void} changed
   */
  constructor(file, config, choices, changed) {
    this.file = file;
    this.config = config;
    this.fingerprint = fingerprintOf(file);
    this.changed = changed;
    this.tus = new (/** @type {any} */ (window).tus.Upload)(file, {
      endpoint: config.endpoint,
      chunkSize: config.chunkSize,
      metadata: { filename: file.name, fingerprint: this.fingerprint, ...choices },
      storeFingerprintForResuming: false,
      retryDelays: RETRY_DELAYS,
      onBeforeRequest: (/** @type {any} */ request) => request.setHeader("X-CSRFToken", csrfToken()),
      onShouldRetry: (/** @type {any} */ error) => this.state === "sending" && WORTH_RETRYING.has(statusOf(error)),
      onUploadUrlAvailable: () => this.#located(),
      onProgress: (/** @type {number} */ sent) => this.#progressed(sent),
      onSuccess: () => this.#become("done"),
      onError: (/** @type {any} */ error) => this.#failed(error),
    });
    window.addEventListener("online", () => this.#tryAgain());
  }

  get isActive() {
    return ["waiting", "sending", "offline"].includes(this.state);
  }

  async start() {
    if (this.file.size > this.config.maxSize) {
      this.#become("refused", format(gettext("This file has %(size)s; this server takes up to %(most)s."), { size: fileSize(this.file.size), most: this.config.maxSizeWords }));
      return;
    }
    this.#become("sending");
    try {
      this.tus.url ??= await unfinishedUrl(this.config.endpoint, this.fingerprint);
    } catch {
      this.#wait();
      return;
    }
    if (this.state === "sending") this.tus.start();
  }

  pause() {
    this.#become("paused");
    this.tus.abort();
  }

  resume() {
    return this.start();
  }

  /** Stop sending; what the server holds is the caller's to delete. */
  abandon() {
    this.#become("gone");
    this.tus.abort();
  }

  #located() {
    // Without an endpoint an upload that was cancelled elsewhere ends here, instead of beginning anew.
    this.tus.options.endpoint = null;
    this.id = this.tus.url.split("/").filter(Boolean).pop();
    this.changed(this);
  }

  /** @param {number} sent */
  #progressed(sent) {
    this.sent = sent;
    if (this.state === "offline") this.state = "sending";
    this.changed(this);
  }

  /** @param {any} error tus's DetailedError */
  #failed(error) {
    if (this.state !== "sending") return;
    const status = statusOf(error);
    if (WORTH_RETRYING.has(status)) this.#wait();
    else if (this.id && (status === 404 || status === 410)) this.#become("gone");
    else if (status === 401 || status === 403) this.#become("paused", gettext("You are signed out. Sign in in another tab, then press Resume."));
    else this.#become(this.id ? "paused" : "refused", messageOf(error));
  }

  #wait() {
    this.#become("offline", gettext("Connection lost. Goes on by itself."));
    setTimeout(() => this.#tryAgain(), NEXT_TRY_AFTER);
  }

  #tryAgain() {
    if (this.state === "offline") this.start();
  }

  /**
   * @param {UploadState} state
   * @param {string} [message]
   */
  #become(state, message = "") {
    this.state = state;
    this.message = message;
    this.changed(this);
  }
}

/** 0 when there was no answer at all. @param {any} error */
function statusOf(error) {
  return error.originalResponse?.getStatus() ?? 0;
}

/** The server's own words: its problem document carries them. @param {any} error */
function messageOf(error) {
  try {
    const problem = JSON.parse(error.originalResponse.getBody());
    return problem.detail ?? problem.message;
  } catch {
    return gettext("The server did not accept this file.");
  }
}
