// What a test file imports:
//
//   import { assert, test, mounted } from "./harness.mjs";
//
//   test("the language switch shows Korean", { lang: "en" }, async ({ page, open, shot }) => {
//     await open();
//     await page.click("[data-action=language]");
//     await page.waitForSelector(":text('소켓')");
//     await shot("korean");
//   });
//
// Every test gets a page of its own in a fresh profile.  It fails if it throws, outlives its time, or if the page
// logs an error, throws one, or asks for anything from elsewhere than where it came from.  Never sleep: wait for
// what is drawn (page.waitForSelector, page.waitForFunction); every wait ends after ten seconds.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { artefacts } from "./browser.mjs";

export { assert };

/** The page that Yew has drawn. */
export const mounted = "[data-app=sockscope]";

/** Every wait's bound, in milliseconds. */
const waitAtMost = 10_000;

const defaults = {
  /** The browser's language, a BCP 47 tag. */
  lang: "en",
  /** "light" or "dark". */
  theme: "light",
  /** The window's size. */
  size: [1280, 800],
  reducedMotion: false,
  javascript: true,
  /** For tests of failures: errors that the page logs or throws do not fail the test. */
  errors: false,
  /** The whole test's bound, in milliseconds. */
  timeout: 60_000,
};

const tests = [];

/** Adds a test. `options` is any part of `defaults`. */
export function test(name, options, run) {
  if (typeof options === "function") [options, run] = [{}, options];
  if (tests.some((other) => other.name === name)) throw new Error(`two tests are called '${name}'`);
  for (const option of Object.keys(options)) {
    if (!(option in defaults)) throw new Error(`'${name}': there is no option '${option}'`);
  }
  tests.push({ name, options: { ...defaults, ...options }, run });
}

/** All tests of the files that have been imported. */
export const registered = () => tests;

/** The settings of a browser context for a test's options. */
export function contextOptions({ lang, theme, size, reducedMotion, javascript }) {
  return {
    locale: lang,
    colorScheme: theme,
    viewport: { width: size[0], height: size[1] },
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    javaScriptEnabled: javascript,
    serviceWorkers: "block",
  };
}

const fileName = (name) => name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");

/** Runs one test against `site` (`{ url, below }`). Throws what failed. */
export async function runTest(browser, site, { name, options, run }) {
  const context = await browser.newContext(contextOptions(options));
  context.setDefaultTimeout(waitAtMost);
  const page = await context.newPage();
  const complaints = [];
  const strays = [];
  const requests = [];
  let origin;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console.${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`thrown: ${error.stack ?? error}`));
  page.on("crash", () => complaints.push("the page's process died"));
  page.on("request", (request) => {
    const url = new URL(request.url());
    requests.push(url.href);
    if (["http:", "https:"].includes(url.protocol) && origin && url.origin !== origin) {
      strays.push(`asked for ${url.href}`);
    }
  });
  mkdirSync(artefacts, { recursive: true });

  const handed = {
    page,
    context,
    site,
    /** What the page has asked for so far. */
    requests,
    /** Opens the page, or another address; waits until Yew has drawn it, unless `drawn` is false. */
    async open({ url = site.url, drawn = true } = {}) {
      origin = new URL(url).origin;
      await page.goto(url, { waitUntil: "commit" });
      if (drawn) await page.waitForSelector(mounted);
    },
    /** Keeps a screenshot as artefacts/NAME.png. */
    async shot(shotName, more = {}) {
      await page.screenshot({ path: join(artefacts, `${fileName(shotName)}.png`), ...more });
    },
  };

  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${options.timeout / 1000} s`)), options.timeout);
  });
  try {
    await Promise.race([run(handed), tooLong]);
    if (!options.errors) assert.deepEqual(complaints, [], "the page complained");
    assert.deepEqual(strays, [], "the page asked for something from elsewhere");
  } catch (error) {
    const picture = `failed-${fileName(name)}.png`;
    await page.screenshot({ path: join(artefacts, picture), timeout: 5_000 }).catch(() => {});
    if (complaints.length) error.message += `\nThe page said:\n  ${complaints.join("\n  ")}`;
    error.message += `\nThe page's picture: artefacts/${picture}`;
    throw error;
  } finally {
    clearTimeout(timer);
    await Promise.race([context.close(), new Promise((done) => setTimeout(done, 5_000).unref())]);
  }
}
