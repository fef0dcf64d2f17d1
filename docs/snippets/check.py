"""Checks that every C++ example in the documents is a file of docs/snippets, word for word.

An example is a ```cpp block whose first line is `// snippet: NAME`; every block needs one.
"""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
seen = set()
faults = []
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
for path in (root / 'docs/snippets').glob('*.cpp'):
    if path.stem not in seen:
        faults.append(f'no document shows {path.name}')
print('\n'.join(faults) or f'{len(seen)} examples match')
sys.exit(1 if faults else 0)
