/**
 * A film in two weights: light for thin lines, full for the large screen. What somebody chose is kept for the next film.
 *
 * Inside stand a hidden group of buttons (`data-src`; `data-full` on the heavy one) and the `video`, which plays the light one.
 */
const KEPT = "film.full";
const NARROW = "(max-width: 767px)";

/** Show the choice, and begin with what fits the line and the screen. */
export function mount(element: HTMLElement): void {
  const film = element.querySelector("video");
  const group = element.querySelector<HTMLElement>("[role=group]");
  if (!film || !group) return;
  const buttons = [...group.querySelectorAll("button")];
  const choose = (full: boolean): void => {
    for (const button of buttons) {
      const chosen = full === ("full" in button.dataset);
      button.classList.toggle("active", chosen);
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) play(film, button.dataset["src"] ?? "");
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const full = "full" in button.dataset;
      localStorage.setItem(KEPT, String(full));
      choose(full);
    });
  }
  group.hidden = false;
  choose(fullFirst());
}

function fullFirst(): boolean {
  const kept = localStorage.getItem(KEPT);
  return kept === null ? !matchMedia(NARROW).matches && !lineIsThin() : kept === "true";
}

function lineIsThin(): boolean {
  const line = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  return line?.saveData === true || (line?.effectiveType ?? "4g") !== "4g";
}

/** Change what is played, and go on where one was. */
function play(film: HTMLVideoElement, url: string): void {
  if (film.getAttribute("src") === url) return;
  const { currentTime, paused } = film;
  film.src = url;
  film.addEventListener("loadedmetadata", () => {
    film.currentTime = currentTime;
    if (!paused) void film.play();
  }, { once: true });
}
