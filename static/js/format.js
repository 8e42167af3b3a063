/** Words for numbers: times, sizes, dates. */

/** "1:03" or "1:02:03" for a time in seconds. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** "1 hour 2 minutes 3 seconds", for a screen reader. @param {number} seconds */
export function spokenTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor(whole / 60) % 60, "minute"], [whole % 60, "second"]];
  const said = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}

/** "12.3 MB", in the way that the server writes sizes. @param {number} bytes */
export function fileSize(bytes) {
  const units = ["KB", "MB", "GB", "TB"];
  if (bytes < 1024) return `${bytes}\u00a0byte${bytes === 1 ? "" : "s"}`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${(bytes / 1024 ** power).toFixed(1)}\u00a0${units[power - 1]}`;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** The server writes UTC; the reader lives elsewhere. @param {ParentNode} root */
export function localiseTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const when = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(when.valueOf())) continue;
    const today = when.toDateString() === new Date().toDateString();
    element.textContent = today ? `Today, ${timeFormat.format(when)}` : dayFormat.format(when);
    element.setAttribute("title", when.toLocaleString());
    element.setAttribute("data-local", "");
  }
}
