/** The outline of the sound, drawn from peaks that the server made: nothing is decoded in the browser. */
import WaveSurfer from "../vendor/wavesurfer/wavesurfer.esm.js";

const FLAT = Array(600).fill(0);

/** A custom property may say light-dark(); a canvas needs the colour itself. @param {string} name */
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const colours = () => ({ waveColor: colour("--line-strong"), progressColor: colour("--accent"), cursorColor: colour("--accent") });

export class Waveform {
  /** @type {any} */
  #surfer = null;

  /**
   * @param {HTMLElement} container
   * @param {HTMLMediaElement} media
   * @param {{url: string, nonce: string}} options
   */
  constructor(container, media, { url, nonce }) {
    this.container = container;
    this.media = media;
    this.url = url;
    this.nonce = nonce;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#surfer?.setOptions(colours()));
  }

  /** Fetch the peaks and draw; a flat line while there are none. @param {number} duration seconds, 0 if not known */
  async draw(duration) {
    if (!duration) return;
    const found = await this.#fetch();
    const all = found ? duration / Math.max(found.seconds, 0.001) : 1;
    const peaks = found ? [...found.peaks, ...Array(Math.round(found.peaks.length * Math.max(0, all - 1))).fill(0)] : FLAT;
    this.#surfer?.destroy(); // other peaks, given as an option, are not drawn
    this.#create(peaks, duration);
  }

  async #fetch() {
    try {
      const response = await fetch(this.url);
      return response.status === 200 ? await response.json() : null;
    } catch {
      return null;
    }
  }

  /** @param {number[]} peaks @param {number} duration */
  #create(peaks, duration) {
    this.#surfer = WaveSurfer.create({
      container: this.container,
      media: this.media,
      peaks: [peaks],
      duration,
      ...colours(),
      height: "auto",
      barWidth: 2,
      barGap: 1.5,
      barRadius: 2,
      barMinHeight: 2,
      cursorWidth: 2,
      dragToSeek: true,
      hideScrollbar: true,
      cspNonce: this.nonce,
    });
  }
}
