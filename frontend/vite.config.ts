import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import purgecss from "@fullhuman/postcss-purgecss";
import { defineConfig, type Plugin } from "vite";

import { ICONS } from "./icons";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const BASE = "/static/dist/";
const PDF = "node_modules/pdfjs-dist";
const PDF_VERSION = (JSON.parse(readFileSync(here(`${PDF}/package.json`), "utf8")) as { version: string }).version;
const PDF_DATA = `assets/pdf-${PDF_VERSION}/`;

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

/** Bring what pdf.js fetches by name: character maps and fonts (Chinese files need them), decoders without WebAssembly. */
function pdfData(): Plugin {
  return {
    name: "pdf-data",
    generateBundle() {
      for (const folder of ["cmaps", "standard_fonts", "iccs", "wasm"]) {
        for (const file of readdirSync(here(`${PDF}/${folder}`))) {
          if (file.endsWith(".wasm") || file.startsWith("quickjs")) continue;
          const source = readFileSync(here(`${PDF}/${folder}/${file}`));
          this.emitFile({ type: "asset", fileName: `${PDF_DATA}${folder}/${file}`, source });
        }
      }
    },
  };
}

/** Write each script and style compressed as well: once, as small as it goes; blueprints/common/compression.py sends it. */
function compressed(): Plugin {
  return {
    name: "compressed",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|mjs|css)$/.test(file))) {
        const path = `${options.dir ?? ""}/${name}`;
        const content = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(content));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: here("."),
  base: BASE,
  define: { __PDF_DATA__: JSON.stringify(BASE + PDF_DATA) },
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
  plugins: [icons(), pdfData(), compressed()],
  test: { environment: "jsdom" },
} as Parameters<typeof defineConfig>[0]);
