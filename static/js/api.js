// The page to try the API: Swagger UI, asking as the person who is signed in.

const place = document.getElementById("api");
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

window.SwaggerUIBundle({
  domNode: place,
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
