"""Runs saker-load against the servers and collects what it reports."""

import json
import math
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field

from .servers import Cluster, Running, pinned

# With more of its time spent waiting for its own core, a server was disturbed by other programs.
DISTURBED = 0.1
ATTEMPTS = 3


@dataclass
class Result:
    """All that is known of one server in one row."""
    reports: list = field(default_factory=list)
    failure: str = ''
    disturbed_turns: int = 0

    @property
    def disturbed(self):
        """Whether so many turns were that the median is in doubt."""
        return self.disturbed_turns * 2 >= max(len(self.reports), 1)


class Bench:
    def __init__(self, programs, seconds, warmup, repeats):
        self.load = programs / 'saker-load'
        self.seconds = seconds
        self.warmup = warmup
        self.repeats = repeats
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.load_core = cores[0], cores[-1]

    def measure(self, row, servers):
        """Server id -> Result. Servers take turns, so that a drifting machine hits all alike."""
        results = {server.id: Result(failure=server.missing) for server in servers if row.takes(server)}
        servers = [server for server in servers if server.id in results]
        # Memory does not drift.
        for turn in range(1 if row.is_idle else self.repeats):
            for server in servers:
                if not results[server.id].failure:
                    progress(f'{row.id}, turn {turn + 1}: {server.title}')
                    self.add_report(row, server, results[server.id])
        progress('')
        return results

    def add_report(self, row, server, result):
        try:
            report = self.undisturbed(row, server)
        except (RuntimeError, OSError) as error:
            result.failure = str(error)
            return
        result.reports.append(report)
        result.disturbed_turns += is_disturbed(report)

    def undisturbed(self, row, server):
        for _ in range(ATTEMPTS):
            report = self.run_once(row, server)
            if not is_disturbed(report):
                break
        return report

    def run_once(self, row, server):
        if row.cluster:
            return self.run_cluster(row, server)
        over_http2 = bool(row.http2) and server.id != 'saker-http1'
        with Running(server, row, over_http2, self.server_core) as running:
            if row.tool != 'saker-load':
                return self.run_get(row, running)
            scheme = 'wss' if row.tls else 'ws'
            is_hub = row.hub and server.id != 'saker-raw'
            arguments = row.arguments
            if server.id == 'kestrel-json':
                arguments = ['json' if each == row.hub else each for each in arguments]
            command = [str(self.load), *arguments, '--pid', str(running.pid),
                       '--url', f'{scheme}://127.0.0.1:{running.port}/{"hub" if is_hub else "ws"}']
            if row.hub and not is_hub:
                command.append('--bare')
            if over_http2:
                command += row.http2
            if server.id != 'saker-calm':
                command += row.attack
            if not row.is_idle:
                command += ['--seconds', str(self.seconds), '--warmup', str(self.warmup)]
            if server.raw:
                command.append('--raw')
            return run_load(command, self.load_core)


    def run_cluster(self, row, server):
        with Cluster(server, row, self.server_core) as cluster:
            return run_load([str(self.load), *row.arguments, *cluster.arguments(), '--seconds', str(self.seconds),
                             '--warmup', str(self.warmup)], self.load_core)

    def run_get(self, row, running):
        """With a load generator that knows nothing of the server's CPU time."""
        command = [row.tool, *row.arguments, f'http://127.0.0.1:{running.port}/hello']
        run_tool(command + duration(row.tool, self.warmup), self.load_core)
        before, start = running.cpu_seconds(), time.monotonic()
        output = run_tool(command + duration(row.tool, self.seconds), self.load_core)
        used, elapsed = running.cpu_seconds() - before, time.monotonic() - start
        requests = count_requests(row.tool, output)
        return {'messages_per_second': requests / elapsed,
                'server_cpu_us_per_message': used / requests * 1e6,
                'server_cpu_share': used / elapsed}


def duration(tool, seconds):
    # h2load and wrk count whole seconds.
    return ['-D' if tool == 'h2load' else '-d', str(max(1, math.ceil(seconds)))]


def count_requests(tool, output):
    pattern = r'requests: .*, (\d+) succeeded, 0 failed, 0 errored' if tool == 'h2load' else r'(\d+) requests in'
    found = re.search(pattern, output)
    if not found or 'Non-2xx' in output or int(found.group(1)) == 0:
        raise RuntimeError(f'{tool} did not get its answers: {output.strip()[-200:]}')
    return int(found.group(1))


def run_tool(command, core):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                              preexec_fn=pinned(core))
    except FileNotFoundError:
        raise RuntimeError(f'{command[0]} is not installed (./dev setup)') from None
    except subprocess.TimeoutExpired:
        raise RuntimeError(f'{command[0]} did not end') from None
    return done.stdout


def run_load(command, core):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False,
                              preexec_fn=pinned(core))
    except subprocess.TimeoutExpired:
        raise RuntimeError('saker-load did not end') from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(lines[0] if lines else f'saker-load ended with {done.returncode}')
    report = json.loads(done.stdout)
    if 'messages_per_second' in report:
        report['seconds_per_message'] = 1 / report['messages_per_second']
    return report


def is_disturbed(report):
    return report.get('server_wait_share', 0) > DISTURBED


def progress(text):
    if sys.stderr.isatty():
        print(f'\r\033[K{text}', end='', file=sys.stderr, flush=True)
