"""The results as Markdown tables that are readable as plain text too."""

from statistics import median

PEER_TITLES = {'bun': 'Bun', 'floor': 'bare epoll', 'ws': 'npm ws', 'saker-http1': 'Saker over HTTP/1.1, 100 connections',
               'kestrel': 'Kestrel', 'kestrel-json': 'Kestrel, in JSON', 'nghttpd': 'nghttpd', 'saker-calm': 'the same without it',
               'saker-raw': 'Saker without a hub', 'saker-locally': 'the same, delivering locally first',
               'saker-alone': 'the same without Redis'}
FIGURES = {'server_cpu_us_per_message': 'CPU', 'latency_p99_us': 'p99', 'seconds_per_message': 'time per delivery'}
REACHED = {True: 'reached', False: '**NOT reached**', None: 'not measured'}


def table(header, lines):
    """The first column is text, the others are numbers."""
    cells = [header, *lines]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]

    def format_line(line):
        padded = [line[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        return '| ' + ' | '.join(padded) + ' |'

    rule = '| ' + ' | '.join(
        '-' * width if i == 0 else '-' * (width - 1) + ':' for i, width in enumerate(widths)) + ' |'
    return '\n'.join([format_line(header), rule, *map(format_line, lines)])


def values(result, name):
    return [report[name] for report in result.reports]


def cpu(result):
    return median(values(result, 'server_cpu_us_per_message'))


def ratio(results, peer, figure='server_cpu_us_per_message', subject='saker'):
    """Saker's figure as a share of the peer's: of the medians, and least and most of single turns."""
    saker, other = results.get(subject), results.get(peer)
    if not (saker and other and saker.reports and other.reports):
        return None
    turns = [a / b for a, b in zip(values(saker, figure), values(other, figure))]
    return median(values(saker, figure)) / median(values(other, figure)), min(turns), max(turns)


def ratio_text(found):
    return '-' if found is None else f'{found[0]:.2f} ({found[1]:.2f}..{found[2]:.2f})'


def echo_table(servers, results):
    header = ['server', 'messages/s', 'CPU µs/message', 'least..most', 'core used',
              'p50 µs', 'p99 µs', "Saker's CPU ÷ its CPU"]
    return table(header, [echo_line(server, results) for server in servers])


def echo_line(server, results):
    result = results[server.id]
    if not result.reports:
        return [server.title, result.failure or 'no result', *['-'] * 6]

    def middle(name):
        return median(values(result, name)) if name in result.reports[0] else None

    def microseconds(name):
        return '-' if middle(name) is None else f'{middle(name):,.0f}'

    costs = values(result, 'server_cpu_us_per_message')
    return [server.title + (' (disturbed)' if result.disturbed else ''),
            f'{middle("messages_per_second"):,.0f}', f'{cpu(result):.3f}',
            f'{min(costs):.3f}..{max(costs):.3f}', f'{middle("server_cpu_share"):.0%}',
            microseconds("latency_p50_us"), microseconds("latency_p99_us"),
            '1' if server.id == 'saker' else ratio_text(ratio(results, server.id))]


def cluster_table(servers, results):
    header = ['servers', 'deliveries/s', 'least..most', "CPU µs/delivery", 'p50 µs', 'p99 µs', 'published/s',
              'Redis: CPU µs/publish', 'Redis: core used', "Saker's deliveries/s ÷ its"]
    return table(header, [cluster_line(server, results) for server in servers])


def cluster_line(server, results):
    result = results[server.id]
    if not result.reports:
        return [server.title, result.failure or 'no result', *['-'] * 8]

    def middle(name):
        return median(values(result, name))

    rates = values(result, 'messages_per_second')
    alone = server.id == 'saker-alone'
    found = ratio(results, server.id, 'messages_per_second')
    return ['Saker on one Redis' if server.id == 'saker' else server.title, f'{middle("messages_per_second"):,.0f}',
            f'{min(rates):,.0f}..{max(rates):,.0f}', f'{cpu(result):.3f}', f'{middle("latency_p50_us"):,.0f}',
            f'{middle("latency_p99_us"):,.0f}', f'{middle("published_per_second"):,.0f}',
            '-' if alone else f'{middle("redis_cpu_us_per_publish"):.1f}',
            '-' if alone else f'{middle("redis_cpu_share"):.1%}', '1' if server.id == 'saker' else ratio_text(found)]


def idle_table(servers, results):
    header = ['server', 'bytes per connection', 'after one echo each', 'whole process, MiB']
    return table(header, [idle_line(server, results[server.id]) for server in servers])


def idle_line(server, result):
    if not result.reports:
        return [server.title, result.failure or 'no result', '-', '-']
    report = result.reports[0]
    return [server.title, f'{report["bytes_per_connection"]:,.0f}',
            f'{report["bytes_per_connection_after_echo"]:,.0f}',
            f'{report["resident_after_echo"] / 2**20:.1f}']


def targets_table(all_results):
    """`all_results` is a list of (row, results)."""
    lines = []
    for row, results in all_results:
        for peer, most in row.most.items():
            found = ratio(results, peer, row.figure, row.subject)
            figure = FIGURES[row.figure] if row.subject == 'saker' else f'{FIGURES[row.figure]}, delivering locally first,'
            reached = None if found is None else found[0] <= most
            lines.append([f'{row.title}: {figure} ÷ {PEER_TITLES[peer]}', f'{most:.2f}', ratio_text(found),
                          REACHED[reached]])
        if row.most_bytes:
            lines.append(bytes_target(row, results))
    return table(['target for Saker', 'at most', 'measured', ''], lines)


def bytes_target(row, results):
    saker = results.get('saker')
    name = f'{row.title}: bytes each'
    if not (saker and saker.reports):
        return [name, f'{row.most_bytes:,}', '-', REACHED[None]]
    held = max(saker.reports[0]['bytes_per_connection'],
               saker.reports[0]['bytes_per_connection_after_echo'])
    return [name, f'{row.most_bytes:,}', f'{held:,.0f}', REACHED[held <= row.most_bytes]]


def row_section(row, servers, results):
    servers = [server for server in servers if server.id in results]
    made = idle_table if row.is_idle else cluster_table if row.cluster and row.arguments[0] == 'broadcast' else echo_table
    failures = [f'{server.title} failed: {results[server.id].failure}'
                for server in servers if results[server.id].failure and not server.missing]
    return '\n\n'.join([f'### {row.title}', made(servers, results), *failures])
