"""The servers under comparison: how each is started and what it is called."""

import atexit
import functools
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / 'bench' / 'peers'
LISTENING = re.compile(r'Now listening on: https?://127\.0\.0\.1:(\d+)')
START_LIMIT = 15


@dataclass(frozen=True)
class Server:
    id: str
    title: str
    command: tuple
    version: str = ''
    raw: bool = False
    # Why it cannot take part; empty when it can.
    missing: str = ''
    only_echo: bool = False
    # Whether it takes part where the row does not say who does.
    by_default: bool = True


def find_servers(programs):
    asp_net_core = kestrel(programs)
    return [
        program(programs, 'saker', 'Saker', 'saker-bench-saker'),
        bun(),
        program(programs, 'floor', 'bare epoll (no WebSocket)', 'saker-bench-floor', raw=True),
        program(programs, 'beast', 'Boost.Beast', 'saker-bench-beast', asks_version=True),
        ws(),
        replace(program(programs, 'saker-http1', 'Saker over HTTP/1.1', 'saker-bench-saker'),
                by_default=False),
        replace(program(programs, 'saker-calm', 'Saker without the attacker', 'saker-bench-saker'),
                by_default=False),
        replace(program(programs, 'saker-raw', 'Saker without a hub', 'saker-bench-saker'),
                by_default=False),
        replace(program(programs, 'saker-locally', 'Saker, delivering locally first', 'saker-bench-hub'),
                by_default=False),
        replace(program(programs, 'saker-alone', 'Saker without Redis', 'saker-bench-hub'), by_default=False),
        asp_net_core,
        replace(asp_net_core, id='kestrel-json', title='Kestrel, in JSON'),
        nghttpd(),
    ]


def program(programs, id, title, name, raw=False, asks_version=False):
    path = programs / name
    if not path.exists():
        return Server(id, title, (), raw=raw, missing='not built')
    version = output_of(path, '--version') if asks_version else ''
    return Server(id, title, (path, '0'), version, raw, only_echo=id != 'saker')


def bun():
    path = PEERS / 'node_modules' / '@oven' / 'bun-linux-x64' / 'bin' / 'bun'
    if not path.exists():
        return Server('bun', 'Bun', (), missing='not installed (npm ci in bench/peers)')
    return Server('bun', 'Bun', (path, PEERS / 'bun.js', '0'), output_of(path, '--version'))


def ws():
    node = shutil.which('node')
    package = PEERS / 'node_modules' / 'ws' / 'package.json'
    if not node:
        return Server('ws', 'npm ws', (), missing='no Node.js')
    if not package.exists():
        return Server('ws', 'npm ws', (), missing='not installed (npm ci in bench/peers)')
    version = f'{json.loads(package.read_text())["version"]} on Node {output_of(node, "--version")}'
    return Server('ws', 'npm ws', (node, PEERS / 'ws.js', '0'), version)


def kestrel(programs):
    """A minimal ASP.NET Core application, built here where there is a .NET SDK."""
    title = 'Kestrel'
    dotnet = shutil.which('dotnet')
    if not dotnet:
        return Server('kestrel', title, (), missing='no dotnet', by_default=False)
    source = programs.parent / 'kestrel'
    shutil.copytree(PEERS / 'kestrel', source, dirs_exist_ok=True)
    made = source / 'out' / 'kestrel.dll'
    try:
        done = subprocess.run([dotnet, 'build', '-c', 'Release', '-o', str(made.parent), '-nologo', '-v', 'q'],
                              cwd=source, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if not done or done.returncode != 0 or not made.exists():
        return Server('kestrel', title, (), missing='could not be built', by_default=False)
    return Server('kestrel', title, (dotnet, made, '0'), f'.NET {output_of(dotnet, "--version")}',
                  by_default=False)


def nghttpd():
    path = shutil.which('nghttpd')
    if not path:
        return Server('nghttpd', 'nghttpd', (), missing='not installed (./dev setup)', by_default=False)
    version = output_of(path, '--version').removeprefix('nghttpd ')
    return Server('nghttpd', 'nghttpd', (path,), version, by_default=False)


def install_npm_peers():
    """Best effort: without npm, or without a network, the rows of these peers say so."""
    npm = shutil.which('npm')
    if (PEERS / 'node_modules').exists() or not npm:
        return
    try:
        subprocess.run([npm, 'ci', '--silent'], cwd=PEERS, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        print('npm ci in bench/peers took too long; going on without its peers')


@functools.cache
def certificate():
    """For 127.0.0.1, and its key; for this run only."""
    directory = tempfile.mkdtemp(prefix='saker-bench-')
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    files = (f'{directory}/bench.crt', f'{directory}/bench.key')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1',
                    '-out', files[0], '-keyout', files[1]], check=True, capture_output=True)
    return files


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ''
    return done.stdout.strip()


