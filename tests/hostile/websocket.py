"""WebSockets over HTTP/1.1, TLS and HTTP/2."""
import random
import zlib

from harness import MIB, Turns, add
from http2 import CLOSED_WINDOW
from wire import DATA, DEFLATE, END_STREAM, PING, PONG, TEXT, close_frame, frame, h2, h2_upgrade, literal, upgrade

KIB = 1024
# A message, the read-ahead with one read on top, send_buffer_limit, and on HTTP/2 the windows of the stream.
SOCKET = MIB
# 16 MiB of broadcasts may wait for a loop to take them.
ROOM = 17 * MIB
COMPRESSED = SOCKET + 300 * KIB


class Carrier:
    """A WebSocket over HTTP/1.1: its frames are the bytes."""
    connection = {}

    def handshake(self, path, fields=''):
        return upgrade(path, fields)

    def wrap(self, data):
        return data

    def open(self, attack, path, fields=''):
        client = attack.connect(**self.connection).send_all(self.handshake(path, fields))
        client.receive_until(b'\r\n\r\n')
        return client

    end = b''


class OverTls(Carrier):
    connection = {'tls': True}


class OverHttp2(Carrier):
    """The client lets the server send nothing on the stream, and fills the stream's window and no more."""
    window = 64 * KIB - 1

    def handshake(self, path, fields=''):
        return CLOSED_WINDOW + h2_upgrade(1, path, literal(b'sec-websocket-extensions', b'permessage-deflate') if fields else b'')

    def wrap(self, data):
        return b''.join(h2(DATA, 0, 1, data[at:at + 16384]) for at in range(0, len(data), 16384))

    def open(self, attack, path, fields=''):
        client = attack.connect(receive_buffer=65536).send_all(self.handshake(path, fields))
        client.receive_until(b'\x88')  # :status: 200
        return client

    end = h2(DATA, END_STREAM, 1)


CARRIERS = {'HTTP/1': Carrier(), 'TLS': OverTls(), 'HTTP/2': OverHttp2()}


TURNS = Turns(CARRIERS)


def add_over(carrier_name, name, run, **more):
    add(f'websocket over {carrier_name}: {name}', run, short=TURNS.comes(carrier_name), **more)


class Window:
    """How much a client may still send on its stream of HTTP/2: what its WINDOW_UPDATEs say."""

    def __init__(self, client):
        self.client, self.left, self.text = client, OverHttp2.window, b''

    def grant(self):
        self.text += self.client.receive() or b''
        while len(self.text) >= 9 + int.from_bytes(self.text[:3], 'big'):
            size = int.from_bytes(self.text[:3], 'big')
            if self.text[3] == 8 and self.text[8] == 1:
                self.left += int.from_bytes(self.text[9:13], 'big')
            self.text = self.text[9 + size:]
        return self.left


def flood(carrier, path, blob, fields='', count=2, first=b''):
    def run(attack):
        whole = carrier.wrap(blob)
        windows = {}

        def open_one():
            client = carrier.open(attack, path, fields)
            windows[client] = Window(client)
            return client.send_all(carrier.wrap(first))
        clients = [open_one() for _ in range(count)]

        def make(client):
            if not isinstance(carrier, OverHttp2):
                return whole
            if windows[client].grant() < len(blob):
                return b''
            windows[client].left -= len(blob)
            return whole
        attack.flood(clients, make, again=None if attack.is_short else open_one)
        attack.hold()
    return run


def repeat(one, size=32 * KIB):
    return one * max(1, size // len(one))


def deflated(data):
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)[:-4]


