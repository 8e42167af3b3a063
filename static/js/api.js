// The page to try the API: Swagger UI, asking as the person who is signed in.

const place = document.getElementById("api");
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

/** What assistive technology needs and Swagger UI lacks: attributes by selector; null takes one away. */
const MENDED = [
  [".opblock-summary-control a", { href: null }], // the button around it does the same
  [".responses-table", { role: null }],
  [".microlight", { tabindex: "0" }],
  [".body-param__text", { "aria-label": "Body" }],
  [".examples-select-element", { "aria-label": "Example" }],
  [".close-modal", { "aria-label": "Close" }],
  [".modal-btn[aria-label]", { "aria-label": null }], // its text is another
  // The page's own heading is the only one above these.
  ["h3", { "aria-level": "2" }],
  ["h4", { "aria-level": "3" }],
  ["h5", { "aria-level": "4" }],
];

/** React leaves attributes alone that it has set once. */
function mend() {
  for (const [selector, attributes] of MENDED)
    for (const element of place.querySelectorAll(selector))
      for (const [name, value] of Object.entries(attributes)) value === null ? element.removeAttribute(name) : element.setAttribute(name, value);
}

/** A layout of the parts alone: Swagger's own has a second <main>, and a title that the page has already. */
function frame({ React: { createElement } }) {
  const Frame = ({ getComponent, specSelectors }) => {
    const parts = specSelectors.loadingStatus() === "success" ? ["AuthorizeBtnContainer", "operations", "Models"] : [];
    const drawn = ["errors", ...parts].map((name) => createElement(getComponent(name, true), { key: name }));
    return createElement("div", { className: "swagger-ui" }, drawn);
  };
  return { components: { Frame } };
}

place.lang = "en"; // Swagger UI knows no other
new MutationObserver(mend).observe(place, { childList: true, subtree: true });
window.SwaggerUIBundle({
  domNode: place,
  plugins: [frame],
  layout: "Frame",
  syntaxHighlight: { theme: "obsidian" },
  url: place.dataset.schema,
  deepLinking: true,
  docExpansion: "list",
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (new URL(request.url, document.baseURI).origin === location.origin) request.headers["X-CSRFToken"] = token;
    return request;
  },
});
