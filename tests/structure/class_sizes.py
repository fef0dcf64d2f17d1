#!/usr/bin/python3
"""Counts the data members and bools of every class of src and include, and fails where there are too many.

A class whose flags cannot be listed is where faults lived. What it keeps in classes nested in it (a pimpl, the entries
of a container) counts with it; what its bases keep does not. Aggregates are options or values and may be large, unless
they are so kept. class_sizes.known lists what is over the limit until it is mended. Needs python3-clang-19."""
import argparse
import json
import shlex
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

from clang.cindex import AccessSpecifier, CursorKind as Kind, Diagnostic, Index, TranslationUnit, TypeKind, conf

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / 'include', ROOT / 'src')
KNOWN = Path(__file__).resolve().with_suffix('.known')
LIMIT = (12, 3)
BOOLS = ('bool', 'std::atomic<bool>', 'std::optional<bool>')
CLASSES = (Kind.CLASS_DECL, Kind.STRUCT_DECL, Kind.UNION_DECL, Kind.CLASS_TEMPLATE, Kind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION)
Class = namedtuple('Class', 'name place size is_aggregate held')


def exceeds(size, limit):
    return any(count > most for count, most in zip(size, limit))


def place_of(cursor):
    path = Path(cursor.location.file.name).resolve() if cursor.location.file else ROOT
    return path.relative_to(ROOT) if any(path.is_relative_to(folder) for folder in FOLDERS) else None


def key_of(cursor):
    usr = cursor.get_usr()
    # In an anonymous namespace it has the file's name, but not its folder.
    return f'{place_of(cursor)} {usr}' if '@aN' in usr else usr


def name_of(cursor):
    names = []
    while cursor.kind != Kind.TRANSLATION_UNIT:
        names.insert(0, cursor.displayname.replace(' ', '') or f'({place_of(cursor).name})')
        cursor = cursor.semantic_parent
    return '::'.join(names)


def declaration_of(type_):
    declaration = type_.get_declaration()
    declaration = conf.lib.clang_getSpecializedCursorTemplate(declaration) or declaration
    return declaration.get_definition() or declaration


def fields_of(cursor):
    for child in cursor.get_children():
        if child.kind == Kind.FIELD_DECL:
            yield child
        elif child.kind in CLASSES and child.is_anonymous():
            yield from fields_of(child)


def element_of(type_):
    type_ = type_.get_canonical()
    element, declaration = type_.get_array_element_type(), type_.get_declaration()
    if declaration.spelling == 'array' and declaration.semantic_parent.spelling == 'std':
        element = type_.get_template_argument_type(0)
    return type_ if element.kind == TypeKind.INVALID else element_of(element)


def is_bool(field):
    spelling = element_of(field.type).spelling.removeprefix('const ').removeprefix('volatile ')
    return spelling in BOOLS or field.is_bitfield() and field.get_bitfield_width() == 1


def held_in(type_):
    """What a member of this type is made of: itself, or what is within pointers and templates."""
    type_ = element_of(type_)
    while type_.kind == TypeKind.POINTER:
        type_ = element_of(type_.get_pointee())
    yield key_of(declaration_of(type_))
    for i in range(type_.get_num_template_arguments()):
        yield from held_in(type_.get_template_argument_type(i))


def is_polymorphic(cursor):
    return any(child.is_virtual_method() or child.kind == Kind.CXX_BASE_SPECIFIER
               and is_polymorphic(declaration_of(child.type)) for child in cursor.get_children())


def is_aggregate(cursor):
    # Constructors that are templates, or inherited, are known only by their name.
    return not is_polymorphic(cursor) and not any(
        child.kind == Kind.CONSTRUCTOR
        or child.kind in (Kind.FUNCTION_TEMPLATE, Kind.USING_DECLARATION) and child.spelling.split('<')[0] == cursor.spelling
        or child.kind in (Kind.FIELD_DECL, Kind.CXX_BASE_SPECIFIER) and child.access_specifier != AccessSpecifier.PUBLIC
        for child in cursor.get_children())


def count(cursor):
    fields = list(fields_of(cursor))
    return Class(name_of(cursor), f'{place_of(cursor)}:{cursor.location.line}', (len(fields), sum(map(is_bool, fields))),
                 is_aggregate(cursor), {key for each in fields for key in held_in(each.type)})


