/** Keeps the screen on while something is followed, where the browser can. */

/** @type {WakeLockSentinel | null} */
let lock = null;
let wanted = false;

/** @param {boolean} on */
export function stayAwake(on) {
  wanted = on;
  if (on) ask();
  else letGo();
}

async function ask() {
  if (!wanted || document.visibilityState !== "visible" || !navigator.wakeLock || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    if (!wanted) letGo(); // meanwhile
  } catch {
    // A low battery refuses it; then the screen goes dark as it always does.
  }
}

function letGo() {
  lock?.release();
  lock = null;
}

// The browser lets go of it whenever the page is hidden.
document.addEventListener("visibilitychange", ask);
