"""What is measured, and what Saker has to reach."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    id: str
    title: str
    arguments: tuple
    # Server -> the most that Saker may cost, as a share of what that server costs.
    most: dict = field(default_factory=dict)
    # The most bytes Saker may hold per connection.
    most_bytes: int = 0
    # What the servers do, their second argument; those that can do only the echo take no part in
    # anything else.
    mode: str = 'echo'

    @property
    def is_idle(self):
        return self.arguments[0] == 'idle'


def echo(id, connections, size, depth, title, most):
    arguments = ('echo', '--connections', connections, '--size', size, '--depth', depth)
    return Row(id, title, tuple(str(a) for a in arguments), most)


def deflate(id, mode, title, most):
    how = 'takeover' if mode == 'deflate-takeover' else 'no-takeover'
    arguments = ('echo', '--connections', '100', '--size', '1024', '--depth', '4', '--deflate', how)
    return Row(id, f'100 connections, 1 KiB of JSON, 4 in flight, {title}', arguments, most, mode=mode)


def broadcast(id, size, burst, title, most, how='none'):
    arguments = ('broadcast', '--connections', '5000', '--size', str(size), '--burst', str(burst),
                 '--deflate', how)
    return Row(id, f'broadcast to 5,000 connections, {title}', arguments, most,
               mode='broadcast' if how == 'none' else 'broadcast-deflate')


ROWS = [
    echo('64b-1', 100, 64, 1, '100 connections, 64 B, 1 in flight', {'bun': 0.95, 'floor': 1.15}),
    echo('64b-16', 100, 64, 16, '100 connections, 64 B, 16 in flight', {'bun': 0.8}),
    echo('4k-1', 100, 4096, 1, '100 connections, 4 KiB, 1 in flight', {'bun': 0.8}),
    echo('64k-4', 20, 65536, 4, '20 connections, 64 KiB, 4 in flight', {'bun': 0.8}),
    deflate('deflate', 'deflate', 'permessage-deflate', {'bun': 0.6, 'ws': 0.2}),
    deflate('deflate-takeover', 'deflate-takeover', 'permessage-deflate with context takeover',
            {'bun': 0.6, 'ws': 0.2}),
    broadcast('broadcast', 256, 1, '256 B', {'bun': 1.0}),
    broadcast('broadcast-16', 256, 16, '256 B, 16 messages at once', {'bun': 0.7}),
    broadcast('broadcast-deflate', 1024, 1, '1 KiB of JSON, permessage-deflate', {'bun': 0.35},
              'no-takeover'),
    Row('idle', '10,000 idle connections', ('idle', '--connections', '10000'), most_bytes=2048),
    Row('idle-deflate', '10,000 idle connections that have agreed to permessage-deflate',
        ('idle', '--connections', '10000', '--size', '1024', '--deflate', 'no-takeover'),
        most_bytes=2048, mode='deflate'),
]
