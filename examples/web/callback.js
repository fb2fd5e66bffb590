import { translatePage } from "./messages.js";
import { finishInPopup } from "./social.js";

translatePage();
await finishInPopup();
