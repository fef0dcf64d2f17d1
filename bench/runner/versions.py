"""Two builds of Saker against each other, in turns: what a change costs."""

from statistics import median

from .measure import is_disturbed
from .servers import program
from .tables import table

FIGURES = {'idle': ('bytes_per_connection', 'bytes per connection'),
           'other': ('server_cpu_us_per_message', 'CPU µs/message')}
HEADER = ['row', 'figure', 'before', 'now', 'now ÷ before', 'quartiles of the turns']


def compare(bench, row, before, now):
    """A line of the table. Each turn measures both builds, the one or the other first."""
    builds = [program(each, 'saker', 'Saker', 'saker-bench-saker') for each in (before, now)]
    missing = [each.missing for each in builds if each.missing]
    if missing:
        return [row.title, missing[0], '-', '-', '-', '-']
    name, title = FIGURES['idle' if row.is_idle else 'other']
    turns = []
    for turn in range(1 if row.is_idle else bench.repeats):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        reports = {}
        for which in order:
            reports[which] = bench.undisturbed(row, builds[which])
        if not any(is_disturbed(each) for each in reports.values()):
            turns.append((reports[0][name], reports[1][name]))
    if not turns:
        return [row.title, title, '-', '-', 'disturbed', '-']
    ratios = sorted(new / old for old, new in turns)
    quarter = len(ratios) // 4
    return [row.title, title, *(f'{median(each):,.3f}' for each in zip(*turns)), f'{median(ratios):.3f}',
            f'{ratios[quarter]:.3f}..{ratios[-1 - quarter]:.3f} of {len(ratios)}']


def versions_table(lines):
    return table(HEADER, lines)
