/** Words for numbers: times, sizes, dates. */
import { format, gettext, locale, ngettext } from "./i18n.js";

/** "1:03" or "1:02:03" for a time in seconds. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** "1:02.50", to the hundredth, as the server writes it. @param {number} seconds */
export function exactClock(seconds) {
  const hundredths = Math.max(0, Math.round(seconds * 100));
  return `${clock(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, "0")}`;
}

/** Seconds of "1:02:03.5", "1:02.5" or "62.5", also with a comma; null for what is no time. @param {string} text */
export function readClock(text) {
  const found = text.trim().replace(",", ".").match(/^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d{0,6})?)$/);
  if (!found) return null;
  const [hours, minutes, seconds] = found.slice(1).map((part) => (part === undefined ? null : Number(part)));
  if ((minutes !== null && (seconds ?? 0) >= 60) || (hours !== null && (minutes ?? 0) >= 60)) return null;
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** "1 hour 2 minutes 3 seconds", for a screen reader. @param {number} seconds */
export function spokenTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const said = [
    hours && format(ngettext("%(count)s hour", "%(count)s hours", hours), { count: hours }),
    minutes && format(ngettext("%(count)s minute", "%(count)s minutes", minutes), { count: minutes }),
    rest && format(ngettext("%(count)s second", "%(count)s seconds", rest), { count: rest }),
  ];
  return said.filter(Boolean).join(" ") || gettext("0 seconds");
}

/** "12.3 MB", in the way that the server writes sizes. @param {number} bytes */
export function fileSize(bytes) {
  const units = ["KB", "MB", "GB", "TB"];
  if (bytes < 1024) return format(ngettext("%(count)s\u00a0byte", "%(count)s\u00a0bytes", bytes), { count: bytes });
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${sizeFormat.format(bytes / 1024 ** power)}\u00a0${units[power - 1]}`;
}

const timeFormat = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const sizeFormat = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false });

/** The server writes UTC; the reader lives elsewhere. @param {ParentNode} root */
export function localiseTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const when = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(when.valueOf())) continue;
    const today = when.toDateString() === new Date().toDateString();
    element.textContent = today ? format(gettext("Today, %(time)s"), { time: timeFormat.format(when) }) : dayFormat.format(when);
    element.setAttribute("title", when.toLocaleString(locale));
    element.setAttribute("data-local", "");
  }
}
