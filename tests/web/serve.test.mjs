// `./dev serve`: what a person types first.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { root } from "./browser.mjs";
import { assert, test } from "./harness.mjs";

const freePort = () =>
  new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed).listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Starts `./dev serve` on a free port, beside dist/. Resolves once it serves, which it does after the first build. */
async function devServe() {
  const port = await freePort();
  // A group of its own, so that everything that it starts ends with it.
  const child = spawn(join(root, "dev"), ["serve", "--port", port, "--dist", join(root, "target", "served")], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const stop = () => {
    try {
      process.kill(-child.pid, "SIGTERM");
    } catch {
      // It has ended by itself.
    }
  };
  process.once("exit", stop);
  await new Promise((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said += chunk;
        if (said.includes("server listening at")) done();
      });
    }
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`./dev serve ended with ${code}:\n${said}`)));
  }).catch((error) => {
    stop();
    throw error;
  });
  const url = `http://127.0.0.1:${port}/`;
  await answers(url);
  return { url, stop };
}

/** Trunk says that it listens a moment before it does: asks until somebody answers, for 30 s at most. */
async function answers(url) {
  const end = Date.now() + 30_000;
  for (;;) {
    try {
      return await fetch(url);
    } catch (refused) {
      if (Date.now() > end) throw refused;
      await new Promise((again) => setTimeout(again, 50));
    }
  }
}

// The debug build of a clean checkout takes its minutes.
test("./dev serve serves the page through trunk", { timeout: 15 * 60_000 }, async ({ page, open }) => {
  const { url, stop } = await devServe();
  try {
    await open({ url });
    assert.equal(await page.title(), "Sockscope");
    const missing = await page.request.get(new URL("no-such-file", url).href);
    assert.equal(missing.status(), 404);
  } finally {
    stop();
  }
});
