"""TLS: handshakes, records, alerts, and what OpenSSL's client would not do by itself."""
import contextlib
import ctypes
import ctypes.util
import ssl
import struct
import time

from harness import CONTEXTS, add, client_context
from wire import request

KIB = 1024
# OpenSSL's two record buffers and state, the head of a request, the portion of a read.
CONNECTION = 384 * KIB
HANDSHAKING = 128 * KIB


def hello(context=None, name='localhost'):
    """The bytes of a ClientHello."""
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        (context or CONTEXTS['http/1.1']).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


def record(kind, data, version=b'\x03\x03'):
    return bytes([kind]) + version + struct.pack('>H', len(data)) + data


ALERT, HANDSHAKE_RECORD, APPLICATION_DATA, CHANGE_CIPHER_SPEC = 21, 22, 23, 20
HELLO = hello()


def in_pieces(message, size):
    """A handshake message in records of that size."""
    return b''.join(record(HANDSHAKE_RECORD, message[at:at + size], b'\x03\x01') for at in range(0, len(message), size))


# --- What OpenSSL can do and Python's module does not say: key updates and renegotiation ---

class OpenSsl:
    """A client whose records go through memory, so that whoever reads them may keep them back."""
    library = None
    TLS_1_2 = 0x0303

    @classmethod
    def load(cls):
        if cls.library is None:
            cls.library = ctypes.CDLL(ctypes.util.find_library('ssl') or 'libssl.so.3')
            cls.crypto = ctypes.CDLL(ctypes.util.find_library('crypto') or 'libcrypto.so.3')
            for library, names in ((cls.library, ('TLS_client_method', 'SSL_CTX_new', 'SSL_new')), (cls.crypto, ('BIO_s_mem', 'BIO_new'))):
                for name in names:
                    getattr(library, name).restype = ctypes.c_void_p
        return cls.library

    def __init__(self, client, newest=None):
        self.buffer = ctypes.create_string_buffer(16384)
        self.client, library = client, self.load()
        self.context = ctypes.c_void_p(library.SSL_CTX_new(ctypes.c_void_p(library.TLS_client_method())))
        if newest:
            library.SSL_CTX_ctrl(self.context, 124, ctypes.c_long(newest), None)  # SSL_CTX_set_max_proto_version
        library.SSL_CTX_set_alpn_protos(self.context, b'\x08http/1.1', 9)
        self.session = ctypes.c_void_p(library.SSL_new(self.context))
        self.incoming, self.outgoing = (ctypes.c_void_p(self.crypto.BIO_new(ctypes.c_void_p(self.crypto.BIO_s_mem()))) for _ in range(2))
        library.SSL_set_bio(self.session, self.incoming, self.outgoing)
        library.SSL_set_connect_state(self.session)

    def taken(self):
        """The records that are ready."""
        out = b''
        while (count := self.crypto.BIO_read(self.outgoing, self.buffer, len(self.buffer))) > 0:
            out += self.buffer[:count]
        return out

    def handshake(self, seconds=10):
        until = time.monotonic() + seconds
        while self.library.SSL_do_handshake(self.session) != 1 and time.monotonic() < until and not self.client.ended:
            self.client.send_all(self.taken())
            data = self.client.receive()
            if data:
                self.crypto.BIO_write(self.incoming, data, len(data))
            else:
                time.sleep(0.002)
        self.client.send_all(self.taken())
        return self

    def write(self, data):
        self.library.SSL_write(self.session, data, len(data))

    def update_key(self, ask):
        self.library.SSL_key_update(self.session, 1 if ask else 0)
        self.library.SSL_do_handshake(self.session)

    def renegotiate(self):
        self.library.SSL_renegotiate(self.session)
        self.library.SSL_do_handshake(self.session)
        return self.taken()


def updates(ask, between=b''):
    def run(attack):
        sessions = {}
        for client in attack.connect_many(2):
            sessions[client] = OpenSsl(client).handshake()

        def make(client):
            session = sessions[client]
            for _ in range(200):
                session.update_key(ask)
                if between:
                    session.write(between)
            return session.taken()
        attack.flood(list(sessions), make)
        attack.hold()
    return run


def renegotiations(attack):
    session = OpenSsl(attack.connect(), OpenSsl.TLS_1_2).handshake()
    attack.flood(session.client, lambda _: session.renegotiate() + session.taken())
    attack.hold()


def raw(run):
    """The attack's connections go to the port of TLS, without a handshake of their own."""
    def wrapped(attack):
        attack.server.port, port = attack.server.tls_port, attack.server.port
        try:
            run(attack)
        finally:
            attack.server.port = port
    return wrapped


for name, run in (('key updates that ask', updates(True)), ('key updates', updates(False)), ('key updates and requests', updates(True, request('/ok'))),
                  ('key updates in a head', updates(True, b'a')), ('renegotiations', renegotiations)):
    add(f'tls: flood of {name}', raw(run), each=CONNECTION, connections=2)


# --- Records before and after the handshake ---

def flood(begin, blob, count=4):
    @raw
    def run(attack):
        clients = [client.send_all(begin) for client in attack.connect_many(count)]
        attack.flood(clients, blob)
        attack.hold()
    return run


