/** <copy-text>: an input to copy from, and its button. */
import { copyText } from "./clipboard.js";
import { gettext } from "./i18n.js";

customElements.define(
  "copy-text",
  class extends HTMLElement {
    connectedCallback() {
      const input = this.querySelector("input");
      const button = this.querySelector("button");
      input.addEventListener("focus", () => input.select());
      button.hidden = false;
      button.addEventListener("click", async () => {
        if (await copyText(input.value)) button.textContent = gettext("Copied");
      });
    }
  },
);
