// Programs are edited in the page, and folders and files are opened.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, test } from "./harness.mjs";

const hello = '#include <stdio.h>\n\nint main(void) {\n    printf("hello from a file\\n");\n    return 0;\n}\n';

/** Opens the editor of a program. */
async function edit(page, name) {
  await page.click(`[data-process=${name}] [data-control=edit]`);
  const area = page.locator(`[data-process=${name}] textarea`);
  await area.waitFor();
  return area;
}

const output = async (page, name) => {
  await page.evaluate(() => window.sockscope.seek(1e9));
  const { processes } = await page.evaluate(() => window.sockscope.state());
  return processes.find((process) => process.name === name).output.map(({ text }) => text).join("");
};

test("a program is edited and run, and goes back to its original", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const area = await edit(page, "client");
  await page.waitForFunction(() => document.activeElement.localName === "textarea");
  const text = await area.inputValue();
  assert.match(text, /Hello, server!/);
  await area.fill(text.replace("Hello, server!", "Good morning!!"));
  await shot("editor-1440-light");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("[data-edited]:visible");
  await page.waitForSelector("[data-process=client] [data-line]");
  assert.match(await page.locator("[data-process=client] .source").innerText(), /Good morning!!/);
  assert.match(await output(page, "client"), /Good morning!!/);
  const { recorded } = await page.evaluate(() => window.sockscope.state());
  assert.equal(recorded, null, "what was recorded is about other sources");
  const again = await edit(page, "client");
  assert.match(await again.inputValue(), /Good morning!!/);
  await page.click("[data-process=client] [data-control=original]");
  await page.waitForSelector("[data-edited]", { state: "detached" });
  assert.match(await output(page, "client"), /Hello, server!/);
});

test("a port without htons() runs, and is warned of under the source", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const area = await edit(page, "client");
  const text = await area.inputValue();
  const changed = text.replace(/htons\((\w+)\)/, "$1");
  assert.notEqual(changed, text);
  await area.fill(changed);
  await page.keyboard.press("Control+Enter");
  const warnings = page.locator("[data-process=client] [data-warnings='2']");
  await warnings.waitFor();
  await warnings.locator("summary").click();
  assert.match(await warnings.innerText(), /without htons\(\)/);
  assert.equal(await page.locator("[data-fault]").count(), 0);
  await shot("editor-warning-1440-light");
});

test("what does not compile is told under the source, and the text stays", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const area = await edit(page, "server");
  const text = await area.inputValue();
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /listen\(/.test(line));
  lines[at] = lines[at].replace("listen(", "lisen(");
  await area.fill(lines.join("\n"));
  await page.click("[data-process=server] [data-control=run]");
  const fault = page.locator("[data-process=server] [data-fault][role=alert]");
  await fault.waitFor();
  const said = await fault.innerText();
  assert.match(said, new RegExp(`server\\.c:${at + 1}:`));
  assert.match(said, /lisen\(/);
  assert.match(said, /listen/);
  await page.waitForSelector(`[data-wrong-line='${at + 1}']`);
  assert.equal(await area.inputValue(), lines.join("\n"));
  const caret = await area.evaluate((area) => document.activeElement === area && area.value.slice(0, area.selectionStart).split("\n").length);
  assert.equal(caret, at + 1, "the focus is at the line");
  await shot("editor-error-1440-light");
  await area.fill(text);
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("[data-process=server] [data-line]");
  await page.waitForSelector("[data-app][data-loaded=true]");
});

test("Tab inserts spaces, and Escape leaves the text", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  const area = await edit(page, "client");
  await area.fill("");
  await page.keyboard.press("Tab");
  await page.keyboard.type("x");
  assert.equal(await area.inputValue(), "    x");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.control), "run");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.control), "original");
});

test("editing works without a network", { size: [1440, 900] }, async ({ page, context, open }) => {
  await open();
  await page.waitForSelector("[data-compiler]", { state: "attached" });
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  for (const word of ["Good morning!!", "Good evening!!"]) {
    const area = await edit(page, "client");
    await area.fill((await area.inputValue()).replace(/Hello, server!|Good morning!!/, word));
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("[data-process=client] [data-line]");
    assert.match(await output(page, "client"), new RegExp(word));
  }
});

