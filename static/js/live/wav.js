/** Samples of 16 bits as a WAV file. @param {Int16Array} samples @param {number} rate */
export function wav(samples, rate) {
  const head = new DataView(new ArrayBuffer(44));
  const bytes = 2 * samples.length;
  const text = (/** @type {number} */ at, /** @type {string} */ word) => [...word].forEach((letter, index) => head.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); // PCM
  head.setUint16(22, 1, true); // mono
  head.setUint32(24, rate, true);
  head.setUint32(28, 2 * rate, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  text(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, /** @type {any} */ (samples)], { type: "audio/wav" });
}

/** Hand it to the person as a download. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
