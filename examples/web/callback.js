import { finishInPopup } from "./social.js";

await finishInPopup();