/** Drops files onto the page, as a browser does. */
const drop = (page, files) =>
  page.evaluate((files) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name));
    const send = (kind) => document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    send("dragenter");
    send("dragover");
    const hint = getComputedStyle(document.querySelector(".drop-hint")).display;
    send("drop");
    return hint;
  }, files);

test("files are dropped onto the page", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const toml = '[[program]]\nname = "hello"\nargs = ["one"]\n';
  const lesson = "# A lesson of one's own\n\nIt says `hello`.\n\n## What to watch\n\n- **One** call.\n\n### Answer\n\nYes.\n";
  const hint = await drop(page, [["scenario.toml", toml], ["hello.c", hello], ["lesson.en.md", lesson], ["picture.png", "no"]]);
  assert.equal(hint, "grid", "there is a hint while something is dragged");
  await page.waitForSelector("[data-process=hello]");
  assert.equal(await page.locator("[data-dragging]").count(), 0);
  assert.equal(await page.locator(".scenario").innerText(), "A lesson of one's own");
  assert.match(await output(page, "hello"), /hello from a file/);
  await shot("dropped-1440-light");
  // It is edited and run as any other.
  const area = await edit(page, "hello");
  await area.fill(hello.replace("a file", "the editor"));
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("[data-process=hello] [data-line]");
  assert.match(await output(page, "hello"), /hello from the editor/);
  await edit(page, "hello");
  await page.click("[data-control=original]");
  await page.waitForSelector("[data-edited]", { state: "detached" });
  assert.match(await output(page, "hello"), /hello from a file/);
});

test("what is wrong with a folder is told with its place", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  await drop(page, [["scenario.toml", '[[program]]\nname = "hello"\narg = ["one"]\n'], ["hello.c", hello]]);
  const fault = page.locator("[data-fault][role=alert]");
  await fault.waitFor();
  assert.match(await fault.innerText(), /scenario\.toml:3:1/);
  assert.match(await fault.innerText(), /did you mean/);
  await page.waitForSelector("[data-line='3'][data-fault]");
  await shot("folder-wrong-1440-light");
  // It can be put right in the page.
  await page.click("[data-control=edit]");
  const area = page.locator("textarea");
  await area.fill('[[program]]\nname = "hello"\n');
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("[data-process=hello]");
});

test("a folder is dropped onto the page, and what is in folders inside it", { size: [1440, 900] }, async ({ page, context, open }) => {
  const folder = mkdtempSync(join(tmpdir(), "sockscope-"));
  try {
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "scenario.toml"), '[[program]]\nname = "hello"\nfiles = ["hello.c", "lib/word.c"]\n');
    writeFileSync(join(folder, "hello.c"), '#include <stdio.h>\n#include "lib/word.h"\n\nint main(void) {\n    puts(word());\n    return 0;\n}\n');
    writeFileSync(join(folder, "lib", "word.h"), "const char *word(void);\n");
    writeFileSync(join(folder, "lib", "word.c"), '#include "word.h"\n\nconst char *word(void) {\n    return "from a folder";\n}\n');
    await open();
    const browser = await context.newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await browser.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
    }
    await page.waitForSelector("[data-process=hello]");
    assert.match(await output(page, "hello"), /from a folder/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("files are picked by keyboard users", async ({ page, open }) => {
  await open();
  await page.click("[data-control=library]");
  await page.waitForSelector("[data-control=open-folder]");
  await page.setInputFiles("[data-control=open-files]", { name: "hello.c", mimeType: "text/plain", buffer: Buffer.from(hello) });
  await page.waitForSelector("[data-process=hello]");
  await page.waitForSelector("[data-dialog]:not([open])", { state: "attached" });
  assert.match(await output(page, "hello"), /hello from a file/);
});

test("a folder that is empty is told", async ({ page, open }) => {
  await open();
  await drop(page, [["picture.png", "no"]]);
  await page.waitForSelector("[data-fault][role=alert] >> text=no program");
  await page.evaluate(() => window.sockscope.load("first-life"));
  await page.waitForSelector("[data-process=server]");
});
