import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import purgecss from "@fullhuman/postcss-purgecss";
import { defineConfig, type Plugin } from "vite";

import { ICONS } from "./icons";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Write the icons that the templates use, so that they are drawn without a request of their own. */
function icons(): Plugin {
  return {
    name: "icons",
    generateBundle() {
      const drawn = ICONS.map((name) => {
        const svg = readFileSync(here(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
        return [name, [...svg.matchAll(/<path d="([^"]+)" \/>/g)].map((path) => path[1])];
      });
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(Object.fromEntries(drawn)) });
    },
  };
}

export default defineConfig({
  root: here("."),
  base: "/static/dist/",
  build: {
    outDir: here("../static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    rolldownOptions: { input: here("src/main.ts") },
  },
  css: {
    postcss: {
      plugins: [
        purgecss({
          content: [here("../blueprints/**/*.html"), here("../blueprints/**/*.py"), here("src/**/*.ts")],
          variables: false,
          safelist: { standard: [/^htmx-/, /data-bs-theme/, /^dragging/], greedy: [/^alert/, /^badge/] },
        }),
      ],
    },
  },
  plugins: [icons()],
  test: { environment: "jsdom" },
} as Parameters<typeof defineConfig>[0]);
