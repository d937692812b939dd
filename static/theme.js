// Before the first paint: a person who chose neither light nor dark gets what the machine prefers.
if (document.documentElement.dataset.bsTheme === "auto") {
  document.documentElement.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
