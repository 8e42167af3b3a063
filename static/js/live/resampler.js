/**
 * Sound at another sample rate, without the frequencies that it could not hold: a windowed sinc in polyphase form.
 * See Julius O. Smith, "Digital Audio Resampling", and Kaiser's window. Mono, any ratio of whole rates.
 */

/** Zero crossings of the sinc on either side: the transition band is then about a seventh of the lower Nyquist frequency. */
const CROSSINGS = 32;
/** Of the lower Nyquist frequency: the middle of the transition band. */
const CUTOFF = 0.92;
/** Kaiser's beta: some 80 dB below. */
const BETA = 8;

export class Resampler {
  /** Sample of the input that comes first in `#held`, and where the next output lies, in whole samples and phases. */
  #first;
  #whole = 0;
  #phase = 0;
  #held;

  /** @param {number} from @param {number} to rates in samples a second */
  constructor(from, to) {
    const divisor = greatestDivisor(from, to);
    this.step = from / divisor;
    this.phases = to / divisor;
    const cutoff = Math.min(1, to / from) * CUTOFF;
    this.half = Math.ceil(CROSSINGS / cutoff);
    this.taps = filterBank(this.phases, this.half, cutoff);
    this.#first = 1 - this.half;
    this.#held = new Float32Array(this.half - 1);
  }

  /** The output that new input makes possible; half a filter behind it. @param {Float32Array} input */
  push(input) {
    if (this.step === this.phases) return input;
    const sound = new Float32Array(this.#held.length + input.length);
    sound.set(this.#held);
    sound.set(input, this.#held.length);
    const ready = sound.length + this.#first - this.half - this.#whole;
    const output = new Float32Array(Math.max(0, Math.ceil((ready * this.phases - this.#phase) / this.step)));
    for (let index = 0; index < output.length; index += 1) {
      output[index] = this.#at(sound);
      this.#phase += this.step;
      this.#whole += Math.floor(this.#phase / this.phases);
      this.#phase %= this.phases;
    }
    const needed = Math.min(sound.length, Math.max(0, this.#whole - this.half + 1 - this.#first));
    this.#held = sound.slice(needed);
    this.#first += needed;
    return output;
  }

  /** What is still owed when no more input comes. */
  flush() {
    return this.push(new Float32Array(this.step === this.phases ? 0 : this.half));
  }

  /** @param {Float32Array} sound */
  #at(sound) {
    const begin = this.#whole - this.half + 1 - this.#first;
    const length = 2 * this.half;
    const row = this.#phase * length;
    let sum = 0;
    for (let tap = 0; tap < length; tap += 1) sum += sound[begin + tap] * this.taps[row + tap];
    return sum;
  }
}

/** One row of taps for each phase between two samples; each sums to one. @param {number} phases @param {number} half @param {number} cutoff */
function filterBank(phases, half, cutoff) {
  const length = 2 * half;
  const taps = new Float32Array(phases * length);
  for (let phase = 0; phase < phases; phase += 1) {
    const row = taps.subarray(phase * length, (phase + 1) * length);
    for (let tap = 0; tap < length; tap += 1) {
      const distance = tap - half + 1 - phase / phases;
      row[tap] = sinc(cutoff * distance) * kaiser(distance / half);
    }
    const sum = row.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < length; tap += 1) row[tap] /= sum;
  }
  return taps;
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x from -1 to 1; nothing beyond */
function kaiser(x) {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** The modified Bessel function of the first kind and order zero, by its series. @param {number} x */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** @param {number} a @param {number} b @returns {number} */
function greatestDivisor(a, b) {
  return b ? greatestDivisor(b, a % b) : a;
}
