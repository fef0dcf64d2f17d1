"""Checks the examples of the documents and of the public headers.

In README.md and docs/*.md an example is a ```cpp block whose first line is `// snippet: NAME`, and
which is a file of docs/snippets, word for word. In a public header it stands in a doc comment,
after `/// Example:`; every class that users meet has one. With a second argument, writes all
examples of the headers to that file, for the compiler.
"""

import pathlib
import re
import sys

# Classes without an example of their own, and why.
EXCEPTIONS = {
    'web_application': 'every document shows it',
    'jwt_key': 'docs/signalr.md shows it with jwt_bearer_options',
    'jwt_bearer_options': 'docs/signalr.md shows it',
    'redis_backplane_options': 'docs/scale-out.md shows it',
    'redis_backplane_metrics': 'counters, as those of websocket_metrics',
    'command_line_option': 'docs/configuration.md lists the options',
    'spelled_name': 'only field makes it',
    'field_of': 'only field makes it',
    'enumerator_of': 'only enumerator makes it',
    'recipients': 'only hub_clients makes it',
    'hub_scope': 'only hub uses it',
    'hub_definition': 'only map_hub uses it',
}
# What other code calls: not for users.
PRIVATE = {'detail', 'websockets', 'nlohmann', 'asio', 'boost'}

PREAMBLE = '''
#include <saker/app/web_application.hpp>
#include <saker/binding.hpp>
#include <saker/authentication.hpp>
#include <saker/redis.hpp>
#include <saker/saker.hpp>
#include <saker/signalr.hpp>

#include <cstdio>
#include <iostream>
#include <thread>

using namespace saker;
using namespace std::chrono_literals;
'''

# What may stand outside functions: types, macros, functions, and what ends them.
DEFINITION = re.compile(r'(template|namespace|struct|class|enum|using|constexpr|inline|SAKER_'
                        r'|(?!if|for|while|switch|try)[\w:<>]+ \w+\(.*\{|[})]|//|$)')


def examples(text):
    """Yields the line number and the lines of each example."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if line.strip() != '/// Example:':
            continue
        if start + 1 == len(lines) or lines[start + 1].strip() != '/// ```cpp':
            yield start + 1, None
            continue
        code = []
        for each in lines[start + 2:]:
            if each.strip() in ('/// ```', '') or not each.strip().startswith('///'):
                break
            code.append(re.sub(r'^\s*/// ?', '', each))
        yield start + 3, code


def classes(text):
    """Yields the name and the doc comment of each public class that the text defines."""
    rooms = []
    comment = []
    for line in text.splitlines():
        if opened := re.match(r'namespace (\S+) \{', line):
            rooms.append(opened[1].split('::'))
        elif line.startswith('}  // namespace'):
            rooms.pop()
        elif line.startswith('///'):
            comment.append(line)
            continue
        elif re.match(r'template <>|template <.*>$|\s+requires', line):
            continue
        elif named := re.match(r'(?:class|struct)(?: \[\[nodiscard\]\])? (\w+)(?: final)?(?: :.*)?(?: \{.*|;)$', line):
            if not line.endswith(';') or ('template' not in line and comment):
                if not PRIVATE.intersection(room for rest in rooms for room in rest):
                    yield named[1], comment
        comment = []


def wrapped(number, code):
    """Returns the example as definitions, or as the body of a coroutine with the usual names."""
    text = '\n'.join(code)
    if all(DEFINITION.match(line) or line.startswith(' ') for line in code):
        if 'template <>' in text:
            return text + '\n'
        return f'namespace example_{number} {{\n{text}\n}}\n'
    given = 'web_application& app, http_context& context, websocket& socket'
    return f'task<void> example_{number}({given}) {{\n{text}\nco_return;\n}}\n'


def check_headers(root, faults):
    """Returns a program of all examples of the public headers."""
    program = PREAMBLE
    count = 0
    shown = set()
    wanted = []
    for header in sorted((root / 'include').rglob('*.hpp')):
        text = header.read_text()
        for line, code in examples(text):
            if not code:
                faults.append(f'{header}:{line}: an example without a ```cpp block')
                continue
            count += 1
            program += f'#line {line} "{header}"\n' + wrapped(count, code)
        for name, comment in classes(text):
            if '/// Example:' in comment:
                shown.add(name)
            else:
                wanted.append((name, header))
    faults += [f'{header.relative_to(root)}: {name} has no example'
               for name, header in wanted if name not in shown and name not in EXCEPTIONS]
    return program, count


def check_documents(root, faults):
    """Returns the number of examples in the documents."""
    seen = set()
    for document in [root / 'README.md', *sorted((root / 'docs').glob('*.md'))]:
        for block in re.findall(r'```cpp\n(.*?)```', document.read_text(), re.S):
            first, _, rest = block.partition('\n')
            named = re.fullmatch(r'// snippet: (\w+)', first)
            if not named:
                faults.append(f'{document.name}: a C++ example without a "// snippet: NAME" line')
                continue
            seen.add(named[1])
            if (root / 'docs/snippets' / f'{named[1]}.cpp').read_text() != rest:
                faults.append(f'{document.name}: the example "{named[1]}" differs from its file')
    faults += [f'no document shows {path.name}' for path in (root / 'docs/snippets').glob('*.cpp')
               if path.stem not in seen]
    return len(seen)


def main():
    root = pathlib.Path(sys.argv[1])
    faults = []
    program, in_headers = check_headers(root, faults)
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).write_text(program)
        return 0
    in_documents = check_documents(root, faults)
    print('\n'.join(faults) or f'{in_documents} examples match, {in_headers} are in headers')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