def collect(cursor, classes):
    for child in cursor.get_children():
        if child.kind in (*CLASSES, Kind.NAMESPACE, Kind.LINKAGE_SPEC) and place_of(child):
            if child.kind in CLASSES and child.is_definition() and not child.is_anonymous():
                classes[key_of(child)] = count(child)
            collect(child, classes)


def flags_for(sources, build):
    """Of all of them together, as they share a precompiled header."""
    entries = json.loads((build / 'compile_commands.json').read_text())
    commands = {Path(each['file']).resolve(): each['command'].replace('-isystem ', '-isystem') for each in entries}
    if missing := [str(each) for each in sources if each not in commands]:
        sys.exit(f'{build} does not say how to compile {", ".join(missing)}')
    words = [word for each in sources for word in shlex.split(commands[each].partition(' -o ')[0])]
    return [*dict.fromkeys(word for word in words if word.startswith('-')), '-w']


def parse(path, flags):
    unit = Index.create(excludeDecls=True).parse(
        path, flags, options=TranslationUnit.PARSE_INCOMPLETE | TranslationUnit.PARSE_SKIP_FUNCTION_BODIES)
    if errors := [str(each) for each in unit.diagnostics if each.severity >= Diagnostic.Error]:
        sys.exit('\n'.join([f'{path} cannot be parsed:', *errors]))
    return unit


def read_classes(build):
    headers, sources = (sorted(each for folder in FOLDERS for each in folder.rglob(name)) for name in ('*.hpp', '*.cpp'))
    classes, flags = {}, flags_for(sources, build)
    with tempfile.TemporaryDirectory() as folder:
        header, precompiled = f'{folder}/all.hpp', f'{folder}/all.pch'
        Path(header).write_text(''.join(f'#include "{each}"\n' for each in headers))
        unit = parse(header, [*flags, '-xc++-header'])
        collect(unit.cursor, classes)
        unit.save(precompiled)
        for each in sources:
            collect(parse(str(each), [*flags, '-include-pch', precompiled]).cursor, classes)
    return classes


def state_of(key, classes):
    """The classes nested in this one (their keys begin with its own) that its members hold, or theirs."""
    state, waiting = set(), [key]
    while waiting:
        found = {each for each in classes[waiting.pop()].held if each in classes and each.startswith(f'{key}@')} - state
        state |= found
        waiting += found
    return state


def with_state(classes):
    """Those that are not the state of others."""
    states = {key: state_of(key, classes) for key in classes}
    for key in classes.keys() - set().union(*states.values()):
        sizes = zip(*(classes[each].size for each in (key, *states[key])))
        yield classes[key]._replace(size=tuple(map(sum, sizes)))


def show(title, classes):
    print(f'{title}\nmembers  bools  class')
    width = max((len(each.name) for each in classes), default=0)
    for each in classes:
        print(f'{each.size[0]:7}  {each.size[1]:5}  {each.name:{width}}  {each.place}')


def faults_of(large):
    known = {name: tuple(map(int, size)) for name, *size in map(str.split, KNOWN.read_text().splitlines())}
    for each in large:
        most = known.get(each.name, LIMIT)
        if exceeds(each.size, most):
            yield '{}: {} members and {} bools; {} and {} are allowed'.format(each.name, *each.size, *most)
        elif each.size != most:
            yield '{}: has shrunk: lower its entry to {} {}'.format(each.name, *each.size)
    for name in sorted(known.keys() - {each.name for each in large}):
        yield f'{name}: is not over the limit any more: remove its entry'


def main():
    parser = argparse.ArgumentParser(description='Counts the data members and bools of each class.')
    parser.add_argument('build', type=Path, help='a folder made by `cmake --preset lint`: build/lint')
    parser.add_argument('--all', action='store_true', help='also the aggregates over the limit')
    options = parser.parse_args()
    classes = sorted(with_state(read_classes(options.build)), key=lambda each: (each.size, each.name), reverse=True)
    counted = [each for each in classes if not each.is_aggregate]
    large = [each for each in counted if exceeds(each.size, LIMIT)]
    show('The ten largest:', counted[:10])
    show('Over {} members or {} bools:'.format(*LIMIT), large)
    if options.all:
        show('Aggregates over it:', [each for each in classes if each.is_aggregate and exceeds(each.size, LIMIT)])
    sys.stdout.flush()
    sys.exit('\n'.join(faults_of(large)) or 0)


if __name__ == '__main__':
    main()
