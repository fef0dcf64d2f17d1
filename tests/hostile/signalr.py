"""SignalR over its three transports."""
import json

from harness import MIB, Turns, add, strategy
from wire import HANDSHAKE, RECORD, TEXT, call, frame, hub_ping, packed, post, request, upgrade

KIB = 1024
# send_buffer_limit, two pipes of 64 KiB, a message of 32 KiB, and what carries them, with one read on top.
CLIENT = 1024 * KIB
# One that calls: `stream_memory_limit` (4 MiB), and what waits for it and for its hub.
CALLER = 6 * CLIENT


def negotiate(attack, path, query=''):
    """A connection's token."""
    client = attack.connect(receive_buffer=65536)
    client.send_all(post(f'{path}/negotiate?negotiateVersion=1{query}', b'', 'Connection: close\r\n'))
    answer = client.receive_until(b'}]}', 5).split(b'\r\n\r\n', 1)[-1]
    attack.clients.remove(client)
    client.close()
    return json.loads(answer)['connectionToken'] if answer else ''


class WebSockets:
    """`sender` is the connection that carries what the client says, `wrap` puts it into what goes there."""
    token = ''

    def __init__(self, attack, path):
        self.sender = attack.connect().send_all(upgrade(path))
        self.sender.receive_until(b'\r\n\r\n')
        self.all = [self.sender]

    def wrap(self, data):
        return frame(data, TEXT)


class Requests:
    """What Server-Sent Events and long polling share: the client speaks by POST."""

    def __init__(self, attack, path):
        self.token = negotiate(attack, path)
        self.target = f'{path}?id={self.token}'
        self.listen(attack)
        self.sender = attack.connect()
        self.all = [self.listener, self.sender]

    def wrap(self, data):
        return post(self.target, data)


class ServerSentEvents(Requests):
    def listen(self, attack):
        self.listener = attack.connect().send_all(request(self.target, fields='Accept: text/event-stream\r\n'))
        self.listener.receive_until(b'\r\n\r\n')


class LongPolling(Requests):
    """Polls are sent ahead, and nobody reads what they bring."""

    def listen(self, attack):
        self.listener = attack.connect().send_all(request(self.target))
        self.listener.receive_until(b'\r\n\r\n')
        self.listener.send_all(request(self.target) * 50)


TRANSPORTS = {'WebSockets': WebSockets, 'Server-Sent Events': ServerSentEvents, 'long polling': LongPolling}
TURNS = Turns(TRANSPORTS)


def add_over(transport, name, run, **more):
    add(f'signalr over {transport}: {name}', run, short=TURNS.comes(transport), **more)


def opened(attack, transport, path='/hub', count=2, first=HANDSHAKE):
    clients = [TRANSPORTS[transport](attack, path) for _ in range(count)]
    for each in clients:
        if first:
            each.sender.send_all(each.wrap(first))
    return clients


