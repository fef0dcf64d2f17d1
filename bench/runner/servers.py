"""The servers under comparison: how each is started and what it is called."""

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / 'bench' / 'peers'
LISTENING = re.compile(r'Now listening on: http://127\.0\.0\.1:(\d+)')
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


def find_servers(programs):
    return [
        program(programs, 'saker', 'Saker', 'saker-bench-saker'),
        bun(),
        program(programs, 'floor', 'bare epoll (no WebSocket)', 'saker-bench-floor', raw=True),
        program(programs, 'beast', 'Boost.Beast', 'saker-bench-beast', asks_version=True),
        ws(),
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


def install_npm_peers():
    """Best effort: without npm, or without a network, the rows of these peers say so."""
    npm = shutil.which('npm')
    if (PEERS / 'node_modules').exists() or not npm:
        return
    try:
        subprocess.run([npm, 'ci', '--silent'], cwd=PEERS, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        print('npm ci in bench/peers took too long; going on without its peers')


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


class Running:
    """A started server, for a `with` statement."""

    def __init__(self, server, mode, core):
        self.server = server
        self.mode = mode
        self.core = core

    def __enter__(self):
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            [*map(str, self.server.command), *([] if self.mode == 'echo' else [self.mode])], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT, preexec_fn=pinned(self.core))
        try:
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
