/**
 * Words in the language of the page. Its catalogue (`static/i18n`) is loaded before the modules; English needs none.
 * `manage.py update_messages` collects what is passed to gettext and ngettext.
 */

const catalogue = /** @type {any} */ (globalThis).django ?? {};

/** @type {(text: string) => string} */
export const gettext = catalogue.gettext ?? ((/** @type {string} */ text) => text);

/** @type {(one: string, many: string, count: number) => string} */
export const ngettext = catalogue.ngettext ?? ((/** @type {string} */ one, /** @type {string} */ many, /** @type {number} */ count) => (count === 1 ? one : many));

/** Put values into "%(name)s", and one % for each two. @param {string} text @param {Record<string, string | number>} values */
export const format = (text, values) => text.replace(/%\((\w+)\)s|%%/g, (all, name) => (name ? String(values[name]) : "%"));

/** As the page is written; in the person's own kind of that language, if the browser tells. */
export const locale = (() => {
  const page = globalThis.document?.documentElement.lang || "en";
  return navigator.languages?.find((each) => each.split("-")[0] === page.split("-")[0]) ?? page;
})();