def flood(transport, data, first=b'', path='/hub', count=2, batch=16 * KIB):
    def run(attack):
        clients = opened(attack, transport, path, count)
        blobs = {}
        for each in clients:
            if first:
                each.sender.send_all(each.wrap(first))
            one = each.wrap(data * max(1, batch // len(data)))
            blobs[each.sender] = one
        attack.flood(list(blobs), lambda sender: blobs[sender])
        attack.hold([each.sender for each in clients])
    return run


def message(**members):
    return json.dumps(members, separators=(',', ':')).encode() + RECORD


FLOODS = {
    'owe results': (call('Add', 1, 2, id=1),),
    'owe echoes': (call('Echo', 'x' * 4000, id=1),),
    'owe empty results': (call('Nothing', id=1),),
    'owe errors': (call('Fail', id=1),),
    'owe errors of unknown methods': (call('Missing', id=1),),
    'owe errors of wrong arguments': (call('Add', 'a', id=1),),
    'owe errors of too few arguments': (call('Add', id=1),),
    'owe results of a busy method': (call('Busy', id=1),),
    'owe messages': (call('TellCaller', 1000),),
    'owe messages to all': (call('TellAll', 'x' * 1000),),
    'owe messages to a group': (call('TellGroup', 'group', 'x' * 1000), call('Join', 'group')),
    'owe items of streams': (b''.join(call('Items', 100000, id=each, kind=4) for each in range(50)),),
    'owe items of endless streams': (call('Items', 1000000, id=1, kind=4),),
    'owe ends of empty streams': (b''.join(call('Items', 0, id=each, kind=4) for each in range(50)),),
    'owe errors of streams': (call('Add', 1, 2, id=1, kind=4),),
    'answers that the client never gives': (call('Ask', id=1),),
    'smallest pings': (hub_ping(),),
    'smallest pings of a busy hub': (hub_ping(), call('Busy', id=1) * 20),
    'smallest records': (RECORD,),
    'smallest records of a busy hub': (RECORD, call('Busy', id=1) * 20),
    'smallest calls': (call('Nothing'),),
    'smallest calls of a busy hub': (call('Nothing'), call('Busy') * 20),
    'smallest calls of nothing': (call(''),),
    'smallest objects': (b'{}' + RECORD,),
    'unknown types': (b'{"type":99}' + RECORD,),
    'smallest items of a stream': (b'{"type":2,"invocationId":"s","item":1}' + RECORD, call('Sum', id=1, streams='s')),
    'smallest items of no stream': (b'{"type":2,"invocationId":"t","item":1}' + RECORD,),
    'streams that never end': (b''.join(call('Sum', id=each, streams=f's{each}') for each in range(50)),),
    'completions of nothing': (b'{"type":3,"invocationId":"x"}' + RECORD,),
    'completions with a result': (b'{"type":3,"invocationId":"x","result":[[[[]]]]}' + RECORD,),
    'cancellations of nothing': (b'{"type":5,"invocationId":"x"}' + RECORD,),
    'streams and their cancellations': (b''.join(call('Items', 1000000, id=each, kind=4) + message(type=5, invocationId=str(each))
                                                 for each in range(20)),),
    'acknowledgements': (b'{"type":8,"sequenceId":1}' + RECORD,),
    'sequences': (b'{"type":9,"sequenceId":1}' + RECORD,),
    'Closes': (b'{"type":7}' + RECORD,),
    'members without end': (b'{"type":1,' + b'"a":1,' * 4000 + b'"target":"Nothing","arguments":[]}' + RECORD,),
    'deep nests': (b'{"type":1,"target":"Echo","arguments":[' + b'[' * 60 + b']' * 60 + b']}' + RECORD,),
    'messages that are too large': (b'{"type":1,' + b' ' * 40000 + b'}' + RECORD,),
    'half a large message': (b'{' + b' ' * 30000,),
    'groups': (b''.join(call('Join', f'group {each}') for each in range(200)),),
    'the same group': (call('Join', 'group'),),
    'groups joined and left': (call('Join', 'group') + call('Leave', 'group'),),
    'handshakes': (HANDSHAKE,),
}
STATEFUL = {
    'owe messages to a stateful client': (call('TellCaller', 1000),),
    'owe results to a stateful client': (call('Echo', 'x' * 1000, id=1),),
    'smallest acknowledgements of a stateful client': (b'{"type":8,"sequenceId":0}' + RECORD,),
    'smallest sequences of a stateful client': (b'{"type":9,"sequenceId":1}' + RECORD,),
}


def vanish_at(transport, path, data):
    def run(attack):
        def visit(number):
            client = TRANSPORTS[transport](attack, path)
            if data:
                client.sender.send_all(client.wrap(data))
            for each in client.all:
                each.vanish(number)
        attack.repeat(60, visit)
        attack.hold()
    return run


def never_finish(transport, path, data):
    def run(attack):
        for _ in range(attack.number(50)):
            client = TRANSPORTS[transport](attack, path)
            if data:
                client.sender.send_all(client.wrap(data))
        attack.hold()
    return run


STATES = {
    'before the handshake': b'',
    'in the handshake': HANDSHAKE[:9],
    'after the handshake': HANDSHAKE + b'{"type":6}' + RECORD,
    'in a message': HANDSHAKE + b'{"type":1,',
    'in a call': HANDSHAKE + call('Busy', id=1) * 3,
    'in a question to the client': HANDSHAKE + call('Ask', id=1),
    'in an answer': HANDSHAKE + call('TellCaller', 1000),
    'in a stream': HANDSHAKE + call('Items', 1000000, id=1, kind=4),
    'in a stream of its own': HANDSHAKE + call('Sum', id=1, streams='s'),
    'in a group': HANDSHAKE + call('Join', 'group'),
    'in a broadcast': HANDSHAKE + call('Join', 'group') + call('TellGroup', 'group', 'x' * 1000) * 20,
    'after a Close': HANDSHAKE + b'{"type":7}' + RECORD,
    'after an error': HANDSHAKE + b'no JSON' + RECORD,
}

for transport in TRANSPORTS:
    for name, what in FLOODS.items():
        add_over(transport, name, flood(transport, *what), each=CALLER, connections=2)
    for name, data in STATES.items():
        add_over(transport, f'vanish {name}', vanish_at(transport, '/hub', data), each=CLIENT // 2, connections=60)
    for name, data in (('before the handshake', b''), ('in the handshake', HANDSHAKE[:9]), ('in a message', HANDSHAKE + b'{"type":1,'),
                       ('in a question to the client', HANDSHAKE + call('Ask', id=1)), ('in a stream of its own', HANDSHAKE + call('Sum', id=1, streams='s'))):
        add_over(transport, f'never finish {name}', never_finish(transport, '/hub', data), each=CLIENT // 2, connections=50,
            ends=5 if 'handshake' in name else None)
    add_over(transport, 'owe bytes', flood(transport, b'x' * 1000, path='/bytes'), each=CALLER, connections=2)
    add_over(transport, 'smallest bytes', flood(transport, b'x', path='/bytes', batch=1), each=CALLER, connections=2)
for name, what in STATEFUL.items():
    def stateful(attack, data=what[0]):
        clients = []
        for _ in range(2):
            target = '/stateful?id=' + negotiate(attack, '/stateful', '&useStatefulReconnect=true')
            client = attack.connect().send_all(upgrade(target))
            client.receive_until(b'\r\n\r\n')
            client.send_all(frame(HANDSHAKE.replace(b'"version":1', b'"version":2'), TEXT))
            clients.append(client)
        attack.flood(clients, frame(data * max(1, 16 * KIB // len(data)), TEXT))
        attack.hold()
    add(f'signalr over WebSockets: {name}', stateful, each=CALLER, connections=2)


def answered(transport, make):
    """Requests on connections of their own, with a transport that is there, over and over."""
    def run(attack):
        client = opened(attack, transport, count=1)[0]
        attack.flood(attack.connect_many(2), make(client.target) * 100)
        attack.hold()
    return run


for name, transport, make in (
        ('second event streams', 'Server-Sent Events', lambda target: request(target, fields='Accept: text/event-stream\r\n')),
        ('second sockets', 'Server-Sent Events', lambda target: upgrade(target)),
        ('polls of an event stream', 'Server-Sent Events', lambda target: request(target)),
        ('empty posts', 'Server-Sent Events', lambda target: post(target, b'')),
        ('posts of one byte', 'Server-Sent Events', lambda target: post(target, b'{')),
        ('polls at once', 'long polling', lambda target: request(target)),
        ('deletions', 'long polling', lambda target: request(target, 'DELETE')),
        ('empty posts to polls', 'long polling', lambda target: post(target, b'')),
        ('posts to nobody', 'long polling', lambda target: post('/hub?id=nobody', b'x')),
        ('polls of nobody', 'long polling', lambda target: request('/hub?id=nobody')),
        ('requests without an id', 'long polling', lambda target: request('/hub'))):
    add(f'signalr: owe answers to {name}', answered(transport, make), each=CLIENT, connections=3)


def parallel_polls(attack):
    """Each poll ends the one before."""
    client = opened(attack, 'long polling', count=1)[0]
    attack.open_and_leave(200, lambda each, _: each.send(request(client.target)))


add('signalr: open polls of one connection', parallel_polls, each=64 * KIB, connections=200)


@strategy('signalr: open negotiations that are read', each=16 * MIB)
def negotiations(attack):
    """Thousands of connections that nobody begins: each lives for disconnect_timeout."""
    attack.flood(attack.connect_many(4), post('/hub/negotiate?negotiateVersion=1', b'') * 20, read=True)


for transport in TRANSPORTS:
    def connect(attack, transport=transport):
        attack.repeat(200, lambda _: opened(attack, transport, count=1))
    add_over(transport, 'open connections', connect, each=128 * KIB, connections=200)

# The same hub in MessagePack.
PACKED = {
    'pings': packed([6]), 'results': packed([1, {}, '1', 'Add', [1, 2], []]), 'echoes': packed([1, {}, '1', 'Echo', ['x' * 4000], []]),
    'errors': packed([1, {}, '1', 'Missing', [], []]), 'calls': packed([1, {}, None, 'Nothing', [], []]),
    'items of no stream': packed([2, {}, 's', 1]), 'empty messages': b'\0', 'empty arrays': packed([]), 'unknown types': packed([99]),
    'headers': packed([1, {str(each): '' for each in range(500)}, '1', 'Nothing', [], []]),
    'deep nests': b'\x50' + b'\x91' * 80, 'half a message': b'\xff\xff\x01' + b'\x95',
    'a length without end': b'\xff' * 4, 'a huge array': b'\x06\xdd\xff\xff\xff\xff\x01',
}
for name, data in PACKED.items():
    def flood_packed(attack, data=data):
        clients = [WebSockets(attack, '/hub').sender.send_all(frame(b'{"protocol":"messagepack","version":1}' + RECORD)) for _ in range(2)]
        attack.flood(clients, frame(data * max(1, 16 * KIB // len(data))))
        attack.hold()
    add(f'signalr over WebSockets: MessagePack, {name}', flood_packed, each=CALLER, connections=2)

# The sample, with the limits that everybody has.
SAMPLE = {
    'owe messages to all': (call('Send', 'name', 'x' * 2000),), 'owe errors': (call('Send', '', '', id=1),),
    'owe room messages': (call('SendToRoom', 'room', 'name', 'x' * 2000), call('JoinRoom', 'room')),
    'smallest rooms': (call('JoinRoom', 'a') + call('JoinRoom', 'b'),), 'owe loads': (call('Load', 100, id=1, kind=4),),
    'smallest pieces': (b'{"type":2,"invocationId":"s","item":""}' + RECORD, call('Upload', id=1, streams='s')),
    'smallest pings': (hub_ping(),),
}
for name, what in SAMPLE.items():
    for transport in TRANSPORTS:
        add_over(transport, f'the chat sample, {name}', flood(transport, *what, path='/chat'), each=4 * MIB, connections=2,
            program='saker-signalr-chat', longest=5)
