// Programs of one's own: errors are told in the page and to the embedder, and the page lives on.

import { assert, mounted, test } from "./harness.mjs";
import * as programs from "./programs.mjs";

const load = (page, scenario) =>
  page.evaluate(async (scenario) => {
    try {
      return { view: await window.sockscope.load(scenario) };
    } catch (error) {
      return { error: error.message, isError: error instanceof Error, diagnostics: error.diagnostics };
    }
  }, scenario);

/** The page answers: a built-in scenario loads and steps. */
async function alive(page) {
  assert.ok((await load(page, "first-life")).view);
  await page.click("[data-control=step]");
  await page.waitForFunction(() => window.sockscope.state().strace.length > 0);
}

for (const lang of ["en", "ko"]) {
  test(`a syntax error is shown at its line, ${lang}`, { size: [1440, 900], lang }, async ({ page, open, shot }) => {
    await open();
    const told = await load(page, programs.syntaxError);
    assert.ok(told.isError);
    assert.equal(told.diagnostics.length, 1);
    const [wrong] = told.diagnostics;
    assert.deepEqual([wrong.program, wrong.file, wrong.line], [1, "client.c", 4]);
    const card = page.locator("[data-process=client][data-activity=faulted]");
    assert.match(await card.locator("[data-fault=true][role=alert]").innerText(), /client\.c:4:\d+: error/);
    assert.equal(await card.locator("[data-line='4'][data-current][data-fault]").count(), 1);
    assert.equal(await page.locator("[data-app][data-loaded=false]").count(), 1);
    assert.match(await page.locator("[data-explain]").innerText(), lang === "ko" ? /컴파일/ : /compile/);
    await shot(`syntax-error-1440-light-${lang}`);
    await alive(page);
  });
}

test("a null write is shown at its line", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  assert.ok((await load(page, programs.nullWrite)).view);
  await page.keyboard.press("1");
  await page.evaluate(async () => {
    for (let at = 0; at < 50 && !window.sockscope.state().processes[0].fault; at += 1) await window.sockscope.step("line");
  });
  const card = page.locator("[data-process=null][data-activity=faulted]");
  assert.match(await card.locator("[data-fault=true][role=alert]").innerText(), /null\.c:7/);
  assert.equal(await card.locator("[data-line='7'][data-fault]").count(), 1);
  await page.click("[data-tab=output]");
  assert.match(await page.locator("[data-output=null]").innerText(), /before/);
  await shot("null-write-1440-light");
  await alive(page);
});

test("an endless loop leaves the page responsive, and can be stopped", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  assert.ok((await load(page, programs.endless)).view);
  await page.evaluate(() => {
    window.gaps = [];
    let last = performance.now();
    const tick = (now) => {
      window.gaps.push(now - last);
      last = now;
      if (window.gaps.length < 90) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.click("[data-control=step]");
  await page.waitForFunction(() => window.gaps.length >= 90);
  const gaps = (await page.evaluate(() => window.gaps)).sort((a, b) => a - b);
  // Two cores that others use, too: the middle says that frames keep coming, the end that none was frozen.
  assert.ok(gaps[45] < 60, `the middle gap between frames is ${gaps[45]} ms`);
  assert.ok(gaps[89] < 1500, `the longest gap between frames is ${gaps[89]} ms`);
  if (await page.locator("[data-control=stop]").count()) await page.click("[data-control=stop]");
  await page.waitForSelector("[data-control=step]");
  await page.evaluate(() => window.sockscope.step("line"));
  await alive(page);
});

test("a refused connection", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  assert.ok((await load(page, programs.refused)).view);
  await page.evaluate(() => window.sockscope.seek(1e6));
  await page.waitForSelector("[data-process=client][data-exit='1']");
  assert.equal(await page.locator("[data-segment][data-flags^=RST]").count(), 1);
  await page.click("[data-tab=strace]");
  assert.match(await page.locator("[data-strace][data-failed]").innerText(), /ECONNREFUSED/);
  await shot("refused-1440-light");
});

test("many sockets, many programs", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  await load(page, programs.manySockets);
  await page.evaluate(() => window.sockscope.seek(200));
  assert.ok((await page.locator("[data-sock].socket").count()) >= 5);
  await shot("many-sockets-1440-light");
  await load(page, programs.sixPrograms);
  assert.equal(await page.locator("[data-process]").count(), 6);
  await page.evaluate(() => window.sockscope.seek(130));
  await page.click("[data-process=server] .who");
  await page.waitForSelector("[data-process=server][data-selected]");
  await shot("six-programs-1440-light");
});

test("what cannot be loaded is refused with a reason", async ({ page, open }) => {
  await open();
  for (const nonsense of ["no-such-scenario", {}, { programs: [] }, { programs: [{ files: [] }] }, 7, null]) {
    const told = await load(page, nonsense);
    assert.ok(told.isError && told.error, JSON.stringify(nonsense));
  }
  for (const call of ['step("sideways")', 'choose("nobody")', "choose(99)", 'setLang("tlh")', 'on("party", () => {})', "select(-1)"]) {
    const told = await page.evaluate((call) => new Function(`try { sockscope.${call}; return "" } catch (e) { return e.message }`)(), call);
    assert.ok(told, call);
  }
  await page.waitForSelector(mounted);
  await alive(page);
});
