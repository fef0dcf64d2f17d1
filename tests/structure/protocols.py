#!/usr/bin/env python3
"""What stands in http/v1 and http/v2 alike belongs to http/exchange: ./dev lint runs it.

Fails for six lines of code in a row that are the same in both but for white space.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2] / 'src/http'
MOST = 5


def code_of(path):
    """The lines that say something, with their numbers."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = re.sub(r'//.*', '', line)
        text = re.sub(r'\s+', '', text)
        if re.search(r'\w', text) and not text.startswith(('#', 'namespace', '}namespace')):
            yield number, text


def runs_of(folder):
    """Every run of lines that is too long to stand twice -> where it begins."""
    runs = {}
    for path in sorted((ROOT / folder).glob('*.?pp')):
        lines = list(code_of(path))
        for at in range(len(lines) - MOST):
            part = lines[at:at + MOST + 1]
            runs.setdefault(tuple(text for _, text in part), f'{path.name}:{part[0][0]}')
    return runs


def main():
    one, other = runs_of('v1'), runs_of('v2')
    for run in one.keys() & other.keys():
        print(f'src/http/v1/{one[run]}: the same as src/http/v2/{other[run]}')
    sys.exit(1 if one.keys() & other.keys() else 0)


main()
