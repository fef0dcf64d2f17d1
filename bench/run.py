#!/usr/bin/env python3
"""Measures Saker and its peers. See bench/README.md."""

import argparse
import sys
from pathlib import Path

from runner.document import machine, write_document
from runner.measure import Bench
from runner.rows import ROWS
from runner.servers import ROOT, find_servers, install_npm_peers
from runner.tables import row_section, targets_table
from runner.versions import compare, versions_table

SERVERS = ['saker', 'floor', 'beast', 'bun', 'ws', 'saker-http1', 'saker-calm', 'saker-raw', 'saker-locally', 'saker-alone', 'kestrel', 'kestrel-json', 'nghttpd']


def main():
    options = parse()
    programs = (ROOT / options.build_dir).resolve() / 'bin'
    if not (programs / 'saker-load').exists():
        sys.exit(f'bench: no saker-load in {options.build_dir}/bin: build first, with ./dev build')
    if options.against:
        compare_builds(options, programs)
        return
    if {'bun', 'ws'} & set(options.peers):
        install_npm_peers()
    wanted = {'saker', *options.peers}
    servers = [server for server in find_servers(programs) if server.id in wanted]
    bench = Bench(programs, options.seconds, options.warmup, options.repeats)

    print(machine(bench, servers), flush=True)
    all_results = []
    for row in options.rows:
        results = bench.measure(row, servers)
        all_results.append((row, results))
        print('\n' + row_section(row, servers, results), flush=True)
    print('\n### Targets\n\n' + targets_table(all_results))

    if options.write:
        write_document(ROOT / 'docs' / 'benchmarks.md', bench, servers, all_results)
        print('\nWrote docs/benchmarks.md')
    sys.exit(any(result.failure and result.failure != server.missing
                 for _, results in all_results
                 for server in servers if server.id in results
                 for result in [results[server.id]]))


def compare_builds(options, programs):
    before = Path(options.against).resolve() / 'bin'
    bench = Bench(programs, options.seconds, options.warmup, options.repeats)
    lines = []
    for row in options.rows:
        if 'saker' in row.servers or not row.servers:
            lines.append(compare(bench, row, before, programs))
            print('  '.join(lines[-1]), flush=True)
    print('\n' + versions_table(lines))


def parse():
    ids = [row.id for row in ROWS]
    parser = argparse.ArgumentParser(description='Measures Saker and its peers.')
    parser.add_argument('--build-dir', default='build/release', help='where bin/saker-bench-saker is')
    parser.add_argument('--rows', type=names(ids), help=f'some of {",".join(ids)}; default: all')
    parser.add_argument('--peers', type=names(SERVERS[1:]),
                        help=f'some of {",".join(SERVERS[1:])}, or nothing: ""; default: all')
    parser.add_argument('--seconds', type=float, help='measured time of a turn (2)')
    parser.add_argument('--warmup', type=float, default=0.5, help='time before it (0.5)')
    parser.add_argument('--repeats', type=int, help='turns per row and server (5)')
    parser.add_argument('--quick', action='store_true', help='one turn of one second')
    parser.add_argument('--against', metavar='BUILD_DIR',
                        help='no peers: another build of Saker, in turns with this one')
    parser.add_argument('--write', action='store_true', help='rewrite docs/benchmarks.md')
    options = parser.parse_args()
    if options.write and (options.rows is not None or options.peers is not None or options.against):
        parser.error('--write: not with --rows, --peers or --against, the document shows them all')
    if options.repeats is not None and options.repeats < 1:
        parser.error(f'--repeats: {options.repeats} is not at least 1')
    chosen = ids if options.rows is None else options.rows
    options.rows = [row for row in ROWS if row.id in chosen]
    options.peers = SERVERS[1:] if options.peers is None else options.peers
    options.seconds = options.seconds or (1 if options.quick else 2)
    options.repeats = options.repeats or (1 if options.quick else 5)
    return options


def names(allowed):
    def parse_names(text):
        found = [name for name in text.split(',') if name]
        for name in found:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(allowed)}")
        return found
    return parse_names


if __name__ == '__main__':
    main()
