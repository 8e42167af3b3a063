/** Beginning and ending live recordings. */
import { format, gettext } from "../i18n.js";
import { call } from "../server.js";

export { ApiError } from "../server.js";

/** @param {object} choices @returns {Promise<{id: string}>} */
export const create = (choices) => call("POST", "/api/v1/live/", choices);
/** To the trash. @param {string} id */
export const discard = (id) => call("DELETE", `/api/v1/live/${id}/`);
/** With what has arrived. @param {string} id */
export const finishFromHere = (id) => call("POST", `/api/v1/live/${id}/finish/`);
