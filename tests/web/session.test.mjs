// The blog's server and client in the page: what is drawn and what window.sockscope says, moment by moment.

import { assert, mounted, test } from "./harness.mjs";

/** Drives the page by `window.sockscope`; resolves to the view after the last call. */
const drive = (page, calls) =>
  page.evaluate(async (calls) => {
    for (const [name, ...rest] of calls) await window.sockscope[name](...rest);
    return window.sockscope.state();
  }, calls);

/** Steps until `wanted` holds of the view; resolves to that view. `wanted` runs in the page. */
const stepUntil = (page, kind, wanted) =>
  page.evaluate(
    async ([kind, wanted]) => {
      const holds = new Function("view", `return (${wanted})(view)`);
      for (let at = 0; at < 500; at += 1) {
        const view = window.sockscope.state();
        if (holds(view)) return view;
        if (view.cursor.atEnd) break;
        await window.sockscope.step(kind);
      }
      throw new Error(`never came: ${wanted}`);
    },
    [kind, wanted.toString()],
  );

/** The page as text, for comparing two visits to one moment: what is drawn, attributes in the order of their names. */
const snapshot = (page) =>
  page.evaluate(async (mounted) => {
    // Two frames: sizes that depend on what was drawn have been measured by then.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const told = (node) => {
      if (node.nodeType !== 1) return node.nodeType === 3 ? node.data : "";
      const attributes = [...node.attributes].map(({ name, value }) => `${name}=${JSON.stringify(value)}`).sort();
      return `<${[node.localName, ...attributes].join(" ")}>${[...node.childNodes].map(told).join("")}</>\n`;
    };
    return told(document.querySelector(mounted));
  }, mounted);

const states = (view) => view.sockets.map((socket) => socket.state);
const drawn = (page, state) => page.locator(`.socket[data-state="${state}"]`).count();

test("server and client are there at first sight", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  for (const name of ["server", "client"]) {
    const card = page.locator(`[data-process=${name}]`);
    assert.equal(await card.count(), 1);
    assert.ok((await card.locator("[data-line]").count()) > 20, "its source is there");
    assert.equal(await card.locator("[data-current]").count(), 1);
    assert.equal(await page.locator(`[data-fds=${name}] [data-next-fd="3"]`).count(), 1);
  }
  const view = await drive(page, []);
  assert.deepEqual(
    view.processes.map((process) => process.name),
    ["server", "client"],
  );
  assert.match(await page.locator("[data-process=client] [data-current]").innerText(), /socket\(AF_INET, SOCK_STREAM, 0\)/);
  assert.ok(view.cursor.complete, "a run this short is known whole");
});

for (const kind of ["packet", "syscall", "event", "line"]) {
  test(`steps by ${kind} lead to ESTABLISHED on both ends`, { size: [1440, 900] }, async ({ page, open }) => {
    await open();
    if (kind === "line") await page.evaluate(() => window.sockscope.select("server"));
    const view = await stepUntil(page, kind, (view) => view.sockets.filter((socket) => socket.state === "ESTABLISHED").length === 2);
    assert.equal(states(view).filter((state) => state === "ESTABLISHED").length, 2);
    // The client's card, and the server's: its own, or a place in the accept queue.
    const places = await page.locator('[data-sock][data-state="ESTABLISHED"]').count();
    assert.equal(places, 2);
    const ends = view.sockets.filter((socket) => socket.state === "ESTABLISHED");
    assert.equal(ends[0].local, ends[1].remote);
    assert.equal(ends[1].local, ends[0].remote);
    const client = ends.find((socket) => socket.role === "held" && socket.process === 1);
    assert.equal(client.portOrigin, "connectEphemeral");
    const port = client.localPort;
    assert.ok(port >= 32768 && port <= 60999 && port % 2 === 0, `an even ephemeral port: ${port}`);
    await page.waitForSelector(`[data-port="${port}"]`);
    await page.waitForSelector('[data-port="12345"]');
  });
}

