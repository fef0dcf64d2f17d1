// A WebSocket peer that does only what the test tells it, when it tells it: the server that is slow to accept,
// sends binary data, or leaves a Close unanswered. It reads nothing and answers nothing of its own accord.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

export async function startScriptedPeer() {
  const server = createServer();
  let key;
  let connection;
  const requested = once(server, "upgrade").then(([request, socket]) => {
    key = request.headers["sec-websocket-key"];
    connection = socket;
    socket.on("error", () => {}); // the browser may reset
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    requested, // settles when the browser's handshake has arrived
    accept() {
      const answer = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${answer}\r\n\r\n`);
    },
    // One final frame with a payload of at most 125 bytes. After a Close the peer ends the connection.
    send(opcode, payload) {
      connection.write(Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]));
      if (opcode === 0x8) connection.end();
    },
    stop() {
      connection?.destroy();
      server.close();
    },
  };
}
