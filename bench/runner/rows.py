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

    @property
    def is_idle(self):
        return self.arguments[0] == 'idle'


def echo(id, connections, size, depth, title, most):
    arguments = ('echo', '--connections', connections, '--size', size, '--depth', depth)
    return Row(id, title, tuple(str(a) for a in arguments), most)


ROWS = [
    echo('64b-1', 100, 64, 1, '100 connections, 64 B, 1 in flight', {'bun': 0.95, 'floor': 1.15}),
    echo('64b-16', 100, 64, 16, '100 connections, 64 B, 16 in flight', {'bun': 0.8}),
    echo('4k-1', 100, 4096, 1, '100 connections, 4 KiB, 1 in flight', {'bun': 0.8}),
    echo('64k-4', 20, 65536, 4, '20 connections, 64 KiB, 4 in flight', {'bun': 0.8}),
    Row('idle', '10,000 idle connections', ('idle', '--connections', '10000'), most_bytes=2048),
]
