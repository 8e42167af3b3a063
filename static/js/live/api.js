/** Beginning and ending live recordings. */
import { format, gettext } from "../i18n.js";

export class ApiError extends Error {
  /** @param {string} code @param {string} message for people */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

/** @param {object} choices @returns {Promise<{id: string}>} */
export const create = (choices) => call("POST", "/api/v1/live/", choices);
/** To the trash. @param {string} id */
export const discard = (id) => call("DELETE", `/api/v1/live/${id}/`);
/** With what has arrived. @param {string} id */
export const finishFromHere = (id) => call("POST", `/api/v1/live/${id}/finish/`);

/** Raises ApiError. @param {string} method @param {string} path @param {object} [body] */
async function call(method, path, body) {
  let response;
  try {
    const headers = { "X-CSRFToken": cookie(), "Content-Type": "application/json", Accept: "application/json" };
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError("offline", gettext("The server cannot be reached. Look at your connection, then try again."));
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 || (response.status === 403 && !answer.detail)) throw new ApiError("not_signed_in", gettext("Please sign in again."));
  throw new ApiError(answer.code ?? "error", answer.detail ?? format(gettext("The server could not do that (%(status)s)."), { status: response.status }));
}
