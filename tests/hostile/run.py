#!/usr/bin/env python3
"""Attacks the servers of this project, one strategy after the other, and watches memory, descriptors, the log, the stop and other clients.

Without names all strategies run; a name may be a part of one, "http1:" for example."""
import argparse
import concurrent.futures
import importlib
import os
import sys
import tempfile
import traceback
from types import SimpleNamespace

import harness
from known_faults import KNOWN_FAULTS

MODULES = ('http1', 'http2', 'tls', 'websocket', 'signalr')
SHORT = 0.6


def main():
    options = parse()
    for module in MODULES:
        importlib.import_module(module)
    strategies = choose(options)
    if options.list:
        print('\n'.join(each.name for each in strategies))
        return
    harness.raise_descriptor_limit()
    with tempfile.TemporaryDirectory(prefix='saker-hostile-') as folder:
        harness.make_site(folder)
        if options.short:
            print(f'{len(strategies)} of {len(harness.STRATEGIES)} strategies, for a moment each; all of them: ./dev hostile')
        site = SimpleNamespace(folder=folder, certificate=harness.certificate(folder))
        sys.exit(report(run_all(strategies, options, site)))


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('strategies', nargs='*', help='names or parts of names; default: all')
    parser.add_argument('--programs', default='build/release/bin', help='where the servers are')
    parser.add_argument('--seconds', type=float, default=10, help='of each attack (10)')
    parser.add_argument('--short', action='store_true', help='all of them in a minute, several at a time; no latencies')
    parser.add_argument('--jobs', type=int, default=24, help='at a time, with --short (24)')
    parser.add_argument('--list', action='store_true', help='only names them')
    return parser.parse_args()


def choose(options):
    chosen = [each for each in harness.STRATEGIES.values()
              if not options.strategies or any(part in each.name for part in options.strategies)]
    if not chosen:
        sys.exit('no such strategy')
    unknown = set(KNOWN_FAULTS) - set(harness.STRATEGIES)
    if unknown:
        sys.exit(f'known_faults.py names strategies that do not exist: {", ".join(sorted(unknown))}')
    return [each for each in chosen if each.short] if options.short and not options.strategies else chosen


def try_one(strategy_name, options, site):
    chosen = harness.STRATEGIES[strategy_name]
    try:
        if options.short:
            return harness.Trial(chosen, options.programs, site, SHORT).judge()
        from honest import Honest
        return harness.Trial(chosen, options.programs, site, options.seconds, Honest).judge()
    except Exception:  # A fault of the tests is one to see as well.
        return harness.Verdict(strategy_name, [traceback.format_exc()])


def run_all(strategies, options, site):
    """In order of their end. With --short two dozen attacks share the machine: what is late then is tried once more, alone."""
    again = []
    with concurrent.futures.ProcessPoolExecutor(options.jobs if options.short else 1) as pool:
        tasks = [pool.submit(try_one, each.name, options, site) for each in strategies]
        for task in concurrent.futures.as_completed(tasks):
            verdict = task.result()
            if options.short and verdict.faults and not verdict.certain and verdict.name not in KNOWN_FAULTS:
                again.append(verdict)
            else:
                yield verdict
    for first in again:
        print(f'again, alone: {first.name}: {"; ".join(first.faults)}', flush=True)
        yield try_one(first.name, options, site)


def report(verdicts):
    failed = 0
    for verdict in verdicts:
        known = KNOWN_FAULTS.get(verdict.name)
        failed += bool(verdict.faults) != bool(known)
        word = {(False, False): 'ok', (True, False): 'FAULT', (True, True): 'known', (False, True): 'MENDED'}[bool(verdict.faults), bool(known)]
        print(f'{word:6} {verdict.seconds:5.1f} s {verdict.grown / harness.MIB:6.1f} of {verdict.bound >> 20:2} MiB {verdict.ratio}  {verdict.name}', flush=True)
        for fault in verdict.faults:
            print(f'         {fault}')
        if known:
            print(f'         known: {known}' if verdict.faults else '         passes: take it out of known_faults.py')
    print(f'{failed} unexpected' if failed else 'as expected')
    return 1 if failed else 0


if __name__ == '__main__':
    main()
