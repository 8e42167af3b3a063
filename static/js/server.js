/** Asking the API as the person who is signed in. */
import { format, gettext } from "./i18n.js";

const PATIENCE = 60_000;
/** A connection can die without a word; what waits on it would wait for ever. @returns {AbortSignal} */
export const patience = () => AbortSignal.timeout(PATIENCE);

export const OFFLINE = gettext("The server cannot be reached. Look at your connection, then try again.");
export const SIGNED_OUT = gettext("Please sign in again.");

export class ApiError extends Error {
  /** @param {string} code stable: the server's, or `offline`, `not_signed_in` @param {string} message for people @param {any} [details] what the server said besides */
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** Whether it may go by itself: what was asked for may even have been done. */
  get isPassing() {
    return ["offline", "not_signed_in"].includes(this.code) || this.details.status >= 500 || this.details.status === 429;
  }
}

/** An address that may have a query already, with more of it. @param {string} address @param {Record<string, string> | string} query */
export function withQuery(address, query) {
  return `${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams(query)}`;
}

/** What a request of this page carries, so that no other page can send it. */
export const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

/**
 * The answer's JSON. Raises ApiError; its details are the problem that the server tells, and the `status`.
 * @param {string} method @param {string} path @param {object} [body] @param {Record<string, string>} [more] headers
 */
export async function call(method, path, body, more = {}) {
  let response;
  try {
    const headers = { "X-CSRFToken": csrfToken(), "Content-Type": "application/json", Accept: "application/json", ...more };
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal: patience() });
  } catch {
    throw new ApiError("offline", OFFLINE);
  }
  const answer = await response.json().catch(() => null);
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (!answer && isJson) throw new ApiError("offline", OFFLINE); // cut off in the middle of the answer
  if (response.ok) return answer ?? {};
  if (response.status === 401 || (response.status === 403 && !answer?.detail)) throw new ApiError("not_signed_in", SIGNED_OUT);
  throw new ApiError(answer?.code ?? "error", words(answer) ?? format(gettext("The server could not do that (%(status)s)."), { status: response.status }), { ...answer, status: response.status });
}

/** Of problem details: what is wrong with a value says more than that one is wrong. @param {any} answer */
function words(answer) {
  const errors = answer?.errors && Object.values(answer.errors).flat();
  return errors?.length ? String(errors[0]) : answer?.detail;
}
