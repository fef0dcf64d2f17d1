#!/usr/bin/env python3
"""Checks what docs/architecture.md tells a newcomer: ./dev lint runs it.

Each row of "Where it is decided" names a file and a function that is defined there; each folder of
src/ is in "Where things are", with its namespace; each link leads to a file.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = 'docs/architecture.md'
LEAST_ROWS = 20

LINK = re.compile(r'\]\(\.\./([^)#]+)')
ROW = re.compile(r'\| [^|]+ \| \[`[^`]+`\]\(\.\./([^)]+)\) \| `([\w:]+)` \|')
FOLDER = re.compile(r'\| `([\w/]+)` \| `([\w:]+)` \|')

# What may stand between a function's parameters and its body.
BODY = re.compile(r'(\s|const\b|noexcept\b|override\b|final\b|&|->[^;{}]*)*\{')


def sections(text):
    """The heading of each section -> (the number of its first line, its lines)."""
    found, name = {}, ''
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('#'):
            name = line.lstrip('# ')
        found.setdefault(name, []).append((number, line))
    return found


def end_of_parameters(code, start):
    """Where the parenthesis closes that is opened at `start`."""
    depth = 0
    for at in range(start, len(code)):
        depth += {'(': 1, ')': -1}.get(code[at], 0)
        if depth == 0:
            return at + 1
    return len(code)


def is_body_at(code, name):
    return any(BODY.match(code, end_of_parameters(code, match.end() - 1))
               for match in re.finditer(rf'(?<![\w:.>]){re.escape(name)}\(', code))


def is_defined(code, name):
    """Whether the function is defined in the file: as it is written, or within its class."""
    code = re.sub(r'//.*', '', code)
    owner, _, own = name.rpartition('::')
    return is_body_at(code, name) or bool(
        owner and re.search(rf'\b(class|struct) {owner}\b', code) and is_body_at(code, own))


def faults_of_rows(lines):
    rows = [(number, match) for number, line in lines if (match := ROW.fullmatch(line))]
    unread = [number for number, line in lines if line.startswith('| ')
              and not ROW.fullmatch(line) and not line.startswith(('| what ', '| ---'))]
    for number in unread:
        yield number, 'the row has no link to a file, or no function'
    if len(rows) < LEAST_ROWS:
        yield lines[0][0], f'the table has fewer than {LEAST_ROWS} rows'
    for number, match in rows:
        file, name = match.groups()
        if (ROOT / file).is_file() and not is_defined((ROOT / file).read_text(), name):
            yield number, f'{file} defines no {name}'


def faults_of_folders(lines):
    named = {match[1]: (number, match[2])
             for number, line in lines if (match := FOLDER.match(line))}
    sources = [path for path in (ROOT / 'src').rglob('*') if path.suffix in ('.hpp', '.cpp')]
    folders = {path.parent.relative_to(ROOT / 'src').as_posix() for path in sources}
    for folder in sorted(folders - named.keys()):
        yield lines[0][0], f'src/{folder} is missing'
    for folder, (number, namespace) in named.items():
        if folder not in folders:
            yield number, f'there is no src/{folder}'
        elif not any(re.search(rf'^namespace saker::{namespace} ', path.read_text(), re.M)
                     for path in sources if path.parent == ROOT / 'src' / folder):
            yield number, f'nothing in src/{folder} is in saker::{namespace}'


def faults(text):
    parts = sections(text)
    for number, line in enumerate(text.splitlines(), 1):
        for link in LINK.findall(line):
            if not (ROOT / link).exists():
                yield number, f'there is no {link}'
    for heading, check in (('Where things are', faults_of_folders),
                           ('Where it is decided', faults_of_rows)):
        if heading in parts:
            yield from check(parts[heading])
        else:
            yield 1, f'the section "{heading}" is missing'


def main():
    found = sorted(faults((ROOT / PAGE).read_text()))
    for number, why in found:
        print(f'{PAGE}:{number}: {why}')
    sys.exit(1 if found else 0)


main()