for name, begin, blob in (
        ('plain HTTP', b'', request('/ok') * 500),
        ('noise', b'', bytes(range(256)) * 100),
        ('hellos', b'', HELLO * 50),
        ('empty records before the hello', b'', record(HANDSHAKE_RECORD, b'') * 5000),
        ('alerts before the hello', b'', record(ALERT, b'\x01\x5a') * 5000),
        ('alerts after the hello', HELLO, record(ALERT, b'\x01\x5a') * 5000),
        ('close_notify after the hello', HELLO, record(ALERT, b'\x01\0') * 5000),
        ('ChangeCipherSpec before the hello', b'', record(CHANGE_CIPHER_SPEC, b'\x01') * 5000),
        ('ChangeCipherSpec after the hello', HELLO, record(CHANGE_CIPHER_SPEC, b'\x01') * 5000),
        ('application data after the hello', HELLO, record(APPLICATION_DATA, bytes(100)) * 500),
        ('records that are too long', HELLO, record(APPLICATION_DATA, bytes(20000)) * 5),
        ('records of a huge hello', b'', record(HANDSHAKE_RECORD, b'\x01\xff\xff\xff' + bytes(10000), b'\x03\x01') + record(HANDSHAKE_RECORD, bytes(16000)) * 10)):
    add(f'tls: flood of {name}', flood(begin, blob), each=HANDSHAKING, connections=4)


def repeat_handshakes(make):
    """What a function does with a raw connection to the TLS port, over and over."""
    return raw(lambda attack: attack.open_and_leave(300, make))


def greet(begin):
    return repeat_handshakes(lambda client, _: client.send(begin))


for name, begin in (('that are not TLS', request('/ok')), ('of another name', hello(name='example.com')), ('of no protocol', hello(client_context('nothing'))),
                    ('of an old version', record(HANDSHAKE_RECORD, HELLO[5:9] + b'\x02\x00' + HELLO[11:], b'\x02\x00')),
                    ('of two kinds', HELLO + record(APPLICATION_DATA, bytes(100)))):
    add(f'tls: open hellos {name}', greet(begin), each=HANDSHAKING, connections=300)


def hellos_on_a_plain_port(attack):
    attack.open_and_leave(300, lambda client, _: client.send(HELLO))


add('tls: open hellos on a plain port', hellos_on_a_plain_port, each=HANDSHAKING, connections=300)


# --- Thousands of handshakes ---

def handshakes(context=None, data=b'', alpn='http/1.1', after=None):
    def run(attack):
        def visit(client, number):
            client.send(data)
            if after:
                after(client, number)
        attack.open_and_leave(300, visit, tls=True, alpn=alpn, context=context)
    return run


def resumptions(attack):
    session = None
    context = client_context('http/1.1', ssl.TLSVersion.TLSv1_2)

    def visit(_):
        nonlocal session
        client = attack.connect()
        client.socket.setblocking(True)
        client.socket.settimeout(5)
        client.socket = context.wrap_socket(client.socket, server_hostname='localhost', session=session)
        session = client.socket.session
        client.socket.setblocking(False)
    attack.repeat(300, visit)


def unwrap(client, _):
    with contextlib.suppress(OSError, ValueError):
        client.socket.setblocking(False)
        client.socket.unwrap()


TLS_1_2 = client_context('http/1.1', ssl.TLSVersion.TLSv1_2)
for name, run in (('handshakes', handshakes()), ('handshakes of TLS 1.2', handshakes(TLS_1_2)), ('handshakes with a request', handshakes(data=request('/ok'))),
                  ('handshakes and no HTTP/2', handshakes(alpn='h2')), ('handshakes for HTTP/2 and HTTP/1 then', handshakes(data=request('/ok'), alpn='h2')),
                  ('handshakes ended by close_notify', handshakes(after=unwrap)),
                  ('handshakes ended by close_notify behind a request', handshakes(data=request('/slow') * 3, after=unwrap)),
                  ('handshakes ended by FIN', handshakes(data=request('/slow'), after=lambda client, _: client.half_close())),
                  ('handshakes ended by reset', handshakes(after=lambda client, _: client.reset())),
                  ('resumed handshakes', raw(resumptions))):
    add(f'tls: open {name}', run, each=HANDSHAKING, connections=300)


# --- Never finish, and one byte a second ---

def slowly(begin, rest, most=200):
    @raw
    def run(attack):
        clients = [client.send_all(begin) for client in attack.connect_many(attack.number(most))]
        attack.drip(clients, rest)
    return run


for name, begin, rest in (
        ('silence', b'', b''), ('half the head of a record', HELLO[:3], HELLO[3:]), ('half a hello', HELLO[:60], HELLO[60:]),
        ('half a hello in records of a byte', in_pieces(HELLO[5:], 1)[:200], in_pieces(HELLO[5:], 1)[200:]), ('a handshake after the hello', HELLO, b''),
        ('a handshake with an alert', HELLO + record(ALERT, b'\x01\x5a'), record(ALERT, b'\x01\x5a') * 10),
        ('a hello that announces more', record(HANDSHAKE_RECORD, HELLO[5:6] + b'\0\xff\xff' + HELLO[9:], b'\x03\x01'), bytes(100))):
    add(f'tls: never finish {name}', slowly(begin, rest), each=HANDSHAKING, connections=200, ends=4)
for name, begin in (('nothing', b''), ('half a hello', HELLO[:60]), ('a hello', HELLO), ('noise', b'\xff' * 100), ('plain HTTP', request('/ok'))):
    def vanish(client, number, begin=begin):
        client.send_all(begin).vanish(number)
    add(f'tls: vanish after {name}', repeat_handshakes(vanish), each=HANDSHAKING, connections=300, ends=4)


def records_of_a_byte(attack):
    position = {}
    blob = request('/ok')

    def make(client):
        position[client] = (position.get(client, -1) + 1) % len(blob)
        return blob[position[client]:position[client] + 1]
    attack.flood(attack.connect_many(2, tls=True), make, read=True)


add('tls: smallest records of requests', records_of_a_byte, each=CONNECTION, connections=2)
