"""One server, one attack, and what the server may not do meanwhile."""
import contextlib
import os
import re
import resource
import select
import selectors
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

import wire

MIB = 1 << 20
SLOWEST_HANDLER = 1.5  # seconds, as server.cpp says
# What a server touches for the first time with its first thousand requests, whoever sends them: code, heap, buffers of a loop.
SLACK = 4 * MIB
MOST = 64 * MIB
# A short attack has then filled what the system holds for a connection, and far more than the server may.
SHORT_FLOOD = 4 * MIB
SHORT_VISITS = 150

STRATEGIES = {}


@dataclass
class Strategy:
    """`each`: bytes that one connection may cost by the documented limits of server.cpp; `connections`: how many it has at most;
    `ends`: the server ends every connection by itself within so many seconds after the attack; `longest`: what the slowest handler of the
    server takes; `quiet` is False where handlers of the application fail and each failure is logged; `short` ones run in the tests too."""
    name: str
    run: object
    each: int = MIB
    connections: int = 1
    ends: float | None = None
    program: str = 'saker-hostile-server'
    proxied: bool = False
    longest: float = SLOWEST_HANDLER
    quiet: bool = True
    short: bool = True

    @property
    def bound(self):
        return SLACK + self.each * self.connections


def add(name, run, **more):
    strategy = Strategy(name, run, **more)
    assert name not in STRATEGIES, name
    assert strategy.bound <= MOST, f'{name}: the bound is {strategy.bound >> 20} MiB'
    STRATEGIES[name] = strategy


class Turns:
    """What is tried on every carrier is tried on one of them in the tests, each in its turn."""

    def __init__(self, carriers):
        self.carriers, self.counts = list(carriers), {}

    def comes(self, carrier):
        count = self.counts[carrier] = self.counts.get(carrier, -1) + 1
        return count % len(self.carriers) == self.carriers.index(carrier)


def strategy(name, **more):
    def take(run):
        add(name, run, **more)
        return run
    return take


# --- The server ---

def certificate(folder):
    names = [os.path.join(folder, name) for name in ('localhost.crt', 'localhost.key')]
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-out', names[0], '-keyout', names[1]],
                   check=True, capture_output=True)
    return names


def make_site(folder):
    """The static files."""
    with open(os.path.join(folder, 'small.txt'), 'w') as file:
        file.write('small\n')
    with open(os.path.join(folder, 'big.bin'), 'wb') as file:
        file.write(bytes(4 * MIB))


class Stopwatch:
    """Seconds of a server's own: what a thread of it waits for a processor meanwhile, on a machine that is busy, does not count."""

    def __init__(self, server):
        self.server, self.begin, self.before, self.waited = server, time.monotonic(), server.waits(), 0

    def whole(self):
        return time.monotonic() - self.begin

    def seconds(self):
        for thread, waited in self.server.waits().items():
            self.waited = max(self.waited, waited - self.before.get(thread, 0))
        return self.whole() - self.waited


