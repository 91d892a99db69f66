"""Proof-reading content/: what the core looks for in it, and what every feature does."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.cog import Cog
from bot.content import BANNED, Content, NotToml, Remark, banned, found_in, harsh, strings, tables
from bot.texts import DEFAULT

NOT_SAID = {BANNED, "screening.toml", "marks.toml"}  # what people write, not what is said to them
NOT_WORDS = {"source", "web"}

Words = Mapping[str, re.Pattern[str]]


def remarks(content: Content, cogs: Iterable[Cog]) -> list[Remark]:
    """Return all there is to be said of `content`, by file and line. Raises nothing for what is wrong in it."""
    found = list(_everywhere(content.folder)) if content.folder else []
    found += [remark for cog in cogs for check in cog.checkers for remark in check(content)]
    return sorted(set(found), key=lambda each: (str(each.file), each.line, each.id, each.what))


def _everywhere(folder: Path) -> Iterator[Remark]:
    """Yield what is wrong in the texts of every locale, and in the other files but for the deck's."""
    english = folder / DEFAULT
    for locale in sorted({file.parent for file in folder.glob("*/*.ftl")} | {english}):
        words = banned(locale / BANNED, "shaming")
        for file in sorted(locale.glob("*.ftl")):
            yield from _fluent(file, words)
            if locale != english:
                yield from _against(file, english / file.name)
        for file in sorted(locale.glob("*.toml")):
            yield from _toml(file, words)
    for file in sorted(folder.glob("*.toml")):
        yield from _toml(file, banned(english / BANNED, "shaming"))


def _toml(file: Path, words: Words) -> Iterator[Remark]:
    if file.name in NOT_SAID:
        return
    try:
        read = tables(file)
    except NotToml as error:
        yield error.remark
        return
    for table in read:
        for name in table.values.keys() - NOT_WORDS:
            yield from (Remark(file, table.at(name), what) for what in harsh(words, strings(table.values[name])))


class _Message(Visitor):
    """What is in a message: its words with where they begin, and the variables it needs."""

    def __init__(self, message: ast.BaseNode) -> None:
        self.words: list[tuple[int, str]] = []
        self.variables: set[str] = set()
        self.visit(message)

    def visit_TextElement(self, node: ast.TextElement) -> None:
        self.words.append((_start(node), node.value))

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.variables.add(node.id.name)


def _start(node: ast.SyntaxNode) -> int:
    return node.span.start or 0 if node.span else 0


def _fluent(file: Path, words: Words) -> Iterator[Remark]:
    text = file.read_text(encoding="utf-8")
    for entry in FluentParser().parse(text).body:
        if isinstance(entry, ast.Junk):
            why = entry.annotations[0].message if entry.annotations else ""
            yield Remark(file, _line(text, _start(entry)), f"this is not Fluent: {why}")
        elif isinstance(entry, ast.Message):
            for start, said in _Message(entry).words:
                for at, what in found_in(words, said):
                    yield Remark(file, _line(text, start) + said.count("\n", 0, at), what, entry.id.name)


def _against(file: Path, english: Path) -> Iterator[Remark]:
    """Yield where a text is not the one that English has: it would be said with a gap in it, or never."""
    if not english.exists():
        yield Remark(file, 1, "English has no such file: nothing in it is ever said", wrong=False)
        return
    text, known = file.read_text(encoding="utf-8"), dict(_parts(english.read_text(encoding="utf-8")))
    for name, part in _parts(text):
        line = _line(text, _start(part))
        if name not in known:
            yield Remark(file, line, "English has no such text: it is never said", name, wrong=False)
            continue
        here, there = _Message(part).variables, _Message(known[name]).variables
        for variable in sorted(here - there):
            yield Remark(file, line, f"${variable} is not given to this text in English", name)
        for variable in sorted(there - here):
            yield Remark(file, line, f"English says ${variable} here", name)


def _parts(text: str) -> Iterator[tuple[str, ast.SyntaxNode]]:
    """Yield every text by its name, and every attribute by "name@attribute"."""
    for entry in FluentParser().parse(text).body:
        if isinstance(entry, ast.Message):
            if entry.value is not None:
                yield entry.id.name, entry.value
            yield from ((f"{entry.id.name}@{each.id.name}", each) for each in entry.attributes)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
