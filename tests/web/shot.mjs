// A picture of the page, by hand:
//
//   node tests/web/shot.mjs [--url URL] [--out FILE] [--size 1280x800] [--theme light|dark] [--lang TAG] [--full]
//                           [ACTION...]
//
// Without --url it shows dist/ (run `./dev build` first); with `./dev serve` running, use
// --url http://127.0.0.1:8080/.  Actions are done in their order, after the page has been drawn:
//
//   click=SELECTOR   press=KEY   fill=SELECTOR=TEXT   wait=SELECTOR   eval=JAVASCRIPT   shot=FILE

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { artefacts, launch, root, serveDirectory } from "./browser.mjs";
import { contextOptions, mounted } from "./harness.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    out: { type: "string", default: join(artefacts, "shot.png") },
    size: { type: "string", default: "1280x800" },
    theme: { type: "string", default: "light" },
    lang: { type: "string", default: "en" },
    full: { type: "boolean", default: false },
  },
});

const site = values.url ? undefined : await serveDirectory(join(root, "dist"));
const browser = await launch();
try {
  const context = await browser.newContext(
    contextOptions({
      lang: values.lang,
      theme: values.theme,
      size: values.size.split("x").map(Number),
      reducedMotion: true,
      javascript: true,
    }),
  );
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("console", (message) => console.error(`console.${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => console.error(`thrown: ${error.stack ?? error}`));
  const picture = async (file) => {
    mkdirSync(dirname(file), { recursive: true });
    await page.screenshot({ path: file, fullPage: values.full });
    console.log(file);
  };
  await page.goto(values.url ?? site.url);
  await page.waitForSelector(mounted);
  for (const action of positionals) {
    const [, verb, argument] = /^(\w+)=(.*)$/s.exec(action) ?? [];
    if (verb === "click") await page.click(argument);
    else if (verb === "press") await page.keyboard.press(argument);
    else if (verb === "wait") await page.waitForSelector(argument);
    else if (verb === "eval") console.log(await page.evaluate(argument));
    else if (verb === "shot") await picture(argument);
    else if (verb === "fill") {
      // The selector ends at the first "=" outside of [].
      const [, selector, text] = /^((?:\[[^\]]*\]|[^=[])+)=(.*)$/s.exec(argument) ?? [];
      await page.fill(selector, text);
    } else throw new Error(`there is no action '${action}'`);
  }
  await picture(values.out);
} finally {
  await browser.close();
  await site?.close();
}
