// The page and the native library give the same trace for the same run.

import { readFile } from "node:fs/promises";
import { assert, test } from "./harness.mjs";

test("the page's trace has the hash that cargo test left", async ({ page, open }) => {
  const native = new URL("../../target/trace-hash/first-life", import.meta.url);
  const expected = (await readFile(native, "utf8")).trim();
  await open();
  await page.waitForFunction(() => window.sockscope.state().cursor.complete);
  assert.equal(await page.evaluate(() => window.sockscope.traceHash()), expected);
});
