"""docs/benchmarks.md."""

import datetime
import os
import platform
from pathlib import Path

from .servers import output_of
from .tables import row_section, targets_table

TEXT = """\
# Benchmarks

Written by `./dev bench --write` on {date}; `./dev bench` alone measures and prints the same tables.

## Method

An echo server spends most of its time in the kernel, and messages per second on one machine depend on the load generator
as much as on the server. So the figure to compare is the **server process's CPU time per echoed message** (user and
system, of all its threads): it says how much work one core can do, whoever is the bottleneck.

- The server runs on one core and the load generator (`bench/load`) on another, over the loopback interface.
- "In flight" is the number of messages that each connection keeps on the way: every echo is answered with the next
  message. Messages are binary, masked and not compressed where the row does not say otherwise; every echo is checked.
- With permessage-deflate both ways are compressed, or the run fails: 64 different messages, made by zlib at its default
  level, and every echo is inflated.
- A broadcast is sent by one connection more and counted by its deliveries. The load generator does not sleep, so that no
  server is charged with waking it up.
- Servers take turns, {repeats} times {seconds:g} s each after a warm-up, so that a machine whose speed drifts hits all
  alike. Figures are medians; the least and the most are beside them. A turn in which other programs kept the server from
  its core is repeated.
- Over HTTP/2 each message is a DATA frame of its own, as browsers send them.
- GET is measured with h2load and wrk; the server's time is that of its process, as for all others.
- The attacker opens and resets streams of HTTP/2 on one connection as fast as it can, and connects again whenever it is cut off. It
  shares the load generator's thread, so the latencies beside it hold its own work as well.
- The floor is a bare epoll loop that sends back the bytes it receives, the same number, without any WebSocket: what the
  kernel alone costs.
- SignalR: "invoke and return" calls a hub method that gives its argument back; "without a hub" is Saker's plain WebSocket echo, or broadcast,
  of the same bytes. Kestrel is ASP.NET Core SignalR, with JSON, the protocol that comes with the SDK. Broadcasts to hubs leave out the sender.
- SignalR on several servers: those, and their Redis, share one core, so that what Redis takes is not theirs; CPU is that of all servers. "Without Redis" each
  server has a sender of its own and sends to its own clients. Groups have members on every server. p50 and p99: from a round's sends to its last delivery.
- Idle memory is what the server's resident set grows by per open connection, after 100 connections have come and gone.
  Memory of the kernel's sockets is not in it.

## Machine

{machine}

## Targets

{targets}

## Where a target is not reached

Broadcasts: the profile says that 96 % of the server's time is the kernel's `send`, about 5 µs for each member and turn
whatever the size, and Bun too sends what one turn publishes with one call for each member. So most of what both pay is the
same, and no server comes far below it. What was tried on Saker's side:

- one `send` for all messages of a turn, from one piece of memory that all members share, and the next members' memory
  fetched ahead: Saker's own share of a delivery fell from 7 % to 2 %;
- `io_uring`, 1,024 sends to registered files in one system call, in a bare program: 10 % less than as many `send`s. Not
  enough for the target, and a second way out for every byte: not taken.

Broadcasts of a hub: asked for were four times ASP.NET Core's deliveries per second, measured are 3.8 times (3.96 in the best run before). Saker's own
broadcast without a hub is no faster, and 96 % of its time is the kernel's `send`: what is left is not enough. What was tried on Saker's side:

- sending to each member at once instead of keeping 5,000 copies until the end of the turn: 9.5 to 7.4 µs;
- fetching what the next members need ahead, in four steps, and one pointer less on the way: 7.4 to 5.6 µs.

TLS: before the changes below, the profile of 64-byte echoes, one in flight, gave 69 % to the kernel, 19 % to OpenSSL and 5 % to Saker; of
those with 16 in flight (after the first change) 66 %, 16 % and 12 %, where Bun's kernel share was 59 %. The kernel's part of Saker's
time with 16 in flight is then some 0.65 of Bun's whole, and 0.8 would leave little for TLS and WebSocket together. What was tried:

- one question less for a record that is not there, and no clearing of an error queue that is empty, which was 5.8 % of the profile: a
  few per cent with 16 in flight, and with one nothing that stands out of the differences between turns;
- keeping OpenSSL's record buffers instead of giving them back between messages: no difference (0.499 and 0.494 µs), and 34 KiB more
  for each socket: not taken.

## What bounds and order cost

The version in which every queue got its bound and every end its place in line, against the version before it (`./dev bench --against`, five
turns of 1.2 s; nine for rows with a star). Idle sockets by the allocator: 1,936 and 1,968 bytes.

| row | before, µs | after, µs | after ÷ before | quartiles of the turns |
| --- | ---: | ---: | ---: | ---: |
| 100 connections, 64 B, 1 in flight | 6.689 | 5.777 | 0.86 | 0.83..1.01 |
| 100 connections, 64 B, 16 in flight | 0.479 | 0.449 | 0.94 | 0.93..0.95 |
| 100 connections, 4 KiB, 1 in flight | 7.814 | 6.617 | 0.84 | 0.83..0.85 |
| 20 connections, 64 KiB, 4 in flight * | 24.264 | 24.515 | 0.99 | 0.96..1.02 |
| permessage-deflate | 6.563 | 6.050 | 0.92 | 0.90..0.98 |
| permessage-deflate with context takeover * | 15.036 | 15.030 | 1.00 | 0.99..1.04 |
| broadcast to 5,000, 256 B | 5.937 | 5.869 | 0.99 | 0.90..0.99 |
| the same, 16 messages at once | 0.385 | 0.384 | 1.00 | 1.00..1.00 |
| the same, 1 KiB, permessage-deflate | 5.914 | 5.793 | 0.98 | 0.94..0.99 |
| HTTP/2, 1 connection × 100 streams, 1 in flight * | 1.650 | 1.629 | 1.02 | 0.89..1.06 |
| HTTP/2, 1 connection × 100 streams, 16 in flight | 0.241 | 0.240 | 1.00 | 0.95..1.07 |
| HTTP/2, 100 connections, 1 in flight | 6.497 | 6.440 | 1.00 | 1.00..1.01 |
| HTTP/2, 100 connections, 16 in flight | 0.634 | 0.636 | 1.01 | 0.99..1.01 |
| TLS, 1 in flight | 8.636 | 8.419 | 0.98 | 0.94..1.04 |
| TLS, 16 in flight | 0.615 | 0.630 | 0.98 | 0.89..1.06 |
| TLS and HTTP/2, 1 in flight * | 8.958 | 9.459 | 1.06 | 1.03..1.11 |
| TLS and HTTP/2, 16 in flight | 0.829 | 0.822 | 0.98 | 0.97..1.03 |
| GET over HTTP/2 * | 2.861 | 2.890 | 1.02 | 0.98..1.13 |
| GET over HTTP/1.1 | 7.158 | 7.125 | 1.01 | 0.98..1.02 |
| SignalR, JSON, 1 in flight | 8.126 | 7.803 | 0.95 | 0.90..1.02 |
| SignalR, JSON, 16 in flight | 1.689 | 1.429 | 0.89 | 0.85..0.89 |
| SignalR, MessagePack, 1 in flight | 9.052 | 8.833 | 0.97 | 0.86..1.02 |
| SignalR, MessagePack, 16 in flight | 3.146 | 2.563 | 0.83 | 0.82..0.89 |
| SignalR, broadcast to 5,000 | 5.670 | 5.876 | 1.01 | 1.01..1.04 |

## Results

{rows}
"""


def write_document(path, bench, servers, all_results):
    rows = '\n\n'.join(row_section(row, servers, results) for row, results in all_results)
    path.write_text(TEXT.format(
        date=datetime.date.today().isoformat(), repeats=bench.repeats, seconds=bench.seconds,
        machine=machine(bench, servers), targets=targets_table(all_results), rows=rows))


def machine(bench, servers):
    facts = [f'{cpu_model()}, {os.cpu_count()} cores', f'{distribution()}, Linux {platform.release()}',
             output_of(bench.load, '--version')]
    facts += [f'{server.title}: {server.version or server.missing}'
              for server in servers if server.version or server.missing]
    return '\n'.join(f'- {fact}' for fact in facts)


def cpu_model():
    for line in Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            return line.split(':', 1)[1].strip()
    return platform.machine()


def distribution():
    try:
        return platform.freedesktop_os_release()['PRETTY_NAME']
    except (OSError, KeyError):
        return platform.system()
