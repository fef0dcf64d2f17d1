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
    # Over HTTP/2: further arguments of the load, which Saker's own row over HTTP/1.1 goes without.
    http2: tuple = ()
    tls: bool = False
    # Further arguments of the load, which Saker's own row without an attack goes without.
    attack: tuple = ()
    # 'h2load' or 'wrk' instead of saker-load.
    tool: str = 'saker-load'
    # The only servers that take part, where not all do.
    servers: tuple = ()
    # What the targets compare.
    figure: str = 'server_cpu_us_per_message'
    # Which of the servers the targets are for.
    subject: str = 'saker'
    # How many servers of a hub the load is spread over; with 'saker' they share a Redis.
    cluster: int = 0
    # The protocol of a SignalR hub; to 'saker-raw' go the same bytes, without a hub.
    hub: str = ''

    @property
    def is_idle(self):
        return self.arguments[0] == 'idle'

    def takes(self, server):
        if self.servers:
            return server.id in self.servers
        return server.by_default and (self.mode == 'echo' or not server.only_echo)


def echo(id, connections, size, depth, title, most):
    arguments = ('echo', '--connections', connections, '--size', size, '--depth', depth)
    return Row(id, title, tuple(str(a) for a in arguments), most)


def http2(id, connections, streams, depth, most):
    title = f'{connections} connection{"s" if connections > 1 else ""} × {streams} stream{"s" if streams > 1 else ""}'
    return Row(id, f'WebSocket over HTTP/2, {title}, 64 B, {depth} in flight',
               ('echo', '--size', '64', '--depth', str(depth)), most,
               http2=('--http2', '--connections', str(connections), '--streams', str(streams)),
               servers=('saker', 'saker-http1', 'kestrel'))


def tls(id, depth, over_http2, most):
    return Row(id, f'WebSocket over TLS and HTTP/{"2" if over_http2 else "1.1"}, 100 connections, 64 B, '
               f'{depth} in flight',
               ('echo', '--connections', '100', '--size', '64', '--depth', str(depth)), most, tls=True,
               http2=('--http2',) if over_http2 else (),
               servers=('saker', 'kestrel') if over_http2 else ('saker', 'bun', 'kestrel'))


def get(id, tool, title, arguments, most, servers):
    return Row(id, f'HTTP GET of 13 bytes, {title}', arguments, most, tool=tool, servers=servers,
               http2=('h2c',) if tool == 'h2load' else ())


def deflate(id, mode, title, most):
    how = 'takeover' if mode == 'deflate-takeover' else 'no-takeover'
    arguments = ('echo', '--connections', '100', '--size', '1024', '--depth', '4', '--deflate', how)
    return Row(id, f'100 connections, 1 KiB of JSON, 4 in flight, {title}', arguments, most, mode=mode)


def broadcast(id, size, burst, title, most, how='none'):
    arguments = ('broadcast', '--connections', '5000', '--size', str(size), '--burst', str(burst),
                 '--deflate', how)
    return Row(id, f'broadcast to 5,000 connections, {title}', arguments, most,
               mode='broadcast' if how == 'none' else 'broadcast-deflate')


def hub(id, protocol, depth, most):
    name = {'json': 'JSON', 'messagepack': 'MessagePack'}[protocol]
    return Row(id, f'SignalR: invoke and return, 100 connections, 64 B, {depth} in flight, {name}',
               ('echo', '--connections', '100', '--size', '64', '--depth', str(depth), '--hub', protocol), most,
               hub=protocol, servers=hub_servers(protocol))


def hub_servers(protocol):
    # The .NET SDK itself knows JSON only: there MessagePack is compared with it.
    return ('saker', 'saker-raw', 'kestrel' if protocol == 'json' else 'kestrel-json')


def hub_value(id, value, title):
    return Row(id, f'SignalR: {title} as argument and result, 100 connections, 16 in flight, JSON',
               ('echo', '--connections', '100', '--depth', '16', '--hub', 'json', '--value', value), {'kestrel': 0.3},
               hub='json', servers=hub_servers('json'))


def cluster_broadcast(servers, most):
    return Row(f'cluster-broadcast-{servers}', f'SignalR: broadcast to 5,000 connections on {count(servers)}, 256 B, JSON',
               ('broadcast', '--connections', '5000', '--size', '256', '--hub', 'json'), most, cluster=servers, hub='json',
               servers=('saker', 'saker-locally', 'saker-alone'), figure='seconds_per_message')


