// The browser and the server that the tests (run.mjs) and the hand-made screenshots (shot.mjs) share.

import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where screenshots go; git ignores it. */
export const artefacts = join(root, "artefacts");

/** What `./dev test` has set up, or the newest of it in the tool cache. */
function playwrightPath() {
  if (process.env.SOCKSCOPE_PLAYWRIGHT) return process.env.SOCKSCOPE_PLAYWRIGHT;
  const cache =
    process.env.SOCKSCOPE_TOOLS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "sockscope");
  const newest = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name.startsWith("playwright-core-"))
        .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
        .pop()
    : undefined;
  if (!newest) throw new Error("playwright-core is not set up: run `./dev setup test` once");
  return join(cache, newest, "node_modules", "playwright-core");
}

function chromiumPath() {
  if (process.env.SOCKSCOPE_CHROMIUM) return process.env.SOCKSCOPE_CHROMIUM;
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      const path = join(directory, name);
      if (existsSync(path)) return path;
    }
  }
  throw new Error("there is no chromium on PATH: run `./dev setup test` once");
}

/** A headless browser with a profile of its own, which speaks to nobody but the pages that it is shown. */
export async function launch() {
  // Not an `import`: that one looks only beside this file, and the package is in the tool cache.
  const { chromium } = createRequire(import.meta.url)(playwrightPath());
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    timeout: 60_000,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Serves a built page's directory on a free port of 127.0.0.1, at `/` and once more under `/a/path/below/`, as
 * on a server where the page is one among others.  Resolves to `{ url, below, close() }`.
 */
export async function serveDirectory(directory) {
  if (!existsSync(join(directory, "index.html"))) throw new Error(`${directory} holds no page: run \`./dev build\``);
  const prefix = "/a/path/below/";
  const server = createServer((request, response) => {
    let path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    if (path.startsWith(prefix)) path = path.slice(prefix.length - 1);
    if (path.endsWith("/")) path += "index.html";
    const file = join(directory, normalize(path));
    if (!file.startsWith(directory) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end("not found");
      return;
    }
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    url,
    below: new URL(prefix, url).href,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
