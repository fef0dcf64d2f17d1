"""HTTP/2, in clear and over TLS."""
import struct

from harness import MIB, add, strategy
from wire import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, H2_PING, HEADERS, LARGEST_WINDOW, PADDED, PREFACE, PRIORITY,
                  PUSH_PROMISE, RST_STREAM, SETTINGS, fields, h2, h2_request, h2_upgrade, integer, literal, settings, window_update)

KIB = 1024
STREAMS = 20  # max_streams_per_connection of server.cpp
# What is read ahead for handlers, and a head and an answer that wait on each stream.
CONNECTION = MIB + STREAMS * (64 + 32) * KIB + 256 * KIB
GIVEN_UP = 3

OPENING = PREFACE + settings((4, LARGEST_WINDOW)) + window_update(0, LARGEST_WINDOW - 65535)
CLOSED_WINDOW = PREFACE + settings((4, 0))


class Numbers:
    """The next odd stream of each client."""

    def __init__(self, first=1):
        self.first, self.last = first, {}

    def take(self, client, count):
        begin = self.last.get(client, self.first)
        self.last[client] = begin + 2 * count
        return range(begin, begin + 2 * count, 2)


def opened(attack, count=2, opening=OPENING, tls=False, **more):
    return [client.send_all(opening) for client in attack.connect_many(count, tls=tls, alpn='h2', **more)]


# --- Owe and do not read ---

def requests(path, method=b'GET', more=b'', body=None, opening=OPENING, tls=False, batch=500, count=2):
    """Streams without end, far more than there may be at a time."""
    def run(attack):
        numbers = Numbers()

        def make(client):
            out = []
            for stream in numbers.take(client, batch):
                out.append(h2_request(stream, path, method, more, end=body is None))
                if body is not None:
                    out.append(h2(DATA, END_STREAM, stream, body))
            return b''.join(out)
        attack.flood(opened(attack, count, opening, tls), make)
        attack.hold()
    return run


OWED = {
    'ok': ('/ok',), 'nothing': ('/nothing',), 'not found': ('/none',), 'method not allowed': ('/ok', b'DELETE'), 'refused': ('/refuse',),
    'trailers': ('/trailers',), 'whole bodies': ('/whole',), 'downloads': ('/download',), 'events': ('/events',), 'slow answers': ('/slow',),
    'small files': ('/small.txt',), 'big files': ('/big.bin',), 'heads of downloads': ('/download', b'HEAD'),
    'echoed heads': ('/echo-head', b'GET', literal(b'x', b'x' * 8000)),
    'ranges': ('/big.bin', b'GET', literal(b'range', b'bytes=0-9,20-29')),
    'echoed bodies': ('/read-all', b'POST', b'', b'x' * 1000),
    'unread bodies': ('/unread', b'POST', b'', b'x' * 1000),
    'uploads continued': ('/read-all', b'POST', literal(b'expect', b'100-continue'), b'x'),
    'negotiations': ('/hub/negotiate?negotiateVersion=1', b'POST', b'', b''),
    'refused upgrades': ('/ok', b'CONNECT', literal(b':protocol', b'websocket')),
    'malformed requests': ('/ok', b'GET', literal(b'Upper', b'case')),
    'connection fields': ('/ok', b'GET', literal(b'connection', b'close')),
}
# What waits in a stream may be passed by one write, of 256 KiB here.
OWING = {name: CONNECTION + (STREAMS * 256 * KIB if name == 'whole bodies' else 0) for name in OWED}
for name, what in OWED.items():
    add(f'http2: owe {name}', requests(*what), each=OWING[name], connections=2)
for name in ('ok', 'not found', 'whole bodies', 'downloads', 'slow answers', 'big files', 'malformed requests'):
    add(f'http2: owe {name} without a window', requests(*OWED[name], opening=CLOSED_WINDOW), each=OWING[name], connections=2)
    add(f'tls: owe HTTP/2 {name}', requests(*OWED[name], tls=True), each=OWING[name], connections=2)