test("a segment is drawn on its way", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const view = await stepUntil(page, "packet", (view) => view.wire.some((segment) => segment.inFlight && segment.flags === "SYN,ACK"));
  assert.equal(await page.locator('[data-packet][data-flags="SYN,ACK"][data-direction=down]').count(), 1);
  assert.equal(await page.locator('[data-segment][data-in-flight][data-flags="SYN,ACK"]').count(), 1);
  assert.equal(await drawn(page, "SYN-SENT"), 1);
  assert.equal(await page.locator("[data-queue=syn] [data-state='SYN-RECEIVED']").count(), 1);
  assert.equal(await page.locator("[data-process=client][data-activity=inCall] [data-call]").count(), 1);
  assert.equal(await page.locator("[data-process=server][data-activity=asleep]").count(), 1);
  assert.equal(await page.locator("[data-explain]").getAttribute("data-kind"), view.now.kind);
  await shot("syn-ack-travels-1440-light");
});

test("data goes both ways, then FIN and ACK both ways, then TIME-WAIT", { size: [1440, 900] }, async ({ page, open, shot }) => {
  await open();
  const waiting = await stepUntil(page, "event", (view) =>
    view.sockets.some((socket) => socket.connection && socket.connection.receiveQueue === 14 && socket.role === "held" && socket.process === 1),
  );
  assert.equal(waiting.sockets.find((socket) => socket.process === 1).connection.receiveText, "Hello, server!");
  assert.match(await page.locator('.socket:has([data-queue=receive][data-len="14"]) [data-queue=receive]').innerText(), /Hello, server!/);
  await shot("data-waits-1440-light");
  const view = await stepUntil(page, "packet", (view) => view.sockets.some((socket) => socket.state === "TIME-WAIT"));
  assert.equal(await drawn(page, "TIME-WAIT"), 1);
  const past = view.ladder.filter((segment) => !segment.future);
  const sent = (process, flags, len) =>
    past.some((segment) => segment.from.process === process && segment.flags.split(",").includes(flags) && (!len || segment.len === len));
  for (const process of [0, 1]) {
    assert.ok(sent(process, "PSH", 14), `data from ${process}`);
    assert.ok(sent(process, "FIN"), `FIN from ${process}`);
  }
  assert.equal(await page.locator("[data-segment]:not([data-future])").count(), past.length);
  await page.waitForSelector(".socket[data-state='TIME-WAIT'] [data-timer=timeWait]");
  await shot("time-wait-1440-light");
});

test("back and scrub return to identical pictures", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  const before = [];
  for (let at = 0; at < 12; at += 1) {
    before.push([await snapshot(page), await page.evaluate(() => JSON.stringify(window.sockscope.state()))]);
    await drive(page, [["step", "syscall"]]);
  }
  for (const [picture, view] of before.reverse()) {
    await drive(page, [["back", "syscall"]]);
    assert.equal(await page.evaluate(() => JSON.stringify(window.sockscope.state())), view);
    assert.equal(await snapshot(page), picture);
  }
  await drive(page, [["seek", 60]]);
  const [there, view] = [await snapshot(page), await drive(page, [])];
  await drive(page, [["seek", 150]]);
  await drive(page, [["seek", 10]]);
  await drive(page, [["seek", 60]]);
  assert.deepEqual(await drive(page, []), view);
  assert.equal(await snapshot(page), there);
});

test("the scrubber is dragged and speaks", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  const track = page.locator("[data-control=scrubber]");
  const box = await track.boundingBox();
  await page.mouse.move(box.x + 10, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 5 });
  await page.mouse.up();
  const { cursor } = await drive(page, []);
  assert.ok(Math.abs(cursor.event - cursor.events / 2) <= 2, `in the middle: ${cursor.event} of ${cursor.events}`);
  assert.equal(await track.getAttribute("aria-valuenow"), String(cursor.event));
  assert.equal(await track.getAttribute("data-event"), String(cursor.event));
  await track.press("ArrowLeft");
  assert.equal((await drive(page, [])).cursor.event, cursor.event - 1);
  await track.press("End");
  const end = (await drive(page, [])).cursor;
  assert.equal(end.event, end.events);
});

