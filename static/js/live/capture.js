/** The sound of a microphone or of a browser tab, as blocks of 16-bit samples at 16 kHz. */
import { format, gettext } from "../i18n.js";

export const RATE = 16_000;
/** Milliseconds without a level, of which twenty come a second, after which nothing is heard any more. */
const STALLED = 2_000;

/**
 * @typedef {object} CaptureListener
 * @property {(level: number) => void} level root mean square of the last twentieth of a second, 0 to 1
 * @property {(samples: Int16Array) => void} samples only between `record()` and `stop()`
 * @property {() => void} lost the microphone was unplugged, or the tab is no longer shared
 * @property {(silent: boolean) => void} silenced the system has muted it, or lets it sound again; see also `trouble`
 * @typedef {{source: "microphone" | "tab", device?: string}} Wanted
 */

/** Why nothing can be recorded, in words that say what to do. */
export class CaptureError extends Error {
  /** @param {string} code @param {string} message @param {unknown} [cause] */
  constructor(code, message, cause) {
    super(message, { cause });
    this.code = code;
  }
}

export class Capture {
  #flushed = () => {};
  /** @type {Promise<void> | null} */ #pausing = null;
  #heardAt = performance.now();

  /** @param {Wanted["source"]} source @param {MediaStream} stream @param {AudioContext} context @param {AudioWorkletNode} node @param {CaptureListener} listener */
  constructor(source, stream, context, node, listener) {
    this.source = source;
    this.stream = stream;
    this.context = context;
    this.node = node;
    [this.track] = stream.getAudioTracks();
    node.port.onmessage = ({ data }) => {
      this.#heardAt = performance.now();
      if (data.samples) listener.samples(data.samples);
      else if (data.flushed) this.#flushed();
      else listener.level(data.level);
    };
    this.track.addEventListener("ended", () => listener.lost());
    this.track.addEventListener("mute", () => listener.silenced(true));
    this.track.addEventListener("unmute", () => listener.silenced(false));
    // A telephone call or a sleeping laptop suspends it; it goes on as soon as the system allows.
    context.addEventListener("statechange", () => context.state !== "closed" && context.resume().catch(() => {}));
  }

  /**
   * Ask for the sound. Raises CaptureError.
   * @param {Wanted & {worklet: string, listener: CaptureListener}} options
   */
  static async open({ source, device = "", worklet, listener }) {
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) {
      throw new CaptureError("insecure", gettext("Browsers let pages hear only over HTTPS, or on the machine itself. Ask whoever runs this server for its HTTPS address."));
    }
    const stream = source === "tab" ? await askForTab() : await askForMicrophone(device);
    /** @type {AudioContext | null} */ let context = null;
    try {
      context = new AudioContext({ latencyHint: "interactive" });
      await context.audioWorklet.addModule(worklet);
      const node = new AudioWorkletNode(context, "scripta-microphone");
      context.createMediaStreamSource(stream).connect(node);
      node.connect(context.destination); // it writes silence; what leads nowhere is not run everywhere
      context.resume().catch(() => {});
      return new Capture(source, stream, context, node, listener);
    } catch (error) {
      // For example, the worklet could not be fetched. Nobody must believe that they are heard.
      for (const track of stream.getTracks()) track.stop();
      context?.close().catch(() => {});
      throw new CaptureError("no_audio", gettext("The browser could not prepare the sound. Look at your connection, then try again."), error);
    }
  }

  get deviceId() {
    return this.track.getSettings().deviceId ?? "";
  }

  /** It will not be heard again: unplugged, or no longer shared. */
  get isOver() {
    return this.track.readyState === "ended";
  }

  /** Why nothing is heard just now; "" when all is well. @returns {"" | "muted" | "suspended" | "stalled"} */
  get trouble() {
    if (this.track.muted) return "muted";
    if (performance.now() - this.#heardAt < STALLED) return "";
    return this.context.state === "running" ? "stalled" : "suspended";
  }

  record() {
    this.#pausing = null;
    this.context.resume().catch(() => {}); // some systems want a press of a button for it
    this.node.port.postMessage("record");
  }

  /** No more samples after this has ended; the last ones come before. */
  pause() {
    this.#pausing ??= this.#flush();
    return this.#pausing;
  }

  async #flush() {
    const flushed = new Promise((resolve) => (this.#flushed = () => resolve(undefined)));
    this.node.port.postMessage("flush");
    // A context that the system has suspended does not answer.
    await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, 500))]);
  }

  close() {
    this.node.port.onmessage = null;
    for (const track of this.stream.getTracks()) track.stop();
    this.context.close().catch(() => {});
  }
}

/** Names are known only after the microphone was allowed once. */
export async function microphones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId);
}

/** @param {string} device */
async function askForMicrophone(device) {
  // What browsers do to voices for calls costs words: with their automatic gain, soft words between loud ones got lost.
  const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const audio = device ? { ...wanted, deviceId: { exact: device } } : wanted;
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw explain(/** @type {DOMException} */ (error));
  }
}

async function askForTab() {
  if (!navigator.mediaDevices.getDisplayMedia) {
    throw new CaptureError("no_tab", gettext("This browser cannot hand over the sound of a tab. Chrome and Edge on a computer can."));
  }
  let stream;
  try {
    const audio = { suppressLocalAudioPlayback: false, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    stream = await navigator.mediaDevices.getDisplayMedia(/** @type {any} */ ({ video: true, audio, systemAudio: "include", selfBrowserSurface: "exclude" }));
  } catch (error) {
    if (/** @type {DOMException} */ (error).name === "NotAllowedError") {
      throw new CaptureError("not_shared", gettext("No tab was chosen. Press Record again and choose the tab that you want to hear."));
    }
    throw explain(/** @type {DOMException} */ (error));
  }
  if (!stream.getAudioTracks().length) {
    for (const track of stream.getTracks()) track.stop();
    throw new CaptureError("no_sound", gettext("The tab was shared without its sound. Press Record again and switch on “Also share tab audio”."));
  }
  return stream;
}

/** @param {DOMException} error */
function explain(error) {
  const words = {
    NotAllowedError: "denied",
    SecurityError: "denied",
    NotFoundError: gettext("No microphone was found. Plug one in, then try again."),
    OverconstrainedError: gettext("The chosen microphone is no longer there. Choose another."),
    NotReadableError: gettext("The microphone is used by another program. Close that program, then try again."),
  };
  const found = /** @type {Record<string, string>} */ (words)[error.name] ?? format(gettext("The microphone could not be opened (%(name)s)."), { name: error.name });
  return found === "denied" ? new CaptureError("denied", denied()) : new CaptureError("no_microphone", found);
}

function denied() {
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent)) return gettext("The microphone is not allowed. Press “AA” in the address bar, then Website Settings, Microphone, Allow.");
  if (/Firefox/.test(agent)) return gettext("The microphone is not allowed. Press the crossed-out microphone beside the address, remove the block, and try again.");
  if (/Safari/.test(agent) && !/Chrom/.test(agent)) return gettext("The microphone is not allowed. In the menu Safari, Settings for This Website, set Microphone to Allow.");
  return gettext("The microphone is not allowed. Press the symbol at the left of the address, switch Microphone on, and try again.");
}