def frames(blob, opening=OPENING, count=2, read=False):
    def run(attack):
        attack.flood(opened(attack, count, opening), blob, read)
        attack.hold()
    return run


def on_streams(make, batch=500, opening=OPENING, read=False, count=2):
    """What a function makes of each stream number, over and over."""
    def run(attack):
        numbers = Numbers()
        attack.flood(opened(attack, count, opening),
                     lambda client: b''.join(make(stream) for stream in numbers.take(client, batch)), read)
        attack.hold()
    return run


def behind(first, blob, **more):
    """Frames on stream 1, which a request has opened."""
    return frames(blob, OPENING + first, **more)


UPLOAD = h2_request(1, '/upload', b'POST', end=False)
UNREAD = h2_request(1, '/wait', end=False)
FRAMES = {
    'pings': frames(h2(H2_PING, 0, 0, b'12345678') * 3000),
    'pings read': frames(h2(H2_PING, 0, 0, b'12345678') * 3000, read=True),
    'acknowledged pings': frames(h2(H2_PING, ACK, 0, b'12345678') * 3000),
    'settings': frames(settings((4, 65535)) * 3000),
    'empty settings': frames(settings() * 5000),
    'many settings': frames(settings(*[(3, 100)] * 30) * 300),
    'unknown settings': frames(settings(*[(999, 1)] * 30) * 300),
    'acknowledged settings': frames(h2(SETTINGS, ACK) * 5000),
    'header tables resized': frames(settings((1, 0), (1, 4096)) * 3000),
    'resets of open streams': on_streams(lambda each: h2_request(each, '/slow') + h2(RST_STREAM, 0, each, b'\0\0\0\x08')),
    'resets of open streams read': on_streams(lambda each: h2_request(each, '/slow') + h2(RST_STREAM, 0, each, b'\0\0\0\x08'), read=True),
    'resets of answered streams': on_streams(lambda each: h2_request(each, '/ok') + h2(RST_STREAM, 0, each, b'\0\0\0\x08'), read=True),
    'resets of a closed stream': behind(h2_request(1, '/ok'), h2(RST_STREAM, 0, 1, b'\0\0\0\x08') * 5000),
    'resets provoked by increments of 0': on_streams(lambda each: h2_request(each, '/slow') + window_update(each, 0)),
    'resets provoked by lengths': on_streams(lambda each: h2_request(each, '/read-all', b'POST', literal(b'content-length', b'1'), False)
                                             + h2(DATA, END_STREAM, each, b'22')),
    'resets provoked by windows': on_streams(lambda each: h2_request(each, '/slow') + window_update(each, LARGEST_WINDOW)),
    'resets provoked by a stream of its own': on_streams(lambda each: h2_request(each, '/slow') + h2(PRIORITY, 0, each, struct.pack('>IB', each, 1))),
    'data of closed streams': behind(h2_request(1, '/ok'), h2(DATA, 0, 1, b'x') * 5000),
    'heads of closed streams': behind(h2_request(1, '/ok'), h2_request(1, '/ok') * 2000),
    'window updates of closed streams': behind(h2_request(1, '/ok'), window_update(1, 1) * 5000),
    'priorities': frames(h2(PRIORITY, 0, 1, struct.pack('>IB', 3, 1)) * 5000),
    'priorities of many streams': on_streams(lambda each: h2(PRIORITY, 0, each, struct.pack('>IB', 0, 1)), batch=3000),
    'priority updates': frames(h2(0x10, 0, 0, struct.pack('>I', 1) + b'u=1') * 5000),
    'window updates': frames(window_update(0, 1) * 5000, PREFACE + settings()),
    'window updates of a stream': behind(UNREAD, window_update(1, 1) * 5000),
    'empty data': behind(UPLOAD, h2(DATA, 0, 1) * 5000),
    'one byte of data': behind(UPLOAD, h2(DATA, 0, 1, b'x') * 5000),
    'one byte of data nobody reads': behind(UNREAD, h2(DATA, 0, 1, b'x') * 5000),
    'padding': behind(UPLOAD, h2(DATA, PADDED, 1, b'\xff' + bytes(255)) * 300),
    'empty continuations': frames(h2(CONTINUATION, 0, 1) * 5000, OPENING + h2(HEADERS, 0, 1, fields('/ok'))),
    'continuations': frames(h2(CONTINUATION, 0, 1, literal(b'a', b'') * 100) * 100, OPENING + h2(HEADERS, 0, 1, fields('/ok'))),
    'cookie crumbs': on_streams(lambda each: h2_request(each, '/ok', more=literal(b'cookie', b'a') * 90), batch=50),
    'fields': on_streams(lambda each: h2_request(each, '/ok', more=literal(b'a', b'') * 99), batch=50),
    'indexed fields': on_streams(lambda each: h2_request(each, '/ok', more=b'\xbe' * 15000), batch=5,
                                 opening=OPENING + h2_request(1, '/ok', more=b'\x40' + b'\x01a' + integer(3000, 7) + b'x' * 3000)),
    'table sizes': on_streams(lambda each: h2(HEADERS, END_HEADERS | END_STREAM, each, b'\x20' * 10000 + fields('/ok')), batch=5),
    'empty trailers': on_streams(lambda each: h2_request(each, '/read-all', b'POST', end=False) + h2(HEADERS, END_HEADERS | END_STREAM, each)),
    'unknown frames': frames(h2(0xbb, 0, 0) * 5000),
    'goaways': frames(h2(GOAWAY, 0, 0, struct.pack('>II', 0, 0)) * 5000),
    'goaways with text': frames(h2(GOAWAY, 0, 0, struct.pack('>II', 0, 0) + b'x' * 10000) * 10),
    'push promises': frames(h2(PUSH_PROMISE, END_HEADERS, 1, struct.pack('>I', 2) + fields('/ok')) * 1000),
    'frames that are too large': frames(h2(DATA, 0, 1, bytes(20000)) * 10),
    'a head that is too large': on_streams(lambda each: h2_request(each, '/ok', more=literal(b'a', b'x' * 15000)), batch=20),
    'old prefaces': frames(PREFACE * 3000),
}
for name, run in FRAMES.items():
    add(f'http2: flood of {name}', run, each=CONNECTION, connections=2)


