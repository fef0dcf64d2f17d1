"""HTTP/1.1, in clear and over TLS."""
from harness import add, strategy
from wire import chunk, post, request, upgrade

KIB = 1024
MIB = 1024 * KIB
# Head and body read ahead, the answer that waits, and what one read may bring on top.
CONNECTION = 512 * KIB
GIVEN_UP = 3  # min_data_rate_grace_period, and the looks at it once a second.
TIMED_OUT = 2


# --- Owe and do not read ---

def pipeline(blob, count=4, **more):
    def run(attack):
        attack.flood(attack.connect_many(count, **more), blob * max(1, 65536 // len(blob)))
        attack.hold()
    return run


EMPTY_UPLOAD = post('/read-all', b'x' * 16384)
OWED = {
    'ok': request('/ok'),
    'nothing': request('/nothing'),
    'not found': request('/none'),
    'method not allowed': request('/ok', 'DELETE'),
    'refused': request('/refuse'),
    'bad WebSocket version': upgrade('/ws/messages', version=12),
    'echoed head': request('/echo-head', fields='X: ' + 'x' * 8000 + '\r\n'),
    'trailers': request('/trailers'),
    'whole bodies': request('/whole'),
    'downloads': request('/download'),
    'events': request('/events'),
    'slow answers': request('/slow'),
    'small files': request('/small.txt'),
    'big files': request('/big.bin'),
    'ranges': request('/big.bin', fields='Range: bytes=0-9,20-29,40-49,-5\r\n'),
    'ranges not satisfiable': request('/big.bin', fields='Range: bytes=9999999-\r\n'),
    'not modified': request('/small.txt', fields='If-None-Match: *\r\n'),
    'heads of files': request('/big.bin', 'HEAD'),
    'heads of downloads': request('/download', 'HEAD'),
    'echoed bodies': EMPTY_UPLOAD,
    'unread bodies': post('/unread', b'x' * 1000),
    'uploads continued': post('/read-all', b'x', 'Expect: 100-continue\r\n'),
    'empty chunked bodies': request('/read-all', 'POST', 'Transfer-Encoding: chunked\r\n', b'0\r\n\r\n'),
    'options': request('*', 'OPTIONS'),
    'negotiations': post('/hub/negotiate?negotiateVersion=1', b''),
}
# These are answered one after the other, as long as their handlers take: the client's system takes some before it takes no more.
ENDS = {'slow answers': 6, 'events': 6, 'heads of downloads': 20}
LEAST = 1  # The system makes more of it.
# `maximum_waiting_connections`, for all clients together.
COSTS = {'negotiations': 6 * MIB}
for name, blob in OWED.items():
    buffer = LEAST if name in ENDS else 4096
    add(f'http1: owe {name}', pipeline(blob, receive_buffer=buffer), each=COSTS.get(name, CONNECTION), connections=4, ends=ENDS.get(name, GIVEN_UP))
for name in ('ok', 'not found', 'echoed head', 'whole bodies', 'downloads', 'events', 'big files', 'echoed bodies', 'uploads continued'):
    add(f'tls: owe HTTP/1 {name}', pipeline(OWED[name], tls=True), each=CONNECTION + 64 * KIB, connections=4, ends=ENDS.get(name, GIVEN_UP))


# --- The smallest item ---

CHUNKED = 'Transfer-Encoding: chunked\r\n'


def stream(head, blob, count=2):
    def run(attack):
        clients = [client.send_all(head) for client in attack.connect_many(count)]
        attack.flood(clients, blob)
    return run


for name, head, blob in (
        ('one-byte chunks', request('/upload', 'POST', CHUNKED), chunk(b'x') * 10000),
        ('one-byte chunks nobody reads', request('/slow', 'GET', CHUNKED), chunk(b'x') * 10000),
        ('chunk extensions', request('/upload', 'POST', CHUNKED), chunk(b'x', b';a') * 10000),
        ('chunk extensions without end', request('/upload', 'POST', CHUNKED), b'1;' + b'a' * 60000),
        ('leading zeros of a chunk size', request('/upload', 'POST', CHUNKED), b'0' * 60000),
        ('trailers', request('/upload', 'POST', CHUNKED) + b'0\r\n', b'a:\r\n' * 10000),
        ('empty lines before a request', b'', b'\r\n' * 30000),
        ('fields of a head', b'GET /ok HTTP/1.1\r\nHost: a\r\n', b'a:\r\n' * 10000),
        ('a field without end', b'GET /ok HTTP/1.1\r\nHost: a\r\nX: ', b'x' * 60000),
        ('a target without end', b'GET /', b'x' * 60000)):
    add(f'http1: smallest {name}', stream(head, blob), each=CONNECTION, connections=2)


@strategy('http1: smallest packets of requests', each=CONNECTION, connections=4)
def smallest_packets(attack):
    blob = request('/ok', fields='Cookie: a=b\r\n')
    position = {}

    def next_byte(client):
        position[client] = (position.get(client, -1) + 1) % len(blob)
        return blob[position[client]:position[client] + 1]
    attack.flood(attack.connect_many(4), next_byte, read=True)


@strategy('http1: smallest ranges', each=CONNECTION, connections=4)
def smallest_ranges(attack):
    ranges = ','.join(f'{each}-{each}' for each in range(0, 2000, 2))
    attack.flood(attack.connect_many(4), request('/big.bin', fields=f'Range: bytes={ranges}\r\n'))


@strategy('http1: smallest cookies', each=CONNECTION, connections=4)
def smallest_cookies(attack):
    attack.flood(attack.connect_many(4), request('/echo-head', fields='Cookie: ' + 'a=;' * 5000 + '\r\n'))


# --- Never finish, and one byte a second ---

PARTS = {
    'silence': (b'', b''),
    'half a request line': (b'GET /o', b'k' * 100),
    'half a head': (b'GET /ok HTTP/1.1\r\nHost: a\r\nX: ', b'x' * 100),
    'half a body': (request('/read-all', 'POST', 'Content-Length: 100\r\n', b'half'), b'x' * 90),
    'half a body nobody reads': (request('/unread', 'POST', 'Content-Length: 100\r\n', b'half'), b'x' * 90),
    'half a chunk size': (request('/read-all', 'POST', CHUNKED, b'1'), b'0' * 100),
    'half a chunk': (request('/read-all', 'POST', CHUNKED, b'64\r\nx'), b'x' * 90),
    'half a chunk extension': (request('/read-all', 'POST', CHUNKED, b'1;a'), b'a' * 90),
    'half an end of a chunk': (request('/read-all', 'POST', CHUNKED, b'1\r\nx\r'), b''),
    'half a last chunk': (request('/read-all', 'POST', CHUNKED, b'0\r\n'), b''),
    'half a trailer': (request('/read-all', 'POST', CHUNKED, b'0\r\na'), b'a' * 90),
    'a body that was to be continued': (request('/read-all', 'POST', 'Content-Length: 9\r\nExpect: 100-continue\r\n'), b''),
    'half an upgrade': (upgrade('/ws/messages')[:-3], b''),
    'an idle connection': (request('/ok'), b''),
    'half a second request': (request('/ok') + b'GET', b'G' * 100),
    'half a preface of HTTP/2': (b'PRI * HTTP/2.0\r\n\r\nSM', b''),
}


def never_finish(begin):
    def run(attack):
        for client in attack.connect_many(attack.number(300)):
            client.send_all(begin)
        attack.hold()
    return run


def slowly(begin, rest):
    def run(attack):
        clients = [client.send_all(begin) for client in attack.connect_many(attack.number(100))]
        attack.drip(clients, rest * 10)
    return run


for name, (begin, rest) in PARTS.items():
    # A body has its grace period and then the rate counts.
    add(f'http1: never finish {name}', never_finish(begin), each=64 * KIB, connections=300, ends=2 * GIVEN_UP)
    if rest:
        add(f'http1: a byte a second {name}', slowly(begin, rest), each=96 * KIB, connections=100, ends=2 * GIVEN_UP, short=False)
for name, begin, rest in (('version 1', b'PROXY TCP4 192.0.2.1 192', b'0' * 50),
                          ('version 2', b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0', b''),
                          ('version 2 with a long extension', b'\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff' + b'x' * 500, b'x' * 50)):
    def half_proxy_header(attack, begin=begin, rest=rest):
        attack.server.proxied, proxied = False, True  # Otherwise each client begins with a whole one.
        try:
            clients = [client.send_all(begin) for client in attack.connect_many(attack.number(300))]
        finally:
            attack.server.proxied = proxied
        attack.drip(clients, rest)
    add(f'http1: never finish a PROXY header of {name}', half_proxy_header, each=64 * KIB, connections=300, ends=3, proxied=True)


def read_slowly(path, tls=False):
    def run(attack):
        clients = [client.send_all(request(path)) for client in attack.connect_many(attack.number(40), tls=tls)]
        attack.sip(clients)
    return run


# All of the events fits into what the system takes: after `keep_alive_timeout` the client has five seconds to take it and to end.
for path, ends in (('/download', GIVEN_UP), ('/whole', GIVEN_UP), ('/events', 8), ('/big.bin', GIVEN_UP)):
    add(f'http1: read a byte a second of {path}', read_slowly(path), each=CONNECTION, connections=40, ends=ends)
    add(f'tls: read a byte a second of {path}', read_slowly(path, tls=True), each=CONNECTION, connections=40, ends=ends, short=False)


# --- Vanish ---

STATES = {
    'at once': b'',
    'in a request line': b'GET /',
    'in a head': b'GET /ok HTTP/1.1\r\nHost: a\r\n',
    'in a body': request('/upload', 'POST', 'Content-Length: 10000\r\n', b'x'),
    'in a chunked body': request('/upload', 'POST', CHUNKED, chunk(b'x')),
    'before a body is continued': request('/upload', 'POST', 'Content-Length: 9\r\nExpect: 100-continue\r\n'),
    'while a handler is busy': request('/slow'),
    'while a handler waits for that': request('/wait'),
    'with half a request behind': request('/wait') + b'\r\n',
    'with requests behind': request('/wait') + request('/ok') * 20,
    'in a download': request('/download'),
    'in an answer': request('/whole'),
    'in a file': request('/big.bin'),
    'in an event stream': request('/events'),
    'in a head of a download': request('/download', 'HEAD'),
    'after an answer': request('/ok'),
    'after the last answer': request('/ok', fields='Connection: close\r\n'),
    'after a refusal': b'GET /\x01 HTTP/1.1\r\n\r\n',
}


def vanish(begin, tls=False):
    def run(attack):
        attack.open_and_leave(300, lambda client, number: client.send_all(begin).vanish(number), tls=tls)
        attack.hold()
    return run


for name, begin in STATES.items():
    add(f'http1: vanish {name}', vanish(begin), each=128 * KIB, connections=300, ends=6)
    add(f'tls: vanish from HTTP/1 {name}', vanish(begin, tls=True), each=160 * KIB, connections=300, ends=6, short=False)


# --- Thousands of opens ---

def opens(blob, most):
    return lambda attack: attack.open_and_leave(most, lambda client, _: client.send(blob))


for name, blob in (('idle connections', b''), ('connections with a request', request('/ok')),
                   ('connections with a last request', request('/ok', fields='Connection: close\r\n')),
                   ('old requests', b'GET /ok HTTP/1.0\r\n\r\n'), ('malformed requests', b'\x00\r\n\r\n'),
                   ('upgrades', upgrade('/ws/messages')), ('refused upgrades', upgrade('/ws/messages', version=1))):
    add(f'http1: open {name}', opens(blob, 1500), each=32 * KIB, connections=1500)
