/** <copy-text>: an input to copy from; its button appears only where it can work (clipboards need HTTPS or localhost). */
import { gettext } from "./i18n.js";

customElements.define(
  "copy-text",
  class extends HTMLElement {
    connectedCallback() {
      const input = this.querySelector("input");
      const button = this.querySelector("button");
      input.addEventListener("focus", () => input.select());
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(input.value);
        button.textContent = gettext("Copied");
      });
    }
  },
);
