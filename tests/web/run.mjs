// Runs the browser tests: every tests/web/*.test.mjs, against the page in dist/.
//
//   node tests/web/run.mjs [TEXT]    only the tests that have TEXT in their names or their files' names

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, root, serveDirectory } from "./browser.mjs";
import { registered, runTest } from "./harness.mjs";

const wanted = (process.argv[2] ?? "").toLowerCase();
const here = new URL(".", import.meta.url);
for (const file of readdirSync(here).filter((name) => name.endsWith(".test.mjs")).sort()) {
  const before = registered().length;
  await import(new URL(file, here).href);
  for (const added of registered().slice(before)) added.file = file;
}
const tests = registered().filter(({ name, file }) => `${file} ${name}`.toLowerCase().includes(wanted));
if (tests.length === 0) {
  console.error(`no browser test has '${wanted}' in its name`);
  process.exit(1);
}

const site = await serveDirectory(join(root, "dist"));
const browser = await launch();
let failed = 0;
for (const one of tests) {
  const began = performance.now();
  const took = () => `(${((performance.now() - began) / 1000).toFixed(1)} s)`;
  try {
    await runTest(browser, site, one);
    console.log(`ok      ${one.name} ${took()}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${one.name} ${took()}\n${String(error.stack ?? error).replace(/^/gm, "        ")}`);
  }
}
await browser.close();
await site.close();

const passed = tests.length - failed;
if (process.env.SOCKSCOPE_WEB_COUNTS) {
  // In cargo test's words, so that ./dev adds up both alike.
  writeFileSync(process.env.SOCKSCOPE_WEB_COUNTS, `test result: ${passed} passed; ${failed} failed; 0 ignored;\n`);
}
console.log(`web: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
