/** Runs in the browser's audio thread: mixes to mono, resamples to 16 kHz, and hands on a tenth of a second at a time. */
import { Resampler } from "./resampler.js";

const RATE = 16_000;
const BLOCK = 1_600;

class Microphone extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, RATE);
  #gathered = new Float32Array(Math.ceil(sampleRate / 20));
  #count = 0;
  #block = new Int16Array(BLOCK);
  #filled = 0;
  #recording = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data === "record") this.#recording = true;
      if (data === "flush") this.#flush();
    };
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const channels = inputs[0];
    const frames = channels[0]?.length ?? 0;
    for (let index = 0; index < frames; index += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[index];
      this.#gathered[this.#count] = sum / channels.length;
      this.#count += 1;
      if (this.#count === this.#gathered.length) this.#take();
    }
    return true;
  }

  /** What was gathered: its level always, its sound while it is recorded. */
  #take() {
    const sound = this.#gathered.slice(0, this.#count);
    this.#count = 0;
    let power = 0;
    for (const sample of sound) power += sample * sample;
    this.port.postMessage({ level: Math.sqrt(power / Math.max(1, sound.length)) });
    if (this.#recording) this.#write(this.#resampler.push(sound));
  }

  /** @param {Float32Array} sound */
  #write(sound) {
    for (const sample of sound) {
      const value = Math.max(-1, Math.min(1, sample));
      this.#block[this.#filled] = Math.round(value * 32_767);
      this.#filled += 1;
      if (this.#filled === BLOCK) this.#send();
    }
  }

  #send() {
    const samples = this.#block.slice(0, this.#filled);
    this.#filled = 0;
    this.port.postMessage({ samples }, [samples.buffer]);
  }

  /** To the last sample: a pause or the end must not cut off a word. */
  #flush() {
    if (this.#recording) {
      this.#write(this.#resampler.push(this.#gathered.slice(0, this.#count)));
      this.#write(this.#resampler.flush());
      if (this.#filled) this.#send();
      this.#resampler = new Resampler(sampleRate, RATE);
    }
    this.#count = 0;
    this.#recording = false;
    this.port.postMessage({ flushed: true });
  }
}

registerProcessor("scripta-microphone", Microphone);
