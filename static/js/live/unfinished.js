/** Recordings that were begun and not ended: Resume, Save, Discard; and sound that only this browser has. */
import { clock } from "../format.js";
import { format, gettext } from "../i18n.js";
import { showToast } from "../toasts.js";
import { ApiError, discard } from "./api.js";
import { RATE } from "./capture.js";
import { download, wav } from "./wav.js";

const section = /** @type {HTMLElement} */ (document.querySelector("#unfinished"));

/**
 * @typedef {import("./recorder.js").Left} Left
 * @param {{kept: import("./unsaved.js").KeptSound, owner: string, resume: (left: Left) => void, save: (left: Left) => void}} options
 */
export async function showUnfinished({ kept, owner, resume, save }) {
  section.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const row = /** @type {HTMLElement | undefined} */ (button?.closest(".unfinished-row"));
    const left = { id: row?.dataset.id ?? "", title: row?.dataset.title ?? "" };
    if (!button || !row) return;
    if (button.matches("[data-resume]")) resume(left);
    if (button.matches("[data-save]")) save(left);
    if (button.matches("[data-discard], [data-discard-all]") && (await throwAway(left))) await forget(row, kept);
    if (button.matches("[data-forget]")) await forget(row, kept);
    if (button.matches("[data-download]")) {
      const sound = await kept.load(left.id);
      download(wav(sound.read(sound.first, Infinity), RATE), format(gettext("%(title)s (rest).wav"), { title: left.title || gettext("recording") }));
    }
  });
  section.addEventListener("toggle", ({ target }) => /** @type {HTMLElement} */ (target).lastElementChild?.scrollIntoView({ block: "nearest" }), true);
  for (const recording of await kept.recordings(owner)) await add(recording, kept);
}

/** @param {import("./unsaved.js").KeptRecording} recording @param {import("./unsaved.js").KeptSound} kept */
async function add({ id, title }, kept) {
  const sound = await kept.load(id);
  const seconds = sound.held / RATE;
  const row = section.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (row) {
    const here = /** @type {HTMLElement} */ (row.querySelector("[data-here]"));
    here.hidden = seconds < 1;
    here.textContent = ", " + format(gettext("%(time)s kept in this browser"), { time: clock(seconds) });
    // What is on the server can be brought back from the trash; what is only here cannot.
    /** @type {HTMLElement} */ (row.querySelector("[data-discard]")).hidden = seconds >= 1;
    /** @type {HTMLElement} */ (row.querySelector("[data-confirm]")).hidden = seconds < 1;
  } else if (seconds < 1) {
    await kept.forget(id);
  } else {
    const template = /** @type {HTMLTemplateElement} */ (section.querySelector("#left-template"));
    const left = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    Object.assign(left.dataset, { id, title });
    /** @type {HTMLElement} */ (left.querySelector(".unfinished-name")).textContent = `${title || gettext("Recording")} – ${clock(seconds)}`;
    section.querySelector("ul")?.append(left);
    section.hidden = false;
  }
}

/** @param {Left} left */
async function throwAway({ id, title }) {
  try {
    await discard(id);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showToast(error.message, { level: "error" });
    return false;
  }
  showToast(format(gettext("“%(title)s” is in the trash."), { title }), { href: "/trash/" });
  return true;
}

/** @param {HTMLElement} row @param {import("./unsaved.js").KeptSound} kept */
async function forget(row, kept) {
  await kept.forget(row.dataset.id ?? "");
  row.remove();
  section.hidden = !section.querySelector(".unfinished-row");
  /** @type {HTMLElement | null} */ (document.querySelector("#unfinished:not([hidden]) button:not([hidden]), #begin"))?.focus();
}
