/**
 * What somebody at the screen would notice of a recording's page, noted inside the page. It is put there before the
 * page's own scripts, as `window.probe`. Times are in milliseconds since the address was opened.
 */
(() => {
  const LONG = 100;
  performance.setResourceTimingBufferSize(5_000); // 250 otherwise
  /** @type {{frames: number[], keys: number[], causes: string[], spoken: number} | null} */
  let noting = null;
  let largestPaint = 0;
  let pressed = 0;
  /** @type {number[]} */
  const saves = [];

  // Frames: from one callback to the next, as a person sees them -------------------------------------------------------

  let before = performance.now();
  /** @type {Node | undefined} */
  let spoken;
  const frame = () => {
    const now = performance.now();
    noting?.frames.push(now - before);
    before = now;
    const word = CSS.highlights.get("spoken")?.values().next().value?.startContainer;
    if (word && word !== spoken && noting) noting.spoken += 1;
    spoken = word;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.duration > LONG) noting?.causes.push(cause(entry));
  }).observe({ type: "long-animation-frame" });

  /** @param {any} entry */
  function cause(entry) {
    const end = entry.startTime + entry.duration;
    const drawing = entry.styleAndLayoutStart ? end - entry.styleAndLayoutStart : 0;
    const scripts = entry.scripts.map((/** @type {any} */ script) => {
      const file = script.sourceURL.split("/").at(-1).replace(/\.[0-9a-f]{12}\./, ".");
      return `${file} ${script.sourceFunctionName || script.invoker} ${script.duration.toFixed(0)} (layout ${script.forcedStyleAndLayoutDuration.toFixed(0)})`;
    });
    return `${entry.duration.toFixed(0)} ms: ${[...scripts, `style, layout and paint ${drawing.toFixed(0)}`].join(", ")}`;
  }

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name.startsWith("key") || entry.name === "input") noting?.keys.push(entry.duration);
  }).observe(/** @type {any} */ ({ type: "event", durationThreshold: 16 }));

  new PerformanceObserver((list) => (largestPaint = list.getEntries().at(-1)?.startTime ?? largestPaint)).observe({ type: "largest-contentful-paint", buffered: true });

  // Saving: from Enter to the page's own word that the server has it ---------------------------------------------------

  const state = () => document.querySelector("#save-status")?.getAttribute("data-state");
  addEventListener("keydown", (event) => {
    if (event.isTrusted && event.code === "Enter" && /** @type {Element} */ (event.target).matches(".seg-field") && state() !== "saved") pressed = event.timeStamp;
  }, { capture: true });
  new MutationObserver(() => {
    if (!pressed || state() !== "saved") return;
    saves.push(performance.now() - pressed);
    pressed = 0;
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });

  /** Milliseconds that requests took whose address ends so, from the first byte sent to the last received. @param {string} ending */
  const requests = (ending) =>
    /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"))
      .filter((entry) => new URL(entry.name).pathname.endsWith(ending))
      .map((entry) => entry.responseEnd - entry.requestStart);

  // What the measurement asks -----------------------------------------------------------------------------------------

  window.probe = {
    /** Double-click until a passage opens, and close it; when that was. */
    async editable() {
      const field = () => document.querySelector(".seg-field");
      while (!field()) {
        document.querySelector(".seg-text")?.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
        if (!field()) await nextFrame();
      }
      const now = performance.now();
      field()?.dispatchEvent(new KeyboardEvent("keydown", { code: "Escape", bubbles: true }));
      return now;
    },
    async opened() {
      const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
      const editable = await edited;
      return { first: navigation.responseStart, paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, largest: largestPaint, editable };
    },
    start: () => (noting = { frames: [], keys: [], causes: [], spoken: 0 }),
    async stop() {
      for (const _ of [1, 2, 3]) await nextFrame(); // the last frame, and what observers say of it
      const noted = noting;
      noting = null;
      return noted;
    },
    /** Milliseconds until the last passage of all is in view. */
    async end() {
      const began = performance.now();
      const isThere = () => {
        const last = document.querySelector("#transcript > :last-child > .seg:last-child")?.getBoundingClientRect();
        return last && last.top < innerHeight && last.bottom > 0;
      };
      while (!isThere()) await nextFrame();
      return performance.now() - began;
    },
    saves: () => ({ seen: saves, sent: requests("/edits/"), fetched: requests("/changes/") }),
  };
  const edited = new Promise((done) => addEventListener("DOMContentLoaded", () => window.probe.editable().then(done)));
})();
