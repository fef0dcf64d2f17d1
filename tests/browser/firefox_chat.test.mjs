// The SignalR chat sample in Firefox, over each transport, and the server's log of its sockets.
//
//   SAKER_SIGNALR_CHAT   the server program (required)
//
// Nothing here sleeps: every step waits for a condition, with a time limit.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { click, expectText, fill, overEachCarrier } from "./firefox.mjs";
import { eventually, limit, within } from "./programs.mjs";

const transports = [["WebSockets", 1, "socket"], ["Server-Sent Events", 2, "events"], ["long polling", 4, "polls"]];

async function say(page, user, text) {
  await fill(page, "#userInput", user);
  await fill(page, "#messageInput", text);
  await click(page, "#sendButton");
}

async function join(page, room) {
  await fill(page, "#roomInput", room);
  await click(page, "#joinButton");
}

// What a page that watches the server's load is told. A poll that nobody repeats is missed only after a while.
const expectConnected = (page, count) => expectText(page, "#loadLabel", `, ${count} connected`, 3 * limit);

// In the page: one more client of it, which says something 50 times a second; settles when it has heard some of that.
async function keepTalking(transport) {
  const connection = new signalR.HubConnectionBuilder().withUrl("chat", { transport }).build();
  await connection.start();
  await new Promise((done, failed) => {
    let heard = 0;
    connection.onclose(failed);
    connection.on("ReceiveMessage", () => { if (++heard === 20) done(); });
    setInterval(() => connection.send("Send", "Talker", "and so on").catch(failed), 20);
  });
}

overEachCarrier({ variable: "SAKER_SIGNALR_CHAT", more: ["--log-level", "debug"] }, (given) => {
  const { carrier } = given;

  // The protocols that the server says sockets were opened over, and the ends of those.
  const opened = () => Array.from(given.server.output.matchAll(/A WebSocket has been opened over (\S+)/g), ([, protocol]) => protocol);
  const ended = () => given.server.output.match(/A WebSocket has ended/g) ?? [];

  // A page that is connected; { page, asked } with how it has asked for messages.
  async function openChat(transport, options) {
    const page = await given.openPage(options);
    await expectText(page, "#state", "Connected.");
    const asked = new Set();
    const before = opened().length;
    page.on("request", (request) => {
      if (request.method() !== "GET" || !/\/chat\?/.test(request.url())) return;
      if (request.headers().accept === "text/event-stream") asked.add("events");
      if (/[?&]_=/.test(request.url())) asked.add("polls");
    });
    await page.select("#transport", `${transport}`);
    await expectText(page, "#state", "Connected over ");
    if (transport === 1) await eventually(() => opened().length > before, "the server's word of the socket");
    for (const each of opened().slice(before)) {
      assert.equal(each, carrier.protocol);
      asked.add("socket");
    }
    return { page, asked };
  }

  afterEach(() => eventually(() => opened().length === ended().length, "the end of all sockets", 3 * limit));

  // The preference is nothing to the others.
  const some = "network.http.http2.websockets" in carrier.preferences ? transports.slice(0, 1) : transports;
  for (const [name, transport, way] of some) {
    test(`two pages talk, with a room and streams (${name})`, async () => {
      const chats = [await openChat(transport), await openChat(transport)];
      const [anna, bert] = chats.map(({ page }) => page);
      await say(anna, "Anna", "<b>hello</b> \u{1F44B}");
      for (const each of [anna, bert]) await expectText(each, "#messagesList", "Anna says <b>hello</b> \u{1F44B}");
      await say(bert, "Bert", "x".repeat(500));
      for (const each of [anna, bert]) await expectText(each, "#messagesList li:last-child", `Bert says ${"x".repeat(500)}`);

      for (const each of [anna, bert]) await join(each, "falcons");
      for (const each of [anna, bert]) await expectText(each, "#people", "falcons: 2 here");
      await fill(bert, "#roomMessageInput", "in the room");
      await expectText(anna, "#typing", "Bert is typing");
      await click(bert, "#roomSendButton");
      for (const each of [anna, bert]) await expectText(each, "#roomMessages", "Bert: in the room");

      await click(anna, "#loadButton");
      await expectConnected(anna, 2);
      await click(anna, "#loadButton");
      await expectText(anna, "#loadButton", "Watch");
      await fill(anna, "#uploadText", `${"x".repeat(99)}\n`.repeat(50));
      await click(anna, "#uploadButton");
      await expectText(anna, "#uploadReport", "79 pieces, 5000 bytes, 50 line breaks arrived.", 3 * limit);

      for (const { page, asked } of chats) {
        assert.deepEqual([...asked], [way]);
        const protocols = await page.evaluate(() => performance.getEntriesByType("resource").map((each) => each.nextHopProtocol));
        assert.deepEqual(new Set(protocols), new Set([carrier.requests]));
      }
    });

    test(`a page is loaded again, and closed, while messages come (${name})`, async () => {
      const { page: anna } = await openChat(transport);
      const { page: bert } = await openChat(transport, { errorsExpected: true });
      await join(anna, "falcons");
      await click(anna, "#loadButton");
      await within(bert.evaluate(keepTalking, transport), "the talk", 3 * limit);
      await expectConnected(anna, 3);
      await bert.reload();
      await expectText(bert, "#state", `Connected over ${name}.`); // Firefox keeps what was chosen
      await join(bert, "falcons");
      await expectText(anna, "#people", "falcons: 2 here");
      await within(bert.evaluate(keepTalking, transport), "the talk", 3 * limit);
      await bert.close();
      await expectText(anna, "#people", "falcons: 1 here", 3 * limit);
      await expectConnected(anna, 1);
      await say(anna, "Anna", "still here");
      await expectText(anna, "#messagesList li:last-child", "Anna says still here");
    });
  }

  test("the pages come back after the server was away", async () => {
    const pages = [await given.openPage({ errorsExpected: true }), await given.openPage({ errorsExpected: true })];
    for (const page of pages) await expectText(page, "#state", "Connected.");
    const { process, exited, port } = given.server;
    process.kill("SIGTERM");
    assert.deepEqual(await within(exited, "the end of the server"), { code: 0, signal: null });
    for (const page of pages) await expectText(page, "#state", "The connection was lost.");
    await given.start(port);
    for (const page of pages) await expectText(page, "#state", "Connected again.", 3 * limit);
    await say(pages[0], "Anna", "back");
    await expectText(pages[1], "#messagesList", "Anna says back");
  });
});
