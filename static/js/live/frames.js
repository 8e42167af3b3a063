/** Messages of the live protocol `scripta.live.v1` as a speaker sends them; see docs/contracts/live.md. */

export const SUBPROTOCOL = "scripta.live.v1";
/** Bytes of sound in a frame. */
export const MAX_PAYLOAD = 64 * 1024;

/** Eight bytes of position, then the samples, both little-endian. @param {number} position @param {Int16Array} samples */
export function frame(position, samples) {
  const message = new DataView(new ArrayBuffer(8 + 2 * samples.length));
  message.setBigUint64(0, BigInt(position), true);
  samples.forEach((sample, index) => message.setInt16(8 + 2 * index, sample, true));
  return message.buffer;
}

export const configure = (/** @type {string} */ language) => ({ type: "configure", language });
export const finish = (/** @type {number} */ received) => ({ type: "finish", received });
export const PAUSE = { type: "pause" };
export const RESUME = { type: "resume" };
export const PING = { type: "ping" };
