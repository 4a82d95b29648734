// Programs that go wrong in every way: the page says so with a place, and lives.

import { assert, test } from "./harness.mjs";

const main = (body) => `int main(void) {\n    ${body}\n    return 0;\n}\n`;

/** What does not compile: the text, and what the refusal says. */
const REFUSED = {
  "a syntax error": [main("int x = ;"), "bad.c:2"],
  "an unknown function": [main("sokcet(2, 1, 0);"), "did you mean"],
  "random bytes": ["\u0000\u0001\ufffd\u0012 int \u007f{{", "bad.c:1"],
  "20,000 nested parentheses": [main(`return ${"(".repeat(20000)}1${")".repeat(20000)};`), "bad.c:2"],
};

/** What compiles and must not run on: the text, and what the fault says. */
const STOPPED = {
  "a null write": [main("int *p = 0; *p = 1;"), "bad.c:2"],
  "an out-of-bounds write": [main("char a[4]; a[4] = 1;"), "bad.c:2"],
  "endless recursion": ["int f(int n) {\n    return f(n + 1) + 1;\n}\nint main(void) {\n    return f(0);\n}\n", "bad.c:"],
  "endless allocation": [
    `#include <stdlib.h>\n#include <string.h>\n${main("for (;;) { char *p = malloc(1 << 20); memset(p, 1, 1 << 20); }")}`,
    "bad.c:4",
  ],
};

const load = (page, text) =>
  page.evaluate(async (text) => {
    try {
      await window.sockscope.load({ programs: [{ name: "bad", files: [{ name: "bad.c", text }] }] });
      return "";
    } catch (error) {
      return error.diagnostics.map((one) => one.rendered).join("\n");
    }
  }, text);

/** The page takes the first scenario again and steps in it. */
const lives = async (page) => {
  const view = await page.evaluate(async () => {
    await window.sockscope.load("first-life");
    return window.sockscope.step("packet");
  });
  assert.equal(view.processes.length, 2);
  assert.ok(view.cursor.event > 2);
};

for (const [name, [text, said]] of Object.entries(REFUSED)) {
  test(`${name} is refused with its place, and the page lives`, async ({ page, open }) => {
    await open();
    const rendered = await load(page, text);
    assert.ok(rendered.includes(said), rendered.slice(0, 300));
    await lives(page);
  });
}

for (const [name, [text, said]] of Object.entries(STOPPED)) {
  test(`${name} is stopped at its line, and the page lives`, async ({ page, open }) => {
    await open();
    assert.equal(await load(page, text), "");
    await page.waitForFunction(() => window.sockscope.state().cursor.complete);
    const fault = await page.evaluate(async () => (await window.sockscope.seek(1e9)).processes[0].fault);
    assert.ok(fault?.includes(said), fault);
    await lives(page);
  });
}
