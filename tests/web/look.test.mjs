// Nothing is cut and nothing overflows; pictures of telling moments are kept.

import { assert, mounted, test } from "./harness.mjs";

const moments = {
  begin: null,
  handshake: (view) => view.wire.some((segment) => segment.inFlight && segment.flags === "SYN,ACK"),
  established: (view) => view.sockets.some((socket) => socket.role === "held" && socket.connection?.receiveQueue === 14),
  closing: (view) => view.sockets.some((socket) => socket.state === "TIME-WAIT"),
};

async function go(page, moment) {
  await page.evaluate(async (wanted) => {
    if (!wanted) return;
    const holds = new Function("view", `return (${wanted})(view)`);
    for (let at = 0; at < 400 && !holds(window.sockscope.state()); at += 1) await window.sockscope.step("event");
  }, moments[moment]?.toString());
}

/** The page does not scroll, and no text that says something is cut off at its side without a way to see it. */
async function nothingOverflows(page) {
  const told = await page.evaluate(() => {
    const root = document.documentElement;
    const wide = root.scrollWidth > root.clientWidth || root.scrollHeight > root.clientHeight;
    const outside = [...document.querySelectorAll("button, .state, .panel, .chip, .address")]
      .filter((element) => element.getClientRects().length > 0)
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < -0.5 || right > root.clientWidth + 0.5;
      })
      .map((element) => element.outerHTML.slice(0, 120));
    const small = [...document.querySelectorAll("body *")]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .filter((element) => element.getClientRects().length > 0 && parseFloat(getComputedStyle(element).fontSize) < 12)
      .map((element) => element.outerHTML.slice(0, 120));
    const cut = [...document.querySelectorAll(".socket")]
      .filter((card) => card.scrollHeight > card.clientHeight + 1 || card.scrollWidth > card.clientWidth + 1)
      .map((card) => card.innerText.slice(0, 120));
    return { wide, outside, small, cut };
  });
  assert.deepEqual(told, { wide: false, outside: [], small: [], cut: [] });
}

for (const [size, name] of [
  [[1440, 900], "1440"],
  [[1280, 720], "1280"],
]) {
  for (const theme of ["light", "dark"]) {
    for (const lang of ["en", "ko"]) {
      test(`desktop ${name} ${theme} ${lang}`, { size, theme, lang, reducedMotion: true }, async ({ page, open, shot }) => {
        await open();
        for (const moment of Object.keys(moments)) {
          await go(page, moment);
          await shot(`${moment}-${name}-${theme}-${lang}`);
          await nothingOverflows(page);
        }
      });
    }
  }
}

for (const theme of ["light", "dark"]) {
  for (const lang of ["en", "ko"]) {
    test(`phone ${theme} ${lang}`, { size: [390, 844], theme, lang, reducedMotion: true }, async ({ page, open, shot }) => {
      await open();
      for (const moment of ["handshake", "established", "closing"]) {
        await go(page, moment);
        for (const pane of ["program", "kernel", "wire", "lesson"]) {
          await page.click(`[data-show-pane=${pane}]`);
          await page.waitForSelector(`${mounted}[data-show=${pane}]`);
          await shot(`${moment}-390-${theme}-${lang}-${pane}`);
          await nothingOverflows(page);
        }
      }
      assert.ok(await page.locator("[data-control=step]").isVisible());
      assert.ok(await page.locator("[data-control=scrubber]").isVisible());
    });
  }
}

for (const [size, lang] of [
  [[1440, 900], "ko"],
  [[1280, 720], "ko"],
  [[390, 844], "en"],
]) {
  test(`what a step changed is whole or in the list that opens, ${size[0]} ${lang}`, { size, lang, reducedMotion: true }, async ({ page, open }) => {
    await open();
    if (size[0] < 1000) await page.click("[data-show-pane=kernel]");
    const look = () =>
      page.evaluate(async () => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const list = document.querySelector(".changes ul");
        if (!list) return { cut: [], unseen: 0, opens: false };
        const room = list.getBoundingClientRect();
        const changes = [...list.children].map((change) => [change.getBoundingClientRect(), change.textContent]);
        const within = ({ right, bottom }) => right <= room.right + 0.5 && bottom <= room.bottom + 0.5;
        const below = ({ top }) => top >= room.bottom - 0.5;
        return {
          cut: changes.filter(([at]) => !within(at) && !below(at)).map(([, text]) => text),
          unseen: changes.filter(([at]) => below(at)).length,
          opens: document.querySelector(".changes summary").getClientRects().length > 0,
        };
      });
    let many = 0;
    for (let step = 0; step < 100; step += 1) {
      const view = await page.evaluate(() => window.sockscope.step("syscall"));
      const { cut, unseen, opens } = await look();
      assert.deepEqual(cut, [], `event ${view.cursor.event}`);
      assert.ok(unseen === 0 || opens, `event ${view.cursor.event}: ${unseen} are out of sight`);
      if (unseen > 0 && many < unseen) {
        many = unseen;
        await page.click(".changes summary");
        assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".changes ul")).overflowY), "auto");
        assert.equal(await page.locator(".changes summary").innerText(), String(await page.locator("[data-change]").count()));
        await page.click(".changes summary");
      }
      if (view.cursor.atEnd) break;
    }
    assert.ok(many > 5, "a step of many changes was there");
  });
}
