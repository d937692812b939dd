// Before the first paint, and again when the machine changes: "auto" becomes what the machine prefers.
(() => {
  const page = document.documentElement;
  if (page.dataset.bsTheme !== "auto") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    page.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
})();
