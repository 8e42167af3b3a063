/** Before recording: which sound, whether it can be heard, and the choices. */
import { Capture, CaptureError, microphones } from "./capture.js";
import { showLevel, VoiceCheck } from "./level.js";

const DEVICE_KEPT = "scripta-microphone";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class Setup {
  /** @type {Capture | null} */ #preview = null;
  #form = /** @type {HTMLFormElement} */ (find("#setup-form"));
  #device = /** @type {HTMLSelectElement} */ (find("#device"));
  #voice = new VoiceCheck();

  /** @param {{worklet: string, record: () => void}} options */
  constructor({ worklet, record }) {
    this.worklet = worklet;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      record();
    });
    this.#form.addEventListener("change", (event) => this.#changed(/** @type {HTMLElement} */ (event.target)));
    find("#check").addEventListener("click", () => this.#try());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#list());
    this.#tryIfAllowed();
  }

  /** @returns {"microphone" | "tab"} */
  get source() {
    return new FormData(this.#form).get("source") === "tab" ? "tab" : "microphone";
  }

  get device() {
    return this.#device.value || localStorage.getItem(DEVICE_KEPT) || "";
  }

  /** As `POST /api/v1/live/` takes them. */
  get choices() {
    const form = new FormData(this.#form);
    const texts = Object.fromEntries(["language", "title", "vocabulary"].map((name) => [name, String(form.get(name) ?? "").trim()]));
    return { ...texts, keep_audio: form.has("keep_audio") };
  }

  /** Open what was chosen. Raises CaptureError. @param {import("./capture.js").CaptureListener} listener */
  async open(listener) {
    this.close();
    const { source, worklet } = this;
    try {
      return await Capture.open({ source, device: this.device, worklet, listener });
    } catch (error) {
      if (!(error instanceof CaptureError) || error.code !== "no_microphone" || !this.device) throw error;
      localStorage.removeItem(DEVICE_KEPT); // the one of last time is not plugged in today
      return Capture.open({ source, worklet, listener });
    }
  }

  close() {
    this.#preview?.close();
    this.#preview = null;
  }

  /** @param {string} words "" takes it away */
  fail(words) {
    const error = find("#setup-error");
    error.textContent = words;
    error.hidden = !words;
  }

  /** @param {HTMLElement} field */
  #changed(field) {
    const isTab = this.source === "tab";
    find("#microphone").hidden = isTab;
    find("#tab-words").hidden = !isTab;
    if (isTab) this.close();
    if (field === this.#device) {
      localStorage.setItem(DEVICE_KEPT, this.#device.value);
      if (this.#preview) this.#try();
    }
  }

  async #tryIfAllowed() {
    try {
      const allowed = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") });
      if (allowed.state === "granted" && this.source === "microphone") await this.#try();
    } catch {
      // Not every browser tells; then the button asks.
    }
  }

  async #try() {
    this.fail("");
    try {
      this.#preview = await this.open({
        level: (level) => this.#showLevel(level),
        samples: () => {},
        lost: () => this.#tell("The microphone was unplugged."),
        silenced: (silent) => silent && this.#tell("The microphone is muted by its switch or by the system."),
      });
      this.#voice = new VoiceCheck();
      this.#tell("Say something…");
      await this.#list();
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.fail(error.message);
    }
  }

  /** @param {number} level */
  #showLevel(level) {
    showLevel(find("#level"), level);
    const words = this.#voice.hear(level);
    if (words) this.#tell(words);
  }

  /** @param {string} words */
  #tell(words) {
    find("#level-words").textContent = words;
  }

  async #list() {
    await fillDevices(this.#device, this.#preview?.deviceId ?? this.device);
    find("#device-field").hidden = this.#device.options.length < 2;
  }
}

/** @param {HTMLSelectElement} select @param {string} chosen */
export async function fillDevices(select, chosen) {
  const options = (await microphones()).map(({ deviceId, label }, index) => new Option(label || `Microphone ${index + 1}`, deviceId));
  select.replaceChildren(...options);
  if (options.some(({ value }) => value === chosen)) select.value = chosen;
}