def cluster_groups(servers, most):
    # Without a Redis a group has the clients of one server only.
    return Row(f'cluster-groups-{servers}',
               f'SignalR: sends to groups of 12 on {count(servers)}, 1,200 connections, 256 B, JSON, 16 sends at once',
               ('broadcast', '--connections', '1200', '--groups', '100', '--burst', '16', '--size', '256', '--hub', 'json'),
               most, cluster=servers, hub='json', subject='saker-locally',
               servers=('saker', 'saker-locally', 'saker-alone') if servers == 1 else ('saker', 'saker-locally'))


def count(servers):
    return {1: 'one server', 2: 'two servers', 4: 'four servers'}[servers]


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
    http2('http2-1x100', 1, 100, 1, {'saker-http1': 0.4, 'kestrel': 0.4}),
    http2('http2-1x100-16', 1, 100, 16, {'kestrel': 0.4}),
    http2('http2-100x1', 100, 1, 1, {'saker-http1': 1.4, 'kestrel': 0.4}),
    http2('http2-100x1-16', 100, 1, 16, {'saker-http1': 2.5, 'kestrel': 0.4}),
    Row('rapid-reset', '10 connections, 64 B, 1 in flight, beside an attacker that resets streams',
        ('echo', '--connections', '10', '--size', '64', '--depth', '1'), {'saker-calm': 5.0},
        attack=('--attack',), servers=('saker', 'saker-calm'), figure='latency_p99_us'),
    tls('tls-1', 1, False, {'bun': 0.8}),
    tls('tls-16', 16, False, {'bun': 0.8}),
    tls('tls-http2-1', 1, True, {}),
    tls('tls-http2-16', 16, True, {}),
    get('get-http2', 'h2load', 'HTTP/2, h2load, 100 connections × 10 streams', ('-c100', '-m10'),
        {'nghttpd': 1.0}, ('saker', 'nghttpd', 'kestrel')),
    get('get-http1', 'wrk', 'HTTP/1.1, wrk, 100 connections', ('-t1', '-c100'), {'bun': 0.8},
        ('saker', 'bun', 'kestrel')),
    hub('hub-json-1', 'json', 1, {'saker-raw': 2.0, 'kestrel': 0.35}),
    hub('hub-json-16', 'json', 16, {'kestrel': 0.15}),
    hub('hub-messagepack-1', 'messagepack', 1, {'saker-raw': 2.0}),
    hub('hub-messagepack-16', 'messagepack', 16, {'kestrel-json': 0.15}),
    hub_value('hub-struct', 'struct', 'a struct of eight members'),
    hub_value('hub-numbers', 'numbers', '100 integers'),
    Row('hub-broadcast', 'SignalR: broadcast to 5,000 connections, 256 B, JSON',
        ('broadcast', '--connections', '5000', '--size', '256', '--hub', 'json'),
        {'saker-raw': 1.25, 'kestrel': 0.25}, mode='broadcast', hub='json', servers=hub_servers('json'),
        figure='seconds_per_message'),
    cluster_broadcast(1, {}),
    cluster_broadcast(2, {'saker-alone': 1.25}),
    cluster_broadcast(4, {}),
    cluster_groups(1, {'saker-alone': 1.2}),
    cluster_groups(2, {}),
    cluster_groups(4, {}),
    Row('cluster-no-traffic', 'SignalR: invoke and return, 100 connections, 64 B, 16 in flight, JSON, beside a backplane',
        ('echo', '--connections', '100', '--size', '64', '--depth', '16', '--hub', 'json'), {'saker-alone': 1.05},
        cluster=1, hub='json', servers=('saker', 'saker-alone')),
    Row('hub-idle', 'SignalR: 10,000 idle connections', ('idle', '--connections', '10000', '--hub', 'json'),
        most_bytes=4 * 1024, hub='json', servers=('saker', 'kestrel')),
    Row('idle', '10,000 idle connections', ('idle', '--connections', '10000'), most_bytes=2048),
    Row('idle-deflate', '10,000 idle connections that have agreed to permessage-deflate',
        ('idle', '--connections', '10000', '--size', '1024', '--deflate', 'no-takeover'),
        most_bytes=2048, mode='deflate'),
    Row('idle-http2', '10,000 idle WebSockets on 100 connections of HTTP/2',
        ('idle', '--connections', '10000'), http2=('--http2', '--streams', '100'), most_bytes=2048,
        servers=('saker', 'kestrel')),
    Row('idle-tls', '5,000 idle WebSockets over TLS', ('idle', '--connections', '5000'), tls=True,
        most_bytes=20 * 1024, servers=('saker', 'bun', 'kestrel')),
]
