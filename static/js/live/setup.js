/** Before recording: which sound, whether it can be heard, and the choices. */
import { format, gettext } from "../i18n.js";
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
  #words = find("#level-words");
  #check = find("#check");
  /** Counts what was asked for: a device may take long to open, and another be wanted by then. */
  #turn = 0;

  /** @param {{worklet: string, record: () => void}} options */
  constructor({ worklet, record }) {
    this.worklet = worklet;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      record();
    });
    this.#form.addEventListener("change", (event) => this.#changed(/** @type {HTMLInputElement} */ (event.target)));
    this.#check.addEventListener("click", () => {
      this.fail("");
      this.#try();
    });
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
    this.#stopPreview();
    const { source, worklet } = this;
    try {
      return await Capture.open({ source, device: this.device, worklet, listener });
    } catch (error) {
      if (!(error instanceof CaptureError) || error.code !== "no_microphone" || !this.device) throw error;
      localStorage.removeItem(DEVICE_KEPT); // the one of last time is not plugged in today
      return Capture.open({ source, worklet, listener });
    }
  }

  /** Nothing is recorded after all. */
  async goOn() {
    if (this.source === "microphone") await this.#tryIfAllowed();
  }

  /** The level of what was tried is of no meaning any more. */
  #stopPreview() {
    this.#turn += 1;
    this.#preview?.close();
    this.#preview = null;
    showLevel(find("#level"), 0);
    if (!this.#check.isConnected) this.#words.replaceChildren(this.#check);
  }

  /** @param {string} words "" takes it away */
  fail(words) {
    const error = find("#setup-error");
    error.textContent = words;
    error.hidden = !words;
  }

  /** @param {HTMLInputElement | HTMLSelectElement} field */
  #changed(field) {
    if (field.name === "source") {
      const isTab = this.source === "tab";
      find("#microphone").hidden = isTab;
      find("#tab-words").hidden = !isTab;
      this.fail("");
      if (isTab) this.#stopPreview();
      else this.#tryIfAllowed();
    }
    if (field === this.#device) {
      localStorage.setItem(DEVICE_KEPT, this.#device.value);
      this.fail("");
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
    const opening = this.open({
      level: (level) => this.#showLevel(level),
      samples: () => {},
      lost: () => this.#lost(),
      silenced: (silent) => silent && this.#tell(gettext("The microphone is muted by its switch or by the system.")),
    });
    const turn = this.#turn;
    try {
      const preview = await opening;
      if (turn !== this.#turn) {
        preview.close();
        return;
      }
      this.#preview = preview;
      this.#voice = new VoiceCheck();
      this.#tell(gettext("Say something…"));
      await this.#list();
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      if (turn === this.#turn) this.fail(error.message);
    }
  }

  #lost() {
    this.#stopPreview();
    this.#words.replaceChildren(gettext("The microphone was unplugged."), " ", this.#check);
  }

  /** @param {number} level */
  #showLevel(level) {
    showLevel(find("#level"), level);
    const words = this.#voice.hear(level);
    if (words) this.#tell(words);
  }

  /** @param {string} words */
  #tell(words) {
    this.#words.textContent = words;
  }

  async #list() {
    await fillDevices(this.#device, this.#preview?.deviceId ?? this.device);
    find("#device-field").hidden = this.#device.options.length < 2;
  }
}

/** @param {HTMLSelectElement} select @param {string} chosen */
export async function fillDevices(select, chosen) {
  const options = (await microphones()).map(({ deviceId, label }, index) => new Option(label || format(gettext("Microphone %(number)s"), { number: index + 1 }), deviceId));
  select.replaceChildren(...options);
  if (options.some(({ value }) => value === chosen)) select.value = chosen;
}
