"""Well-behaved clients beside an attack, in a process of their own, and how long they wait."""
import multiprocessing
import os
import socket
import time

import wire

# What the scheduler of a busy machine may cost without the server's doing.
LEAST = 0.001
MOST_TIMES = 5
PAUSE = 0.002
CPUS = sorted(os.sched_getaffinity(0))


def percentile_99(times):
    return sorted(times)[int(len(times) * 0.99)] if times else float('inf')


class Peer:
    """Asks and waits for the whole answer, again and again."""

    def __init__(self, port, opening, question, answer_size):
        self.port, self.opening, self.question, self.answer_size = port, opening, question, answer_size
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(('127.0.0.1', self.port), 10)
        if self.opening:
            self.socket.sendall(self.opening)
            text = b''
            while b'\r\n\r\n' not in text:
                text += self.socket.recv(4096) or b'\r\n\r\n'

    def ask(self):
        begin, text = time.monotonic(), b''
        try:
            self.socket.sendall(self.question)
            while len(text) < self.answer_size:
                data = self.socket.recv(4096)
                if not data:
                    raise ConnectionError
                text += data
        except OSError:
            # Idle for longer than the short limits of the server, or refused: that one counts as well.
            self.connect()
        return time.monotonic() - begin


def measure(port, path, pipe, sockets):
    try:  # The attack's own work keeps nobody waiting.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass
    first = wire.request(path)
    peers = [Peer(port, b'', first, 40)]
    if sockets:
        peers.append(Peer(port, wire.upgrade('/ws/messages'), wire.frame(b'x' * 100), 102))
    times, calm = [], None
    while True:
        if pipe.poll():
            if pipe.recv() == 'attack':
                calm, times = times, []
            else:
                break
        for peer in peers:
            try:
                times.append(peer.ask())
            except OSError:
                times.append(float('inf'))
        time.sleep(PAUSE)
    pipe.send((percentile_99(calm), percentile_99(times), len(times)))


class Honest:
    """Around an attack: measures before it, then during it."""

    def __init__(self, trial):
        self.trial = trial
        self.pipe, other = multiprocessing.Pipe()
        server = trial.server
        own = server.program == 'saker-hostile-server'
        self.process = multiprocessing.Process(target=measure, args=(server.port, '/ok' if own else '/', other, own and not server.proxied), daemon=True)
        if len(CPUS) > 1:  # The server has one for itself, so that the attack's own work is not measured.
            for thread in os.listdir(f'/proc/{server.process.pid}/task'):
                os.sched_setaffinity(int(thread), CPUS[:1])
            os.sched_setaffinity(0, CPUS[1:])

    def __enter__(self):
        if self.trial.server.proxied:
            return self
        self.process.start()
        time.sleep(min(2, self.trial.seconds))
        self.pipe.send('attack')
        return self

    def __exit__(self, *_):
        if self.trial.server.proxied:
            return
        self.pipe.send('end')
        if self.pipe.poll(30):
            calm, attacked, count = self.pipe.recv()
            self.trial.verdict.ratio = f'p99 {calm * 1000:.1f} -> {attacked * 1000:.1f} ms'
            if attacked > MOST_TIMES * max(calm, LEAST):
                self.trial.fault(f'{count} well-behaved requests have a p99 of {attacked * 1000:.1f} ms, {calm * 1000:.1f} ms without the attack')
        elif self.trial.server.is_alive():
            self.trial.fault('well-behaved clients get no answer for half a minute')
        self.process.kill()
        self.process.join()
