/** The player. The media element is the only thing that knows the time; every control asks or tells it. */
import { clock, spokenTime } from "./format.js";
import { format, gettext } from "./i18n.js";
import { Waveform } from "./waveform.js";

const SKIP = 5;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const SPEED_KEPT = "scripta-speed";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export class Player {
  /** @param {HTMLMediaElement} media @param {(time: number) => void} moved called when the time changes, often while playing */
  constructor(media, moved) {
    this.media = media;
    this.moved = moved;
    /** Seconds. */
    this.stopAt = Infinity;
    const bar = find("#player");
    this.waveform = new Waveform(find("#waveform"), media, { url: bar.dataset.waveformUrl ?? "", nonce: bar.dataset.nonce ?? "" });
    this.knownDuration = Number(bar.dataset.duration) || 0;
    this.speedBox = /** @type {HTMLSelectElement} */ (find("#speed"));
    this.slider = find("#waveform");
    if (media.tagName === "AUDIO") media.controls = false;
    this.#listen();
    this.setSpeed(Number(localStorage.getItem(SPEED_KEPT)) || 1);
    this.waveform.draw(this.duration);
  }

  /** The server's figure first: some files carry none, or a wrong one. */
  get duration() {
    return this.knownDuration || (Number.isFinite(this.media.duration) ? this.media.duration : 0);
  }

  #listen() {
    const { media } = this;
    find("#play").addEventListener("click", () => this.toggle());
    find("#back").addEventListener("click", () => this.skip(-SKIP));
    find("#forward").addEventListener("click", () => this.skip(SKIP));
    this.speedBox.addEventListener("change", () => this.setSpeed(Number(this.speedBox.value)));
    this.slider.addEventListener("keydown", (event) => this.#slide(event));
    for (const name of ["play", "pause", "ended"]) media.addEventListener(name, () => this.#showPlaying());
    for (const name of ["timeupdate", "seeking", "seeked"]) media.addEventListener(name, () => this.#tick());
    media.addEventListener("loadedmetadata", () => {
      if (!this.knownDuration) this.waveform.draw(this.duration);
      this.#tick();
    });
    media.addEventListener("error", () => this.#cannotPlay());
    if (media.error) this.#cannotPlay();
    this.#tick();
  }

  toggle() {
    if (this.media.paused) this.play();
    else this.media.pause();
  }

  play() {
    this.media.play().catch((/** @type {DOMException} */ error) => {
      if (error.name === "NotSupportedError") this.#cannotPlay();
    });
  }

  /** Play from one time to another. @param {number} start @param {number} end seconds */
  playStretch(start, end) {
    this.seek(start);
    this.stopAt = end;
    this.play();
  }

  /** @param {number} time seconds */
  seek(time) {
    this.stopAt = Infinity;
    this.media.currentTime = Math.max(0, this.duration ? Math.min(time, this.duration) : time);
    this.#tick();
  }

  /** @param {number} seconds */
  skip(seconds) {
    this.seek(this.media.currentTime + seconds);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    const known = SPEEDS.includes(speed) ? speed : 1;
    this.media.playbackRate = this.media.defaultPlaybackRate = known;
    this.speedBox.value = String(known);
    localStorage.setItem(SPEED_KEPT, String(known));
  }

  /** @param {1 | -1} step */
  changeSpeed(step) {
    const index = SPEEDS.indexOf(Number(this.speedBox.value)) + step;
    if (SPEEDS[index]) this.setSpeed(SPEEDS[index]);
  }

  /** A running job may have read more of the sound. @param {number} [duration] seconds, if the server knows better now */
  redraw(duration) {
    if (duration) this.knownDuration = duration;
    this.#tick();
    return this.waveform.draw(this.duration);
  }

  #showPlaying() {
    const playing = !this.media.paused && !this.media.ended;
    if (!playing) this.stopAt = Infinity;
    find("#play").toggleAttribute("data-playing", playing);
    find("#play").setAttribute("aria-label", playing ? gettext("Pause") : gettext("Play"));
    if (playing) requestAnimationFrame(() => this.#frame());
    this.#tick();
  }

  /** timeupdate comes four times a second: too seldom to follow words. */
  #frame() {
    if (this.media.paused) return;
    if (this.media.currentTime >= this.stopAt) {
      this.media.pause();
      this.media.currentTime = this.stopAt; // a frame may be late
    }
    this.moved(this.media.currentTime);
    requestAnimationFrame(() => this.#frame());
  }

  #tick() {
    const time = this.media.currentTime;
    find("#time-now").textContent = clock(time);
    if (this.duration) find("#time-all").textContent = clock(this.duration);
    this.slider.setAttribute("aria-valuemax", String(Math.round(this.duration)));
    this.slider.setAttribute("aria-valuenow", String(Math.round(time)));
    this.slider.setAttribute("aria-valuetext", format(gettext("%(time)s of %(duration)s"), { time: spokenTime(time), duration: spokenTime(this.duration) }));
    this.moved(time);
  }

  /** @param {KeyboardEvent} event */
  #slide(event) {
    const seconds = { ArrowLeft: -SKIP, ArrowRight: SKIP, ArrowDown: -SKIP, ArrowUp: SKIP, PageDown: -60, PageUp: 60 }[event.code];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (seconds) this.skip(seconds);
    else if (event.code === "Home") this.seek(0);
    else if (event.code === "End") this.seek(this.duration);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #cannotPlay() {
    const problem = find("#player-problem");
    problem.hidden = false;
    problem.textContent = gettext("This browser cannot play this kind of file. The transcript is not affected; download the recording to listen to it.");
  }
}
