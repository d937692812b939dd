/** Every page: htmx for partial updates, menus and dialogs, and the islands that the page asks for. */
import "../styles/main.css";

import { closeMenus, confirmForms, focusSearch, scrollByKeyboard, showPlace, tickAll } from "./chrome";
import { keepChoices, sayCounts, showCorrections, startHtmx } from "./partial";

type Island = { mount: (element: HTMLElement) => void };

const islands = import.meta.glob<Island>(["./islands/*.ts", "!./islands/*.test.ts"]);

const begun = new WeakSet<HTMLElement>();

/** Load the code of each island below the root and mount it once; it is marked when it works, not when it is asked for. */
export function mountIslands(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) {
    if (begun.has(element)) continue;
    begun.add(element);
    const load = islands[`./islands/${element.dataset["island"] ?? ""}.ts`];
    void load?.().then((island) => {
      island.mount(element);
      element.setAttribute("data-mounted", ""); // in full, so that the build sees that styles of this name are used
    });
  }
}

function enliven(root: ParentNode): void {
  mountIslands(root);
  scrollByKeyboard(root);
}

startHtmx(enliven);
confirmForms(document);
closeMenus(document);
focusSearch(document);
keepChoices(document);
tickAll(document); // after what was ticked is back
sayCounts(document);
showCorrections(document);
enliven(document);
showPlace(document);
