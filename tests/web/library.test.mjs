// The list of situations, the address, the lesson with its bookmarks, the Winsock card.

import { assert, mounted, test } from "./harness.mjs";

/** Lets the library have another scenario, `again`: the first one under another name. */
async function another(page, site) {
  const packed = await (await fetch(new URL("scenarios/first-life/packed", site.url))).arrayBuffer();
  const index = await (await fetch(new URL("scenarios/index", site.url))).text();
  const added = "Others\t다른 것\nagain\tOnce more\t한 번 더\tThe `same` again.\t`같은` 것을 다시.\n";
  await page.route("**/scenarios/index", (route) => route.fulfill({ body: index + added, contentType: "text/plain; charset=utf-8" }));
  await page.route("**/scenarios/again/packed", (route) => route.fulfill({ body: Buffer.from(packed) }));
}

const shows = (page, name) => page.waitForSelector(`[data-scenario='${name}']`);

for (const [lang, group, title] of [
  ["en", "Others", "Once more"],
  ["ko", "다른 것", "한 번 더"],
]) {
  test(`the list of situations opens one, and the address follows, ${lang}`, { lang, size: [1440, 900] }, async ({ page, open, site, shot }) => {
    await another(page, site);
    await open();
    await page.click("[data-control=library]");
    const list = page.locator("[data-dialog=library][open] .situations");
    await list.waitFor();
    await list.getByText(group, { exact: true }).waitFor();
    assert.equal(await list.locator("[aria-current]").getAttribute("data-open"), "first-life");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.open), "first-life", "the one that is open has the focus");
    await shot(`library-1440-light-${lang}`);
    assert.match(await list.locator("[data-open=again]").innerText(), new RegExp(title));
    await list.locator("[data-open=again]").focus();
    await page.keyboard.press("Enter");
    await shows(page, "again");
    await page.waitForSelector("[data-dialog]:not([open])", { state: "attached" });
    assert.equal(new URL(page.url()).hash, "#again");
    await page.goBack();
    await shows(page, "first-life");
    await page.goForward();
    await shows(page, "again");
  });
}

test("the address opens a situation, and load() any name of the library", async ({ page, open, site, requests }) => {
  await another(page, site);
  await open({ url: `${site.url}#again` });
  await shows(page, "again");
  assert.ok(!requests.some((url) => url.endsWith("first-life/packed")), "only what is opened is fetched");
  await page.evaluate(() => window.sockscope.load("first-life"));
  await shows(page, "first-life");
  assert.equal(new URL(page.url()).hash, "#first-life");
  const told = await page.evaluate(() => window.sockscope.load("no-such-scenario").catch(String));
  assert.match(told, /no scenario of that name/);
  await shows(page, "first-life");
});

test("every situation of the library opens", { timeout: 120_000 }, async ({ page, open, site }) => {
  await open();
  const index = await (await fetch(new URL("scenarios/index", site.url))).text();
  const names = index.split("\n").map((line) => line.split("\t")).filter((fields) => fields.length > 2).map(([name]) => name);
  assert.ok(names.includes("first-life"));
  for (const name of names) {
    const view = await page.evaluate((name) => window.sockscope.load(name), name);
    assert.ok(view.processes.length > 0, name);
    await page.waitForFunction(() => window.sockscope.state().cursor.complete);
    for (const { label, event } of await page.evaluate(() => window.sockscope.state().bookmarks)) {
      assert.ok(label && event > 0, `${name}: ${label}`);
    }
  }
});

test("a wrong name in the address brings the list up", { errors: true }, async ({ page, open, site }) => {
  await open({ url: `${site.url}#no-such-scenario` });
  await shows(page, "first-life");
  await page.waitForSelector("[data-dialog=library][open]");
});

test("what was opened once opens without a network", async ({ page, context, open, site }) => {
  await another(page, site);
  await open();
  await page.waitForSelector("[data-compiler]", { state: "attached" });
  await page.evaluate(() => window.sockscope.load("again"));
  await context.setOffline(true);
  await page.evaluate(() => window.sockscope.load("first-life"));
  await shows(page, "first-life");
  await page.evaluate(() => window.sockscope.load("again"));
  await shows(page, "again");
});