EMPTY_DEFLATED = frame(deflated(b''), TEXT, compressed=True)
NOISE = random.Random(1).randbytes(4000)
FLOODS = {
    # What is answered, and not read.
    'owe echoes of empty messages': ('/ws/messages', repeat(frame())),
    'owe echoes of empty parts': ('/ws/parts', repeat(frame())),
    'owe echoes of one byte': ('/ws/messages', repeat(frame(b'x', TEXT))),
    'owe echoes of 4 KiB': ('/ws/messages', repeat(frame(b'x' * 4096))),
    'owe echoes of 4 KiB in parts': ('/ws/parts', repeat(frame(b'x' * 4096))),
    'owe echoes of 30 KiB': ('/ws/messages', repeat(frame(b'x' * 30000))),
    'owe pongs': ('/ws/messages', repeat(frame(b'', PING))),
    'owe long pongs': ('/ws/messages', repeat(frame(b'p' * 125, PING))),
    'owe pongs of a deaf handler': ('/ws/deaf', repeat(frame(b'p' * 125, PING))),
    'owe pongs and echoes': ('/ws/messages', repeat(frame(b'p' * 125, PING) + frame(b'x' * 100))),
    'owe pongs of a pushing handler': ('/ws/push', repeat(frame(b'p' * 125, PING))),
    'owe pushed messages': ('/ws/push', repeat(frame(b'', PONG))),
    'owe tried messages': ('/ws/try-push', repeat(frame(b'', PONG))),
    'owe messages of a room': ('/ws/room', repeat(frame(b'x' * 100, TEXT))),
    'owe messages of a dropping room': ('/ws/dropping-room', repeat(frame(b'x' * 100, TEXT))),
    'owe messages of a silent room': ('/ws/room', repeat(frame(b'', PONG))),
    # The smallest item of each queue.
    'smallest messages of a busy handler': ('/ws/busy', repeat(frame())),
    'smallest texts of a busy handler': ('/ws/busy', repeat(frame(b'', TEXT))),
    'smallest full messages of a busy handler': ('/ws/busy', repeat(frame(b'x'))),
    'smallest messages of a deaf handler': ('/ws/deaf', repeat(frame())),
    'smallest fragments of a busy handler': ('/ws/busy', repeat(frame(op=0, fin=False)), frame(b'x'), frame(b'x', TEXT, fin=False)),
    'smallest full fragments of a busy handler': ('/ws/busy', repeat(frame(b'y', op=0, fin=False)), frame(b'x'), frame(b'x', TEXT, fin=False)),
    'smallest fragments of a deaf handler': ('/ws/deaf', repeat(frame(op=0, fin=False)), b'', frame(b'x', TEXT, fin=False)),
    'smallest fragments of a message': ('/ws/messages', repeat(frame(op=0, fin=False)), b'', frame(b'x', TEXT, fin=False)),
    'smallest full fragments of a message': ('/ws/messages', repeat(frame(b'y', op=0, fin=False)), b'', frame(b'x', TEXT, fin=False)),
    'smallest fragments in parts': ('/ws/parts', repeat(frame(op=0, fin=False)), b'', frame(b'x', TEXT, fin=False)),
    'smallest pongs': ('/ws/messages', repeat(frame(b'', PONG))),
    'smallest pongs of a deaf handler': ('/ws/deaf', repeat(frame(b'', PONG))),
    'smallest pongs between fragments': ('/ws/busy', repeat(frame(b'', PONG) + frame(op=0, fin=False)), b'', frame(b'x', TEXT, fin=False)),
    'a message too large': ('/ws/messages', repeat(frame(b'x' * 10000, op=0, fin=False)), b'', frame(b'x', TEXT, fin=False)),
    # Compressed.
    'owe compressed echoes': ('/ws/compressed', repeat(frame(deflated(b'x' * 1000), TEXT, compressed=True)), b'', b'', DEFLATE),
    'owe echoes of what expands': ('/ws/compressed', repeat(frame(deflated(b'x' * 200 * KIB), TEXT, compressed=True)), b'', b'', DEFLATE),
    'owe echoes of noise': ('/ws/compressed', repeat(frame(NOISE)), b'', b'', DEFLATE),
    'smallest compressed messages': ('/ws/compressed', repeat(EMPTY_DEFLATED), b'', b'', DEFLATE),
    'smallest compressed messages of a busy handler': ('/ws/compressed-busy', repeat(EMPTY_DEFLATED), frame(b'x'), b'', DEFLATE),
    'smallest compressed fragments of a busy handler': ('/ws/compressed-busy', repeat(frame(op=0, fin=False)), frame(b'x'),
                                                        frame(b'', TEXT, False, True), DEFLATE),
    'what expands for a busy handler': ('/ws/compressed-busy', repeat(frame(deflated(b'x' * 200 * KIB), TEXT, compressed=True)), b'', b'', DEFLATE),
    'what expands too much': ('/ws/compressed', frame(deflated(b'x' * 20 * MIB), TEXT, compressed=True), b'', b'', DEFLATE),
    # Wrong, again and again.
    'frames after a Close': ('/ws/messages', repeat(frame(b'x')), b'', close_frame()),
    'Closes': ('/ws/messages', repeat(close_frame())),
    'Closes of a deaf handler': ('/ws/deaf', repeat(close_frame())),
    'frames after an error': ('/ws/messages', repeat(frame(b'x', op=7))),
}


def add_flood(carrier_name, name, path, blob, first=b'', second=b'', fields=''):
    add_over(carrier_name, name, flood(CARRIERS[carrier_name], path, blob, fields, first=first + second),
             each=ROOM if 'room' in path else COMPRESSED if fields else SOCKET, connections=2)


# --- Never finish, one byte a second, vanish ---

