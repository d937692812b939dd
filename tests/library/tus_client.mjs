// Sends a file with tus-js-client, as a program of somebody else would: node tus_client.mjs '{endpoint, path, …}'
import { createReadStream, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const tus = require("tus-js-client");
const { FileUrlStorage } = require("tus-js-client/lib.es5/node/urlStorage.js");

const { endpoint, headers, path, memory, chunk, stopAt } = JSON.parse(process.argv[2]);
const upload = new tus.Upload(createReadStream(path), {
  endpoint,
  headers,
  chunkSize: chunk,
  uploadSize: statSync(path).size,
  metadata: { filename: basename(path) },
  retryDelays: new Array(60).fill(250),
  urlStorage: new FileUrlStorage(memory),
  onProgress: (sent) => console.log(`sent ${String(sent)}`),
  onChunkComplete: (_size, accepted) => {
    if (stopAt && accepted >= stopAt) process.kill(process.pid, "SIGKILL");
  },
  onError: (error) => { console.log(`error ${String(error)}`); process.exitCode = 1; },
  onSuccess: () => { console.log(`done ${upload.url}`); },
});
const previous = await upload.findPreviousUploads();
if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
console.log(previous.length ? "resumed" : "new");
upload.start();
