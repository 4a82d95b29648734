// The page from its first byte to its first drawing, and what a person reads where that fails.

import { assert, mounted, test } from "./harness.mjs";

const loading = "#loading";

/** Holds the wasm file back; the page loads on when the returned function is called. */
async function holdWasm(page) {
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

test("the page is drawn and the loading indicator goes", async ({ page, open, shot }) => {
  await open();
  await page.waitForSelector(loading, { state: "detached" });
  assert.equal(await page.title(), "Sockscope");
  await shot("page");
});

test("the page is drawn under any path", async ({ open, site, requests }) => {
  await open({ url: site.below });
  for (const url of requests) assert.ok(url.startsWith(site.below), url);
});

test("the page lives on without a network", async ({ page, context, open, requests }) => {
  await open();
  await page.waitForLoadState("networkidle");
  const asked = requests.length;
  await context.setOffline(true);
  await page.keyboard.press("Tab");
  await page.waitForSelector(mounted);
  assert.equal(requests.length, asked);
});

for (const theme of ["light", "dark"]) {
  test(`a slow network shows the loading indicator, ${theme}`, { theme, reducedMotion: true }, async (t) => {
    const release = await holdWasm(t.page);
    await t.open({ drawn: false });
    await t.page.waitForSelector(`${loading}:has-text("is loading"):has-text("불러오는 중입니다")`);
    assert.equal(await t.page.locator(".failed:visible").count(), 0);
    await t.shot(`loading-${theme}`);
    release();
    await t.page.waitForSelector(mounted);
  });
}

test("a wasm file that cannot be fetched is told, in both languages", { errors: true }, async ({ page, open, shot }) => {
  await page.route("**/*.wasm", (route) => route.abort());
  await open({ drawn: false });
  await page.waitForSelector(`${loading} >> text=could not be loaded`);
  await page.waitForSelector(`${loading} >> text=불러오지 못했습니다`);
  assert.equal(await page.locator(".wait:visible, #loading svg:visible").count(), 0);
  await shot("loading-failed");
});

test("a script that cannot be fetched is told", { errors: true }, async ({ page, open }) => {
  await page.route("**/*.js", (route) => route.fulfill({ status: 404, body: "" }));
  await open({ drawn: false });
  await page.waitForSelector(`${loading} >> text=could not be loaded`);
});

test("a browser without WebAssembly is told", { errors: true }, async ({ page, open }) => {
  await page.addInitScript(() => delete globalThis.WebAssembly);
  await open({ drawn: false });
  await page.waitForSelector(`${loading} >> text=No WebAssembly in this browser`);
});

test("a browser without JavaScript is told", { javascript: false }, async ({ page, open }) => {
  await open({ drawn: false });
  // By place, not by text: playwright reads no text in a noscript element.
  await page.waitForSelector(`${loading} noscript p[lang=ko]`);
  assert.equal(await page.locator(".wait:visible").count(), 0);
});

test("a first scenario that cannot be fetched is told", { errors: true }, async ({ page, open }) => {
  await page.route("**/packed", (route) => route.abort());
  await open({ drawn: false });
  await page.waitForSelector(`${loading} >> text=could not be loaded`);
});

test("a first scenario of another version is told", { errors: true }, async ({ page, open }) => {
  await page.route("**/packed", (route) => route.fulfill({ body: "another version" }));
  await open({ drawn: false });
  await page.waitForSelector("#loading-reason >> text=another version");
});
