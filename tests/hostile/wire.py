"""Bytes of the protocols, made by hand: what no honest library would send."""
import base64
import json
import struct

# --- HTTP/1.1 ---


def request(path, method='GET', fields='', body=b''):
    return f'{method} {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n'.encode() + body


def post(path, body, fields=''):
    return request(path, 'POST', f'Content-Length: {len(body)}\r\n{fields}', body)


def chunk(data, extension=b''):
    return b'%x' % len(data) + extension + b'\r\n' + data + b'\r\n'


KEY = base64.b64encode(b'0123456789abcdef').decode()


def upgrade(path, fields='', version=13):
    return request(path, fields='Upgrade: websocket\r\nConnection: Upgrade\r\n'
                   f'Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: {KEY}\r\n{fields}')


DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate\r\n'

# --- WebSocket: every frame has the mask 0, so that the payload stays as it is ---

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload=b'', op=BINARY, fin=True, compressed=False, announced=None):
    size = len(payload) if announced is None else announced
    head = bytes([(0x80 if fin else 0) | (0x40 if compressed else 0) | op])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += b'\xfe' + struct.pack('>H', size)
    else:
        head += b'\xff' + struct.pack('>Q', size)
    return head + b'\0\0\0\0' + payload


def close_frame(code=1000):
    return frame(struct.pack('>H', code), CLOSE)


# --- HTTP/2 ---

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, H2_PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
LARGEST_WINDOW = 2**31 - 1


def h2(kind, flags=0, stream=0, payload=b''):
    return len(payload).to_bytes(3, 'big') + bytes([kind, flags]) + stream.to_bytes(4, 'big') + payload


def settings(*pairs):
    return h2(SETTINGS, 0, 0, b''.join(struct.pack('>HI', *pair) for pair in pairs))


def window_update(stream, increment):
    return h2(WINDOW_UPDATE, 0, stream, struct.pack('>I', increment))


def integer(value, bits, first=0):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytes([first | limit]), value - limit
    while value >= 128:
        out, value = out + bytes([value % 128 | 128]), value // 128
    return out + bytes([value])


def string(text):
    return integer(len(text), 7) + text


def literal(name, value):
    return b'\0' + string(name) + string(value)


def fields(path, method=b'GET', more=b''):
    methods = {b'GET': b'\x82', b'POST': b'\x83'}
    return (methods.get(method) or literal(b':method', method)) + b'\x86' + b'\x04' + string(path.encode()) + b'\x01\x01a' + more


def h2_request(stream, path, method=b'GET', more=b'', end=True):
    return h2(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, fields(path, method, more))


def h2_upgrade(stream, path, more=b''):
    return h2_request(stream, path, b'CONNECT', literal(b':protocol', b'websocket')
                      + literal(b'sec-websocket-version', b'13') + more, end=False)


# --- SignalR ---

RECORD = b'\x1e'
HANDSHAKE = b'{"protocol":"json","version":1}' + RECORD


def call(target, *arguments, id=None, kind=1, streams=''):
    message = {'type': kind, 'target': target, 'arguments': list(arguments)}
    if id is not None:
        message['invocationId'] = str(id)
    if streams:
        message['streamIds'] = [streams]
    return json.dumps(message, separators=(',', ':')).encode() + RECORD


def hub_ping():
    return b'{"type":6}' + RECORD


def pack(value):
    """A value in MessagePack, as far as a hub needs it."""
    if value is None:
        return b'\xc0'
    if isinstance(value, int):
        return struct.pack('>Bi', 0xd2, value)
    if isinstance(value, str):
        return struct.pack('>BI', 0xdb, len(value)) + value.encode()
    if isinstance(value, list):
        return struct.pack('>BI', 0xdd, len(value)) + b''.join(map(pack, value))
    return struct.pack('>BI', 0xdf, len(value)) + b''.join(pack(part) for pair in value.items() for part in pair)


def packed(message):
    """A hub message in MessagePack, behind its length."""
    data = pack(message)
    size, length = len(data), b''
    while size >= 128:
        length, size = length + bytes([size % 128 | 128]), size // 128
    return length + bytes([size]) + data
