// The compiler, a wasm file of its own: fetched when there is something to compile, in a worker.

import { assert, mounted, test } from "./harness.mjs";
import * as programs from "./programs.mjs";

const compiler = (requests) => requests.filter((url) => /\/compiler_bg\.wasm$/.test(url)).length;

test("the page does not wait for the compiler, which comes when the page is idle", async ({ page, open, requests }) => {
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/compiler_bg.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await open();
  await page.evaluate(() => window.sockscope.step("packet"));
  assert.equal(await page.locator("[data-compiler]").count(), 0);
  release();
  await page.waitForSelector("[data-compiler]", { state: "attached" });
  const view = await page.evaluate((scenario) => window.sockscope.load(scenario), programs.refused);
  assert.equal(view.processes.length, programs.refused.programs.length);
  await page.waitForSelector("html:not([aria-busy])");
  assert.equal(compiler(requests), 1, "it is fetched once, and kept");
});

test("a compiler that cannot be fetched is told, and the page lives", { errors: true }, async ({ page, open }) => {
  await page.route("**/compiler-worker.js", (route) => route.abort());
  await open();
  const told = await page.evaluate((scenario) => window.sockscope.load(scenario).catch(String), programs.refused);
  assert.match(told, /compiler failed/);
  await page.waitForSelector("html:not([aria-busy])");
  await page.evaluate(() => window.sockscope.step("packet"));
  await page.waitForSelector(`${mounted} [data-process=server]`);
});

test("what was loaded last is shown", async ({ page, open }) => {
  await open();
  const last = await page.evaluate(async (scenario) => {
    const slow = window.sockscope.load(scenario);
    await window.sockscope.load("first-life");
    await slow;
    return window.sockscope.state().processes.map((process) => process.name);
  }, programs.manySockets);
  assert.deepEqual(last, ["server", "client"]);
});
