const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response('A WebSocket request was expected.', { status: 400 });
  },
  websocket: {
    perMessageDeflate: false,
    maxPayloadLength: 16 * 1024 * 1024,
    backpressureLimit: 64 * 1024 * 1024,
    message(socket, data) {
      socket.send(data);
    },
  },
});

console.log(`Now listening on: http://127.0.0.1:${server.port}`);