# --- Never finish, and one byte a second ---

PARTS = {
    'half a preface': (PREFACE[:10], PREFACE[10:14]),
    'a whole preface': (PREFACE[:1], PREFACE[1:]),
    'a preface without settings': (PREFACE, b''),
    'silence': (OPENING, b''),
    'half the head of a frame': (OPENING + b'\0\0', b'\0'),
    'half a head': (OPENING + h2_request(1, '/ok')[:-3], b''),
    'a head without END_HEADERS': (OPENING + h2(HEADERS, 0, 1, fields('/ok')), h2(CONTINUATION, 0, 1, b'')),
    'half a body': (OPENING + h2_request(1, '/read-all', b'POST', end=False) + h2(DATA, 0, 1, b'half'), h2(DATA, 0, 1, b'x')),
    'half a body nobody reads': (OPENING + h2_request(1, '/unread', b'POST', end=False), h2(DATA, 0, 1, b'x')),
    'half a frame of a body': (OPENING + h2_request(1, '/read-all', b'POST', end=False) + h2(DATA, 0, 1, b'x' * 1000)[:50], b'x' * 100),
    'bodies on all streams': (OPENING + b''.join(h2_request(each, '/read-all', b'POST', end=False) for each in range(1, 41, 2)), b''),
    'a request that was answered': (OPENING + h2_request(1, '/ok'), b''),
    'downloads without a window': (CLOSED_WINDOW + b''.join(h2_request(each, '/download') for each in range(1, 41, 2)), b''),
    'half an upgrade': (OPENING + h2_upgrade(1, '/ws/messages')[:-2], b''),
}


def never_finish(begin, most):
    def run(attack):
        opened(attack, min(most, attack.number(100)), begin)
        attack.hold()
    return run


