// Before the first paint: dark where the realm's login theme has a dark mode and the person wants it. The class is Swagger UI's.
(function () {
  "use strict";
  const root = document.documentElement;
  if (root.dataset.darkMode !== "true") {
    return;
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => root.classList.toggle("dark-mode", dark.matches);
  apply();
  dark.addEventListener("change", apply);
})();
