// The port, and what it does: echo (default), deflate, deflate-takeover, broadcast, broadcast-deflate.
const mode = process.argv[3] ?? 'echo';
const compress = mode.includes('deflate');
const context = mode === 'deflate-takeover' ? 'dedicated' : 'shared';
const broadcasting = mode.startsWith('broadcast');

// For TLS: a certificate and its key.
const [certificate, key] = process.argv.slice(4);

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  tls: certificate && { cert: Bun.file(certificate), key: Bun.file(key) },
  fetch(request, server) {
    const path = new URL(request.url).pathname;
    if (path === '/hello') return new Response('Hello, World!');
    const sender = path === '/send';
    if (server.upgrade(request, { data: { sender } })) return;
    return new Response('A WebSocket request was expected.', { status: 400 });
  },
  websocket: {
    perMessageDeflate: compress && { compress: context, decompress: context },
    maxPayloadLength: 16 * 1024 * 1024,
    backpressureLimit: 64 * 1024 * 1024,
    open(socket) {
      if (broadcasting && !socket.data.sender) socket.subscribe('all');
    },
    message: broadcasting
      ? (socket, data) => { server.publish('all', data, compress); }
      : compress
        ? (socket, data) => { socket.send(data, true); }
        : (socket, data) => { socket.send(data); },
  },
});

console.log(`Now listening on: ${certificate ? 'https' : 'http'}://127.0.0.1:${server.port}`);