STATES = {
    'at once': ('/ws/messages', b''),
    'in the head of a frame': ('/ws/messages', b'\x81'),
    'in a length': ('/ws/messages', b'\x81\xff\0\0'),
    'in a huge frame': ('/ws/messages', frame(b'x' * 100, announced=2**62)),
    'in a frame': ('/ws/messages', frame(b'x' * 100, announced=200 * KIB)),
    'in parts of a frame': ('/ws/parts', frame(b'x' * 100, announced=200 * KIB)),
    'in a message': ('/ws/messages', frame(b'x' * 100, fin=False)),
    'in a compressed message': ('/ws/compressed', frame(deflated(b'x' * 1000)[:9], TEXT, False, True)),
    'in an echo': ('/ws/messages', frame(b'x' * 30000)),
    'while a handler is busy': ('/ws/busy', frame(b'x') * 3),
    'while a handler is deaf': ('/ws/deaf', frame(b'x') * 3),
    'in a push': ('/ws/push', b''),
    'in tried sends': ('/ws/try-push', b''),
    'in a room': ('/ws/room', b''),
    'in a dropping room': ('/ws/dropping-room', frame(b'x', TEXT)),
    'after a Close': ('/ws/messages', close_frame()),
    'after a Close of a busy handler': ('/ws/busy', frame(b'x') + close_frame()),
    'after a Close in a push': ('/ws/push', close_frame()),
    'after an error': ('/ws/messages', b'\xff\xff'),
}


def add_states(carrier_name, name, path, begin):
    carrier = CARRIERS[carrier_name]
    fields = DEFLATE if 'compressed' in path else ''

    def never_finish(attack):
        for _ in range(attack.number(60)):
            carrier.open(attack, path, fields).send_all(carrier.wrap(begin))
        attack.hold()

    def vanish(attack):
        def visit(client, number):
            client.send_all(carrier.handshake(path, fields))
            client.receive_until(b'\x88' if isinstance(carrier, OverHttp2) else b'\r\n\r\n', 1)
            client.send_all(carrier.wrap(begin))
            client.vanish(number)
        attack.open_and_leave(60, visit, **carrier.connection)
        attack.hold()
    # Pings without an answer end the silent ones.
    add_over(carrier_name, f'never finish {name}', never_finish, each=SOCKET, connections=60, ends=6)
    add_over(carrier_name, f'vanish {name}', vanish, each=SOCKET, connections=60, ends=6)


def add_slow(carrier_name, name, path, data):
    carrier = CARRIERS[carrier_name]

    def slowly(attack):
        attack.drip([carrier.open(attack, path) for _ in range(attack.number(60))], data, carrier.wrap)
    add_over(carrier_name, f'a byte a second {name}', slowly, each=SOCKET, connections=60)


def add_opens(carrier_name):
    carrier = CARRIERS[carrier_name]
    for name, path, then in (('and stay', '/ws/messages', b''), ('and close', '/ws/messages', close_frame()), ('and end', '/ws/messages', None),
                             ('rooms', '/ws/room', None)):
        def visit(client, _, path=path, then=then):
            client.send_all(carrier.handshake(path))
            if then is None:
                client.send(carrier.end)
                client.reset()
            elif then:
                client.send(carrier.wrap(then))
        # An idle socket takes about 2 KiB; over TLS and HTTP/2 what carries it is more.
        most = 200 if name == 'rooms' else 1000
        each = 290 * KIB if name == 'rooms' else 55 * KIB
        add_over(carrier_name, f'open {name}',
            lambda attack, visit=visit, most=most: attack.open_and_leave(most, visit, **carrier.connection), each=each, connections=most)


for carrier_name in CARRIERS:
    for name, what in FLOODS.items():
        add_flood(carrier_name, name, *what)
    for name, what in STATES.items():
        add_states(carrier_name, name, *what)
    for name, data in (('of a frame', frame(b'x' * 60)), ('of a length', b'\x81\xff' + bytes(8)), ('of a text', frame(b'x' * 100, TEXT)),
                       ('of empty frames', frame() * 20)):
        add_slow(carrier_name, name, '/ws/messages', data)
    add_opens(carrier_name)

# The sample, with the limits that everybody has: 64 KiB wait before a send waits, up to 1 MiB for what does not.
for name in ('owe echoes of empty messages', 'owe echoes of 4 KiB', 'owe pongs', 'smallest fragments of a message', 'owe compressed echoes'):
    path, blob, *rest = FLOODS[name]
    first, second, fields = rest + [b'', b'', ''][len(rest):]
    add(f'websocket over HTTP/1: the echo sample, {name}', flood(CARRIERS['HTTP/1'], '/ws', blob, fields, first=first + second),
        each=2 * MIB, connections=2, program='saker-echo', longest=5)
    add(f'websocket over HTTP/1: the background of the echo sample, {name}',
        flood(CARRIERS['HTTP/1'], '/background/ws', blob, fields, first=first + second), each=2 * MIB, connections=2,
        program='saker-echo', longest=5)