def slowly(begin, rest):
    def run(attack):
        attack.drip(opened(attack, attack.number(50), begin), rest * (100 // len(rest) + 1))
    return run


for name, (begin, rest) in PARTS.items():
    many = 8 if 'all streams' in name or 'downloads' in name else 100
    add(f'http2: never finish {name}', never_finish(begin, many), each=CONNECTION if many == 8 else 256 * KIB, connections=many, ends=8)
    if rest:
        add(f'http2: a byte a second {name}', slowly(begin, rest), each=256 * KIB, connections=50, ends=8, short=False)


@strategy('http2: a byte of window a second', each=CONNECTION, connections=4, ends=8)
def window_bytes(attack):
    attack.drip(opened(attack, 4, CLOSED_WINDOW + h2_request(1, '/download')), window_update(1, 1) * 10)


for path in ('/download', '/whole', '/events', '/big.bin'):
    def sip(attack, path=path):
        attack.sip(opened(attack, attack.number(16), OPENING + h2_request(1, path)))
    add(f'http2: read a byte a second of {path}', sip, each=CONNECTION, connections=16, ends=8)


# --- Vanish ---

STATES = {
    'at once': PREFACE, 'in a frame': OPENING + b'\0\0\x05', 'in a head': OPENING + h2(HEADERS, 0, 1, fields('/ok')),
    'in a body': OPENING + h2_request(1, '/upload', b'POST', end=False) + h2(DATA, 0, 1, b'x'),
    'in a body nobody reads': OPENING + h2_request(1, '/slow', b'POST', end=False) + h2(DATA, 0, 1, b'x' * 10000),
    'while a handler is busy': OPENING + h2_request(1, '/slow'), 'while a handler waits for that': OPENING + h2_request(1, '/wait'),
    'while handlers wait for that': OPENING + b''.join(h2_request(each, '/wait') for each in range(1, 41, 2)),
    'in a download': OPENING + h2_request(1, '/download'), 'in an answer': OPENING + h2_request(1, '/whole'),
    'in a file': OPENING + h2_request(1, '/big.bin'), 'in an event stream': OPENING + h2_request(1, '/events'),
    'in a download without a window': CLOSED_WINDOW + h2_request(1, '/download'),
    'after an answer': OPENING + h2_request(1, '/ok'), 'after a reset': OPENING + h2_request(1, '/wait') + h2(RST_STREAM, 0, 1, b'\0\0\0\x08'),
    'after a goaway': OPENING + h2_request(1, '/wait') + h2(GOAWAY, 0, 0, struct.pack('>II', 0, 0)),
    'after an error': OPENING + h2(DATA, 0, 0, b''),
}


def vanish(begin):
    def run(attack):
        attack.open_and_leave(150, lambda client, number: client.send_all(begin).vanish(number))
        attack.hold()
    return run


for name, begin in STATES.items():
    add(f'http2: vanish {name}', vanish(begin), each=256 * KIB, connections=150, ends=8)


# --- Thousands of opens ---

def opens(begin, most):
    return lambda attack: attack.open_and_leave(most, lambda client, _: client.send(begin))


add('http2: open connections', opens(OPENING, 1000), each=40 * KIB, connections=1000)
add('http2: open connections with a request', opens(OPENING + h2_request(1, '/ok'), 1000), each=40 * KIB, connections=1000)
add('http2: open streams', on_streams(lambda each: h2_request(each, '/ok'), batch=15, read=True), each=CONNECTION, connections=2)
add('http2: open tunnels', on_streams(lambda each: h2_upgrade(each, '/ws/messages') + h2(DATA, END_STREAM, each, b''), batch=15, read=True),
    each=CONNECTION, connections=2)
add('http2: open tunnels and reset them', on_streams(lambda each: h2_upgrade(each, '/ws/messages') + h2(RST_STREAM, 0, each, b'\0\0\0\x08'), batch=15,
                                                     read=True), each=CONNECTION, connections=2)