test("the program that runs next is the user's choice", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  const view = await drive(page, []);
  assert.deepEqual(view.choice.processes, [0, 1]);
  await page.click("[data-choose=client]");
  const after = await drive(page, [["step", "syscall"]]);
  assert.equal(after.strace.at(-1).process, 1);
  assert.match(after.strace.at(-1).text, /^socket\(/);
});

test("everything by keyboard", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  const event = async () => (await drive(page, [])).cursor.event;
  const first = await event();
  await page.keyboard.press("3");
  await page.waitForSelector('[data-kind=packet][aria-pressed="true"]');
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("[data-explain]").getAttribute("data-kind"), "SegmentSent");
  const there = await event();
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await event(), there + 1);
  await page.keyboard.press("Shift+ArrowLeft");
  assert.equal(await event(), there);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await event(), first);
  await page.keyboard.press("End");
  assert.ok((await event()) > 100);
  await page.keyboard.press("Home");
  assert.equal(await event(), first);
  await page.keyboard.press("n");
  assert.equal((await drive(page, [])).now.kind, "TimerExpired");
  await page.keyboard.press("Home");
  await page.keyboard.press("t");
  await page.waitForSelector("html[data-theme=dark]");
  await page.keyboard.press("l");
  await page.waitForSelector("html[lang=ko]");
  await page.keyboard.press("?");
  await page.waitForSelector("[data-dialog=help][open]");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[data-dialog=help]:not([open])", { state: "attached" });
  await page.keyboard.press(" ");
  await page.waitForSelector("[data-playing]");
  await page.waitForFunction((first) => window.sockscope.state().cursor.event > first, first);
  await page.keyboard.press(" ");
  await page.waitForSelector("[data-app]:not([data-playing])");
  // Every control is reached by Tab, and shows that it is.
  const reached = new Set();
  for (let at = 0; at < 60; at += 1) {
    await page.keyboard.press("Tab");
    const on = await page.evaluate(() => {
      const element = document.activeElement;
      return [element.dataset.control ?? "", element.matches(":focus-visible"), getComputedStyle(element).outlineStyle];
    });
    if (on[0]) {
      assert.ok(on[1] && on[2] !== "none", `${on[0]} shows its focus`);
      reached.add(on[0]);
    }
  }
  for (const control of ["step", "back", "reset", "play", "next-timer", "scrubber", "theme", "help", "lang-ko"]) {
    assert.ok(reached.has(control), `${control} is reached by Tab`);
  }
});

test("both languages, and the choice is kept", { size: [1440, 900], lang: "ko-KR" }, async ({ page, open, shot }) => {
  await open();
  assert.equal(await page.getAttribute("html", "lang"), "ko");
  await page.waitForSelector("text=디스크립터");
  await stepUntil(page, "packet", (view) => view.sockets.filter((socket) => socket.state === "ESTABLISHED").length === 2);
  const korean = await page.locator("[data-explain]").innerText();
  assert.match(korean, /[가-힣]/);
  await shot("established-1440-light-ko");
  await page.click("[data-control=lang-en]");
  await page.waitForSelector(`${mounted}[data-lang=en]`);
  const english = await page.locator("[data-explain]").innerText();
  assert.doesNotMatch(english, /[가-힣]/);
  await page.reload();
  await page.waitForSelector(mounted);
  assert.equal(await page.getAttribute("html", "lang"), "en");
  const untold = await page.locator("button, h2, .chip, .hint, [role=tab]").allInnerTexts();
  for (const text of untold.filter((text) => text !== "한국어")) assert.doesNotMatch(text, /[가-힣]/);
});

test("the descriptions for those who hear the page", { size: [1440, 900] }, async ({ page, open }) => {
  await open();
  for (const button of await page.locator("button:visible").all()) {
    const name = (await button.getAttribute("aria-label")) ?? (await button.innerText());
    assert.ok(name.trim(), `a button has a name: ${await button.evaluate((element) => element.outerHTML)}`);
  }
  assert.equal(await page.locator("[data-explain][aria-live=polite]").count(), 1);
  assert.equal(await page.locator("[role=slider][aria-valuenow][aria-valuemax]").count(), 1);
});
