// The port, and what it does: echo (default), deflate, deflate-takeover, broadcast, broadcast-deflate.
import { WebSocketServer, WebSocket } from 'ws';

const mode = process.argv[3] ?? 'echo';
const takeover = mode === 'deflate-takeover';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  perMessageDeflate: mode.includes('deflate') && {
    serverNoContextTakeover: !takeover,
    clientNoContextTakeover: !takeover,
  },
});

function echo(socket) {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

const members = new Set();

function takePart(socket, request) {
  if (request.url === '/send') {
    socket.on('message', (data, isBinary) => {
      for (const each of members) {
        if (each.readyState === WebSocket.OPEN) each.send(data, { binary: isBinary });
      }
    });
  } else {
    members.add(socket);
    socket.on('close', () => members.delete(socket));
  }
}

server.on('connection', (socket, request) => {
  socket.on('error', () => socket.terminate());
  (mode.startsWith('broadcast') ? takePart : echo)(socket, request);
});

server.on('listening', () => {
  console.log(`Now listening on: http://127.0.0.1:${server.address().port}`);
});