def pinned(core):
    """For preexec_fn: one core, and as many descriptors as the system allows."""
    def prepare():
        os.sched_setaffinity(0, {core})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return prepare


class Cluster:
    """Servers of one hub, and a Redis where they share one, for a `with` statement."""

    def __init__(self, server, row, core):
        self.members = []
        self.redis = None
        self.server, self.row, self.core = server, row, core

    def __enter__(self):
        more = []
        try:
            if self.server.id != 'saker-alone':
                port = free_port()
                redis = replace(self.server, command=('redis-server', '--bind', '127.0.0.1', '--port', str(port), '--save', ''))
                self.redis = Running(redis, self.row, False, self.core, port=port).__enter__()
                more = [f'redis://127.0.0.1:{port}', *(['locally-first'] if self.server.id == 'saker-locally' else [])]
            for _ in range(self.row.cluster):
                member = replace(self.server, command=(self.server.command[0].with_name('saker-bench-hub'), '0', *more))
                self.members.append(Running(member, self.row, False, self.core, port=0).__enter__())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for each in [*self.members, *([self.redis] if self.redis else [])]:
            each.__exit__()

    def arguments(self):
        """For the load generator."""
        places = [part for each in self.members
                  for part in ('--url', f'ws://127.0.0.1:{each.port}/hub', '--pid', str(each.pid))]
        if self.row.arguments[0] != 'broadcast':
            return places
        return places + (['--redis-pid', str(self.redis.pid)] if self.redis else ['--each-sends'])


class Running:
    """A started server, for a `with` statement."""

    def __init__(self, server, row, over_http2, core, port=None):
        """With a port the server's command is whole; 0: it tells its port."""
        self.server = server
        self.row = row
        self.over_http2 = over_http2
        self.core = core
        self.given_port = port

    def command(self):
        """The port, what it does, and for TLS a certificate and its key."""
        if self.given_port is not None:
            self.port = self.given_port
            return self.server.command
        if self.server.id == 'nghttpd':
            self.directory = tempfile.TemporaryDirectory()
            (Path(self.directory.name) / 'hello').write_text('Hello, World!')
            self.port = free_port()
            return [*self.server.command, '--no-tls', '-a', '127.0.0.1', '-d', self.directory.name,
                    str(self.port)]
        if self.row.hub and self.server.id == 'saker':
            return [self.server.command[0].with_name('saker-bench-hub'), '0']
        mode = self.row.mode
        # Kestrel needs a port of its own for HTTP/2 without TLS.
        if self.server.id == 'kestrel' and self.over_http2 and not self.row.tls:
            mode = 'http2'
        tls = certificate() if self.row.tls else ()
        return [*self.server.command, *([mode] if tls or mode != 'echo' else []), *tls]

    def __enter__(self):
        self.log = tempfile.TemporaryFile('w+')
        self.port = None
        command = [str(part) for part in self.command()]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, preexec_fn=pinned(self.core))
        try:
            if self.port:
                self.wait_until_connectable()
            else:
                self.port = self.wait_until_listening()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    @property
    def pid(self):
        return self.process.pid

    def cpu_seconds(self):
        """Of all its threads, user and system."""
        fields = Path(f'/proc/{self.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def wait_until_connectable(self):
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError('did not start')

    def wait_until_listening(self):
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := LISTENING.search(self.text()):
                return int(found.group(1))
            time.sleep(0.02)
        lines = self.text().strip().splitlines()
        raise RuntimeError(f'did not start: {lines[-1] if lines else "no output"}')

    def text(self):
        self.log.seek(0)
        return self.log.read()
