/** The trash: rows can be selected. */
import { offerSelection } from "./select.js";

offerSelection();