class Server:
    def __init__(self, programs, site, program, proxied=False):
        self.log_file = tempfile.NamedTemporaryFile('w+', suffix='.log')
        arguments = ['--urls', 'http://127.0.0.1:0;https://127.0.0.1:0', '--threads', '1',
                     '--certificate', site.certificate[0], '--key', site.certificate[1]]
        if program == 'saker-hostile-server':
            arguments += ['--root', site.folder] + (['--proxied'] if proxied else [])
        self.process = subprocess.Popen([os.path.join(programs, program), *arguments], stdout=self.log_file,
                                        stderr=subprocess.STDOUT)
        self.started = time.monotonic()
        self.program = program
        self.proxied = proxied
        self.port, self.tls_port = self.find_ports()

    def find_ports(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            ports = re.findall(r'Now listening on: (https?)://127\.0\.0\.1:(\d+)', self.log())
            if len(ports) == 2:
                ports = dict(ports)
                return int(ports['http']), int(ports['https'])
            if not self.is_alive():
                break
            time.sleep(0.01)
        raise RuntimeError(f'{self.program} does not start: {self.log()[-500:]}')

    def log(self):
        with open(self.log_file.name, errors='replace') as file:
            return file.read()

    def is_alive(self):
        return self.process.poll() is None

    def status(self, name):
        with contextlib.suppress(OSError), open(f'/proc/{self.process.pid}/status') as file:
            for line in file:
                if line.startswith(name + ':'):
                    return int(line.split()[1]) * 1024
        return 0

    def rss(self):
        return self.status('VmRSS')

    def forget_peak(self):
        with open(f'/proc/{self.process.pid}/clear_refs', 'w') as file:
            file.write('5')

    def descriptors(self):
        with contextlib.suppress(OSError):
            return len(os.listdir(f'/proc/{self.process.pid}/fd'))
        return 0

    def ended(self):
        code = self.process.poll()
        return signal.Signals(-code).name if code is not None and code < 0 else f'exit status {code}'

    def waits(self):
        """Seconds that each thread has waited for a processor."""
        waits = {}
        with contextlib.suppress(OSError):
            for thread in os.listdir(f'/proc/{self.process.pid}/task'):
                with contextlib.suppress(OSError), open(f'/proc/{self.process.pid}/task/{thread}/schedstat') as file:
                    waits[thread] = int(file.read().split()[1]) / 1e9
        return waits

    def wait_for(self, condition, seconds):
        """The time that it took; None: longer."""
        watch = Stopwatch(self)
        while not condition():
            if watch.seconds() > seconds or watch.whole() > 4 * seconds:
                return None
            time.sleep(0.02)
        return watch.seconds()

    def stop(self, seconds):
        """The time that SIGINT takes; None: longer."""
        self.process.send_signal(signal.SIGINT)
        return self.wait_for(lambda: not self.is_alive(), seconds)

    def end(self):
        if self.is_alive():
            self.process.kill()
        self.process.wait()
        self.log_file.close()


# --- The client ---

def client_context(alpn, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols([alpn])
    if version:
        context.minimum_version = context.maximum_version = version
    return context


CONTEXTS = {alpn: client_context(alpn) for alpn in ('http/1.1', 'h2')}


class Client:
    """A connection that does not block. What the system has not taken of a send waits here and goes first."""

    def __init__(self, attack, tls=False, alpn='http/1.1', receive_buffer=4096, context=None):
        self.attack = attack
        self.waiting = memoryview(b'')
        self.sent = 0
        self.ended = False
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.settimeout(20)
        raw.connect(('127.0.0.1', attack.server.tls_port if tls else attack.server.port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if attack.server.proxied:
            raw.sendall(b'PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n')
        self.socket = (context or CONTEXTS[alpn]).wrap_socket(raw, server_hostname='localhost') if tls else raw
        self.socket.setblocking(False)

    def fileno(self):
        return self.socket.fileno()

    def send(self, data=b''):
        """As much as the system takes; True: all of it. For what is small and sent once, send_all."""
        if data:
            self.waiting = memoryview(bytes(self.waiting) + bytes(data)) if self.waiting else memoryview(data)
        try:
            while self.waiting and not self.ended:
                count = self.socket.send(self.waiting)
                self.sent += count
                self.waiting = self.waiting[count:]
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return False
        except OSError:
            self.ended = True
        return not self.waiting

    def send_all(self, data, seconds=10):
        until = time.monotonic() + seconds
        self.send(data)
        while self.waiting and not self.ended and time.monotonic() < until:
            time.sleep(0.005)
            self.send()
        return self

    def receive(self):
        """What is there: bytes, or None at the end."""
        try:
            data = self.socket.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b''
        except OSError:
            data = b''
        if data:
            return data
        self.ended = True
        return None

    def receive_until(self, mark, seconds=10):
        """All that came until the mark; without it an end or no answer is an empty answer."""
        until, text = time.monotonic() + seconds, b''
        while mark not in text and time.monotonic() < until:
            data = self.receive()
            if data is None:
                return b''
            if not data:
                time.sleep(0.002)
            text += data
        return text if mark in text else b''

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.close()
        self.ended = True

    def reset(self):
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.close()

    def half_close(self):
        with contextlib.suppress(OSError, ValueError):
            socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def vanish(self, number):
        """Each third in its way: a reset, a half close, silence."""
        (self.reset, self.half_close, lambda: None)[number % 3]()


class Attack:
    """What a strategy works with: connections to the server, and the time."""

    def __init__(self, server, seconds, bound, baseline):
        self.server = server
        self.seconds = seconds
        self.is_short = seconds < 3
        self.until = time.monotonic() + seconds
        self.too_much = baseline + bound + 16 * MIB
        self.clients = []

    # How many, and how long.

    def number(self, whole):
        """That many in ten seconds, and fewer in a short attack."""
        return max(3, min(whole, round(whole * self.seconds / 10)))

    def goes_on(self):
        return time.monotonic() < self.until and self.server.is_alive() and self.server.rss() < self.too_much

    def connect(self, **more):
        client = Client(self, **more)
        self.clients.append(client)
        return client

    def connect_many(self, count, **more):
        return [self.connect(**more) for _ in range(count)]

    def open_and_leave(self, most, visit, **more):
        """Connections one after the other, each for `visit(client, number)`; those that the server still has are never more than `most`."""
        self.repeat(most, lambda number: visit(self.connect(**more), number))

    def repeat(self, most, visit):
        """The same for a visit that makes its connections itself."""
        others = self.server.descriptors() - len([client for client in self.clients if not client.ended])
        number = 0
        while self.goes_on() and not (self.is_short and number >= SHORT_VISITS):
            if self.server.descriptors() - others >= most:
                if self.clients:
                    self.clients.pop(0).close()
                time.sleep(0.001)
                continue
            visit(number)
            number += 1

    # What is done with them.

    def flood(self, clients, make, read=False, again=None):
        """Sends what `make` returns (bytes, or a function of the client) over and over, as fast as the server takes it, and reads the
        answers or does not; until the time is over or all clients have ended, for which `again` may open others."""
        make = make if callable(make) else (lambda client, data=make: data)
        clients = list(clients) if isinstance(clients, (list, tuple)) else [clients]
        last_taken = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client, selectors.EVENT_WRITE | (selectors.EVENT_READ if read else 0))
            while selector.get_map() and self.goes_on():
                # A short attack has seen enough where the server reads no more.
                if self.is_short and time.monotonic() - last_taken > 0.3:
                    return
                for key, events in selector.select(0.05):
                    client = key.fileobj
                    if events & selectors.EVENT_READ:
                        client.receive()
                    if events & selectors.EVENT_WRITE:
                        last_taken = time.monotonic()
                        client.send(b'' if client.waiting else make(client))
                    if client.ended or self.is_short and client.sent > SHORT_FLOOD:
                        selector.unregister(client)
                    if client.ended and again:
                        client.close()
                        selector.register(again(), key.events)

    def hold(self, clients=None):
        """Waits for the end of the time, or of all of them; reads nothing."""
        poll = select.poll()
        waited_for = {}
        for client in self.clients if clients is None else clients:
            if not client.ended:
                waited_for[client.fileno()] = client
                poll.register(client, select.POLLRDHUP)
        while self.goes_on() and waited_for:
            for descriptor, _ in poll.poll(50):
                waited_for.pop(descriptor).ended = True
                poll.unregister(descriptor)

    def drip(self, clients, data, wrap=bytes):
        """One byte after the other, one a second; in a short attack faster."""
        pause = min(1, self.seconds / 20)
        for each in data:
            if not self.goes_on() or all(client.ended for client in clients):
                break
            for client in clients:
                if not client.ended:
                    client.send(wrap(bytes([each])))
            time.sleep(pause)
        self.hold(clients)

    def sip(self, clients):
        """Reads one byte a second."""
        pause = min(1, self.seconds / 20)
        while self.goes_on() and any(not client.ended for client in clients):
            for client in clients:
                with contextlib.suppress(OSError):
                    client.socket.recv(1)
            time.sleep(pause)


# --- Judging ---

@dataclass
class Verdict:
    name: str
    faults: list = field(default_factory=list)
    grown: int = 0
    bound: int = 0
    seconds: float = 0
    ratio: str = ''
    certain: bool = False  # Some of the faults is not one of time, which a busy machine may have.


def honest_answers(server):
    """What a well-behaved client gets after the attack."""
    attack = Attack(server, 30, MOST, 1 << 50)
    for tls in (False, True):
        client = attack.connect(tls=tls, receive_buffer=65536)
        client.send_all(wire.request('/' if server.program != 'saker-hostile-server' else '/ok', fields='Connection: close\r\n'))
        answer = client.receive_until(b'\r\n\r\n')
        client.close()
        if b' 200 ' not in answer[:16]:
            return f'an honest request over {"TLS" if tls else "TCP"} gets {answer[:40]!r}'
    return None


def log_faults(log, seconds):
    """At most one line for each kind and second, and nothing of a peer's unescaped."""
    if re.search(r'[\x00-\x08\x0b-\x1f\x7f]', log):
        yield 'control characters in the log'
    kinds = {}
    for line in log.splitlines():
        kind = re.sub(r'\d+', '#', re.sub(r'^\S+ \S+ ', '', line))[:50]
        kinds.setdefault(kind, []).append(line)
    for kind, lines in kinds.items():
        if len(lines) > seconds + 2:
            yield f'{len(lines)} log lines of one kind in {seconds:.0f} s: {lines[-1]!r}'


class Trial:
    """One strategy against a server of its own."""

    def __init__(self, chosen, programs, site, seconds, honest=None):
        self.chosen, self.seconds, self.honest = chosen, seconds, honest
        self.server = Server(programs, site, chosen.program, chosen.proxied)
        self.verdict = Verdict(chosen.name, bound=chosen.bound)

    def fault(self, text, of_time=False):
        self.verdict.faults.append(text)
        self.verdict.certain |= not of_time

    def judge(self):
        begin = time.monotonic()
        try:
            for step in (self.warm_up, self.attack, self.see_the_end, self.see_descriptors, self.ask, self.stop):
                if not self.server.is_alive() and step != self.warm_up:
                    self.fault(f'the server has ended: {self.server.ended()}')
                    break
                step()
            for fault in log_faults(self.server.log(), time.monotonic() - self.server.started) if self.chosen.quiet else ():
                self.fault(fault)
        finally:
            self.server.end()
        self.verdict.seconds = time.monotonic() - begin
        return self.verdict

    def warm_up(self):
        honest_answers(self.server)
        self.descriptors = self.server.descriptors()
        self.server.wait_for(lambda: self.server.descriptors() < self.descriptors, 0.05)
        self.descriptors = min(self.descriptors, self.server.descriptors())
        self.baseline = self.server.rss()
        self.server.forget_peak()

    def run(self, seconds):
        attack = Attack(self.server, seconds, self.chosen.bound, self.baseline)
        try:
            self.chosen.run(attack)
        except (OSError, EOFError):
            pass  # The server may cut an attacker off at any time.
        return attack

    def attack(self):
        with self.honest(self) if self.honest else contextlib.nullcontext():
            self.attacked = self.run(self.seconds)
        self.verdict.grown = max(0, self.server.status('VmHWM') - self.baseline)
        if self.verdict.grown > self.chosen.bound:
            self.fault(f'the server grew by {self.verdict.grown >> 20} MiB, over {self.chosen.bound >> 20} MiB')

    def see_the_end(self):
        """Where the documents say that a limit ends such a connection."""
        if self.chosen.ends is None:
            return
        if self.server.wait_for(lambda: self.server.descriptors() <= self.descriptors, self.chosen.ends + 4) is None:
            left = self.server.descriptors() - self.descriptors
            self.fault(f'{left} of {len(self.attacked.clients)} connections are not ended by the server after {self.chosen.ends} s',
                       of_time=True)

    def see_descriptors(self):
        for client in self.attacked.clients:
            client.close()
        if self.server.wait_for(lambda: self.server.descriptors() <= self.descriptors, 10) is None:
            self.fault(f'{self.server.descriptors() - self.descriptors} descriptors are left 10 s after their clients', of_time=True)

    def ask(self):
        answer = honest_answers(self.server)
        if answer:
            self.fault(answer)

    def stop(self):
        """While some attack again."""
        attack = self.run(min(self.seconds, 0.15))
        if not self.server.is_alive():
            self.fault(f'the server has ended: {self.server.ended()}')
            return
        limit = self.chosen.longest + 2
        took = self.server.stop(limit + (4 if attack.is_short else 20))
        for client in attack.clients:
            client.close()
        if took is None or took > limit + 1:  # One more for a machine that is busy.
            self.fault(f'the stop took {"far longer" if took is None else f"{took:.1f} s"}, over {limit} s', of_time=True)
        if took is not None and self.server.process.returncode not in (0, 1):
            self.fault(f'the stop ended with {self.server.ended()}')


def raise_descriptor_limit():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