test("a situation that cannot be fetched is told, and the page lives", { errors: true }, async ({ page, open, site }) => {
  await another(page, site);
  await open();
  await page.unroute("**/scenarios/again/packed");
  await page.route("**/scenarios/again/packed", (route) => route.abort());
  await page.evaluate(() => (location.hash = "again"));
  await page.waitForSelector("[data-notice][role=alert]");
  await page.click("[data-control=understood]");
  await page.waitForSelector("[data-notice]", { state: "detached" });
  await shows(page, "first-life");
  await page.evaluate(() => window.sockscope.step("packet"));
});

for (const [lang, wide] of [
  ["en", true],
  ["ko", true],
  ["en", false],
]) {
  const size = wide ? [1440, 900] : [390, 844];
  test(`the lesson stands beside the picture and covers nothing, ${size[0]} ${lang}`, { lang, size }, async ({ page, open, shot }) => {
    await open();
    if (!wide) await page.click("[data-show-pane=lesson]");
    const lesson = page.locator(".lesson:visible");
    await lesson.waitFor();
    const hangul = /[가-힣]/.test(await lesson.innerText());
    assert.equal(hangul, lang === "ko");
    const answer = lesson.locator("details").first();
    assert.equal(await answer.getAttribute("open"), null, "the answer is hidden");
    await answer.locator("summary").click();
    await answer.locator("p, ul").first().waitFor();
    await shot(`lesson-${size[0]}-light-${lang}`);
    if (wide) {
      const boxes = await page.locator(".picture > *:visible").evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right]));
      boxes.sort(([a], [b]) => a - b);
      for (let at = 1; at < boxes.length; at += 1) assert.ok(boxes[at][0] >= boxes[at - 1][1] - 0.5, `${boxes}`);
      await page.click("[data-control=close-lesson]");
      assert.equal(await page.locator(".lesson:visible").count(), 0);
      await page.reload();
      await page.waitForSelector(mounted);
      assert.equal(await page.locator(".lesson:visible").count(), 0, "it stays closed");
      await page.click("[data-control=lesson]");
      await page.locator(".lesson:visible").waitFor();
    }
  });
}

test("bookmarks lead to their moments, from the lesson and from the timeline", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const marks = await page.evaluate(() => window.sockscope.state().bookmarks);
  assert.ok(marks.length >= 2);
  assert.equal(await page.locator("[data-mark-of]").count(), marks.length);
  for (const [at, { event, label }] of marks.entries()) {
    await page.locator(`[data-bookmark='${at + 1}']`).click();
    await page.waitForSelector(`[data-cursor][data-event='${event}']`);
    await page.waitForSelector(`[data-bookmark='${at + 1}'][aria-current]`);
    assert.equal(await page.locator(".place b").innerText(), label);
  }
  await shot("bookmark-1440-light");
  await page.evaluate(() => window.sockscope.reset());
  const box = await page.locator("[data-mark-of='2'] circle").boundingBox();
  await page.mouse.click(box.x + 3, box.y + box.height / 2);
  await page.waitForSelector(`[data-cursor][data-event='${marks[1].event}']`);
});

for (const [size, lang] of [
  [[1440, 900], "en"],
  [[390, 844], "ko"],
]) {
  test(`the Winsock card marks the present call, and is searched, ${size[0]} ${lang}`, { size, lang }, async ({ page, open, requests, shot }) => {
    await open();
    await page.evaluate(async () => {
      for (;;) {
        const view = await window.sockscope.step("syscall");
        if (view.now.kind === "SyscallReturned" && view.strace.at(-1).text.startsWith("connect(")) return;
      }
    });
    assert.ok(!requests.some((url) => /winsock/.test(url)), "it is fetched when it is opened");
    await page.click("[data-control=winsock]");
    await page.waitForSelector("[data-card=calls] [data-present] >> text=connect()");
    assert.equal(await page.locator("[data-card=calls] [data-present]").count(), 1);
    await page.waitForSelector("[data-card=present] >> text=connect()");
    await shot(`winsock-${size[0]}-light-${lang}`);
    await page.fill("[data-control=search]", "10061");
    await page.waitForSelector("[data-card=errors] tbody tr >> text=WSAECONNREFUSED (10061)");
    assert.equal(await page.locator("[data-card=errors] tbody tr").count(), 1);
    const cut = await page.locator(".dialog").evaluate((dialog) => dialog.scrollWidth > dialog.clientWidth);
    assert.ok(!cut);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.waitForSelector("[data-dialog]:not([open])", { state: "attached" });
  });
}
