// A way to a server that can be cut.

import { once } from "node:events";
import net from "node:net";

// { address, hold, cut, refuses, close }: the address is the server's, on a port of its own.
export async function startWire(server) {
  const pairs = new Set();
  let refusing = false;
  const listener = net.createServer((near) => {
    near.on("error", () => {});
    if (refusing) { near.resetAndDestroy(); return; }
    const far = net.connect(server.port, "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => { to.destroy(); pairs.delete(pair); });
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = new URL(server.address);
  address.port = listener.address().port;
  return {
    address: address.origin,
    // What is on its way from now on gets no further, until it is cut off.
    hold() { for (const pair of pairs) for (const each of Object.values(pair)) each.unpipe().pause(); },
    cut() { for (const { near, far } of pairs) { near.resetAndDestroy(); far.resetAndDestroy(); } },
    set refuses(value) { refusing = value; },
    close() { this.cut(); listener.close(); },
  };
}
