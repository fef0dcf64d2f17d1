#!/usr/bin/env python3
"""Checks who includes whom: ./dev lint runs it.

A folder of src/ (a room) knows only the rooms in the lines above its own; POSIX and Linux headers
are for io; no header includes itself by way of others; a public header includes no private one.
What breaks this today is in includes.known with its reason, and only that.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
KNOWN = pathlib.Path(__file__).with_suffix('.known')

# Rooms in one line do not know each other. So there are no cycles among them either.
ORDER = '''
async
observe
io
binding
http/message
http/exchange
http/pipeline http/v1 http/v2
http/features
fanout
websocket
websocket/deflate
websocket/reader websocket/writer
websocket/lifetime
websocket/handshake
signalr
signalr/transports
signalr/protocol
signalr/hub signalr/backplane
redis
client
proxy
app
'''
LEVEL = {room: level for level, line in enumerate(ORDER.strip().splitlines())
         for room in line.split()}

# Whoever else is above them is not to know what carries a request, nor what is plugged in.
ONLY_APP_KNOWS = {'http/v1', 'http/v2', 'http/features'}

# A feature has only the public API of the rooms of HTTP, but for helpers that are mere values.
PRIVATE_TO_FEATURES = {'http/exchange', 'http/pipeline'}

# The public headers that are not in the folder of their room.
PUBLIC = {'binding.hpp': 'binding', 'saker.hpp': 'app', 'signalr.hpp': 'app',
          'redis.hpp': 'app', 'authentication.hpp': 'app',
          'websocket/group.hpp': 'websocket/lifetime', 'websocket/manager.hpp': 'websocket/handshake'}

POSIX = re.compile(
    r'(arpa|asm|linux|net|netinet|netpacket|sys)/.*|'
    r'(aio|dirent|dlfcn|endian|execinfo|fcntl|fnmatch|ftw|glob|grp|ifaddrs|langinfo|libgen|malloc|'
    r'mqueue|netdb|nl_types|poll|pthread|pwd|regex|resolv|sched|search|semaphore|signal|spawn|'
    r'strings|stropts|syslog|termios|ucontext|ulimit|unistd|utime|utmpx|wordexp)\.h')

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Include:
    """One line of a file, and the file of ours that it brings in, if it is one."""

    def __init__(self, file, number, quoted, name):
        self.file, self.number, self.quoted, self.name = file, number, quoted, name
        below = [ROOT / 'include'] if file.startswith('include/') else [ROOT / 'src', ROOT / 'include']
        roots = [(ROOT / file).parent, *below] if quoted else [ROOT / 'include', ROOT / 'src']
        found = next((root / name for root in roots if (root / name).is_file()), None)
        self.target = found.resolve().relative_to(ROOT).as_posix() if found else None


def room_of(path):
    """The room of a file, or None."""
    root, _, below = path.partition('/')
    if root == 'include':
        below = below.removeprefix('saker/')
        if below in PUBLIC:
            return PUBLIC[below]
    return next((str(each) for each in pathlib.PurePath(below).parents if str(each) in LEVEL), None)


def fault_of_direction(include):
    room, other = room_of(include.file), room_of(include.target)
    if not room or not other or room == other:
        return None
    if LEVEL[other] >= LEVEL[room]:
        return f'{room} does not know {other}'
    if other in ONLY_APP_KNOWS and room != 'app':
        return f'only app knows {other}'
    if room == 'http/features' and other in PRIVATE_TO_FEATURES and include.target.startswith('src/'):
        return f'a feature is on the public API, not on what {other} has for itself'
    return None


def fault_of(include):
    """Why it must not be there, or None."""
    if not include.quoted and POSIX.fullmatch(include.name):
        return None if room_of(include.file) == 'io' else 'system calls are for io'
    if not include.target:
        return 'there is no such file' if include.quoted else None
    if include.file.startswith('include/') and include.target.startswith('src/'):
        return 'a public header includes a private one'
    return fault_of_direction(include)


def cycles(includes):
    """The includes that close a cycle."""
    of_file = {}
    for each in includes:
        if each.target:
            of_file.setdefault(each.file, []).append(each)
    done, path, closing = set(), [], []

    def follow(file):
        path.append(file)
        for each in of_file.get(file, []):
            if each.target in path:
                closing.append((each, ' -> '.join([*path[path.index(each.target):], each.target])))
            elif each.target not in done:
                follow(each.target)
        done.add(path.pop())

    for file in of_file:
        if file not in done:
            follow(file)
    return closing


def read_known():
    """(file, what it includes) -> the line that allows it; and what is wrong with the lines."""
    allowed, faults = {}, []
    lines = KNOWN.read_text().splitlines() if KNOWN.is_file() else []
    for number, line in enumerate(lines, 1):
        words = line.split(maxsplit=2)
        if not words or line.startswith('#'):
            continue
        if len(words) < 3 or tuple(words[:2]) in allowed:
            faults.append((number, 'each line is a file, what it includes, and a reason, once'))
        else:
            allowed[tuple(words[:2])] = number
    return allowed, faults


def main():
    files = sorted(path.relative_to(ROOT).as_posix() for root in ('src', 'include')
                   for path in (ROOT / root).rglob('*') if path.suffix in ('.hpp', '.cpp', '.h'))
    includes, faults = [], []
    for file in files:
        if not room_of(file):
            faults.append((file, 1, 'it is in no room of tests/structure/includes.py'))
        for number, line in enumerate((ROOT / file).read_text().splitlines(), 1):
            if match := INCLUDE.match(line):
                includes.append(Include(file, number, match[1] == '"', match[2]))

    allowed, wrong = read_known()
    unused = dict(allowed)
    for each in includes:
        if why := fault_of(each):
            if (each.file, each.name) in allowed:
                unused.pop((each.file, each.name), None)
            else:
                faults.append((each.file, each.number, f'includes {each.name}: {why}'))
    faults += [(each.file, each.number, f'a cycle: {way}') for each, way in cycles(includes)]
    wrong += [(number, f'not needed any more: {file} {name}')
              for (file, name), number in unused.items()]
    faults += [(KNOWN.relative_to(ROOT).as_posix(), number, why) for number, why in wrong]
    for file, number, why in faults:
        print(f'{file}:{number}: {why}')
    sys.exit(1 if faults else 0)


main()
