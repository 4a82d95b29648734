// The words that the page fetches: only those of the language that it shows, and each file once.

import { assert, mounted, test } from "./harness.mjs";

/** The files of words among what was asked for, by name. */
const words = (requests) => requests.map((url) => /\/words\/(\w+)\.txt\?\d+$/.exec(url)?.[1]).filter(Boolean);

/** Holds a file of words back; it arrives when the returned function is called. */
async function hold(page, name) {
  let release;
  const held = new Promise((done) => (release = done));
  await page.route(`**/words/${name}.txt*`, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

const shows = (page, lang) => page.waitForSelector(`${mounted}[data-lang=${lang}]`);

test("only the words of the language that is shown are fetched", async ({ page, context, open, requests }) => {
  await open();
  assert.deepEqual(words(requests).sort(), ["en", "sources"]);
  await page.click("[data-control=lang-ko]");
  await shows(page, "ko");
  assert.deepEqual(words(requests).sort(), ["en", "ko", "sources"]);
  // From here on everything is there.
  await context.setOffline(true);
  for (const lang of ["en", "ko", "en"]) {
    await page.evaluate((lang) => window.sockscope.setLang(lang), lang);
    await shows(page, lang);
  }
  assert.equal(words(requests).length, 3);
});

test("slow words show the loading indicator", { lang: "ko", reducedMotion: true }, async ({ page, open }) => {
  const release = await hold(page, "ko");
  await open({ drawn: false });
  await page.waitForSelector("#loading:visible");
  await page.waitForSelector("html[lang=ko]");
  assert.equal(await page.locator(mounted).count(), 0);
  release();
  await shows(page, "ko");
  await page.waitForSelector("#loading", { state: "detached" });
});

for (const [how, answer] of [
  ["cannot be fetched", (route) => route.abort()],
  ["are not there", (route) => route.fulfill({ status: 404, body: "not here" })],
]) {
  test(`words that ${how} are told`, { errors: true }, async ({ page, open }) => {
    await page.route("**/words/en.txt*", answer);
    await open({ drawn: false });
    await page.waitForSelector("#loading >> text=could not be loaded");
    await page.waitForSelector("#loading-reason >> text=/fetch/i");
  });
}

test("a language that cannot be fetched leaves the page as it is", { errors: true }, async ({ page, open }) => {
  await open();
  await page.route("**/words/ko.txt*", (route) => route.abort());
  assert.match(await page.evaluate(() => window.sockscope.setLang("ko").catch(String)), /fetch/i);
  await page.waitForSelector("html[lang=en]:not([aria-busy])");
  await page.click("[data-control=lang-ko]");
  await page.click("[data-control=step]");
  await shows(page, "en");
  await page.unroute("**/words/ko.txt*");
  await page.click("[data-control=lang-ko]");
  await shows(page, "ko");
});

test("the language that was asked for last is shown", async ({ page, open }) => {
  await open();
  const release = await hold(page, "ko");
  await page.click("[data-control=lang-ko]");
  await page.waitForSelector("html[aria-busy]");
  await page.click("[data-control=lang-en]");
  release();
  await page.waitForSelector("html:not([aria-busy])");
  await shows(page, "en");
});
