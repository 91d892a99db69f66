"""The phrases of content/<locale>/marks.toml: words that give their writer away, and what no answer says. Pure.

Every language there is reads every text: nobody has to write in the one they chose.
"""

import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, product
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from bot.content import only_fields, table_of
from bot.errors import DeclarationError
from bot.texts import CONTENT, DEFAULT

FILE = "marks.toml"
VARIANTS = 500  # of one phrase; beyond it the alternatives belong in a list, which costs nothing
START = "."  # where a sentence begins, in a phrase and among the words of an answer

WORD = re.compile(r"\w+(?:['’‘ʼ´′＇]\w+)*")
APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ´′＇"))
ENDS = re.compile(r"[.!?;\n]")
PART = re.compile(r"\(([^()]*)\)|([^\s()|]+)")
INSIDE = re.compile(rf"{WORD.pattern}|\.")

T = TypeVar("T")


class Kind(StrEnum):
    """What a mark is; the first of these weighs most."""

    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    HANDLE = "handle"
    ADDRESS = "address"
    NUMBER = "number"  # of an account, a card, a document, a licence plate
    NAME = "name"
    BIRTH = "birth"
    WORK = "work"  # where somebody works or learns
    PLACE = "place"
    AGE = "age"


class Takes(StrEnum):
    """What is marked after a lead: a name, what begins with a digit, a date, or a name on another platform."""

    NAME = "name"
    NUMBER = "number"
    DATE = "date"
    HANDLE = "handle"


class Why(StrEnum):
    """Why an answer is not sent."""

    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    LINK = "link"
    CONTACT = "contact"  # it asks to be reached, or offers to reach out, elsewhere
    MEET = "meet"


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands before a mark.

    `small`: a word in small letters may be one too; `comma`: a comma may stand between; `most`: words of one name;
    `never`: words that are none.
    """

    kind: Kind
    takes: Takes
    small: bool
    comma: bool
    most: int
    never: frozenset[str]


@dataclass(slots=True)
class Node(Generic[T]):
    """How a phrase may go on, by word or by the name of a list, and at the end of one what it says."""

    then: "dict[str, Node[T]]" = field(default_factory=dict[str, "Node[T]"])
    says: tuple[T, ...] = ()

    def plant(self, words: Iterable[str], says: T) -> None:
        """Add one way to say something."""
        node = self
        for word in words:
            node = node.then.get(word) or node.then.setdefault(word, Node[T]())
        if says not in node.says:
            node.says += (says,)

    def walk(self, words: Sequence[str], lists: "Node[str] | None", at: int) -> Iterator[tuple[tuple[T, ...], int]]:
        """Yield what the words from `at` on say, and where each of it ends."""
        if self.says:
            yield self.says, at
        if at == len(words):
            return
        if then := self.then.get(words[at]):
            yield from then.walk(words, lists, at + 1)
        if lists and (first := lists.then.get(words[at])):
            for names, end in first.walk(words, None, at + 1):
                for then in filter(None, map(self.then.get, names)):
                    yield from then.walk(words, lists, end)


@dataclass(frozen=True, slots=True)
class Tail:
    """What the last word of a name says it is. `numbered`: it needs a number before it."""

    kind: Kind
    numbered: bool


@dataclass(frozen=True, slots=True)
class Language:
    """What marks.toml says in one language. Words are as `normal` makes them."""

    regions: tuple[str, ...]  # where phone numbers may be from, ISO 3166
    words: Mapping[str, frozenset[str]]  # WORDS
    ages: Mapping[str, frozenset[str]]  # AGES
    tails: Mapping[str, Tail]
    lists: Node[str]  # an entry says the name of its list
    leads: Node[Lead]
    refused: Node[Why]
    idioms: Node[Why]  # what is harmless

    def longest(self, node: Node[T], words: Sequence[str], at: int) -> tuple[tuple[T, ...], int]:
        """Return what the longest phrase from `at` on says, and where it ends; nothing, and `at`, where none begins."""
        nothing: tuple[tuple[T, ...], int] = (), at
        if words[at] not in node.then and words[at] not in self.lists.then:
            return nothing
        return max(node.walk(words, self.lists, at), key=lambda each: each[1], default=nothing)


def normal(word: str) -> str:
    """Return a word as it is compared: no case, no apostrophe."""
    return word.translate(APOSTROPHES).casefold()


def said(text: str) -> list[str]:
    """Return the words of a text as phrases are compared with them, START where a sentence begins."""
    words = [START]
    for sentence in ENDS.split(unicodedata.normalize("NFKC", text)):
        words += [normal(word) for word in WORD.findall(sentence.replace("_", " "))]
        if words[-1] != START:
            words.append(START)
    return words


def read(folder: Path) -> tuple[Language, ...]:
    """Return the phrases of every language. Raises DeclarationError, naming the file, where something is not right."""
    if not (folder / DEFAULT / FILE).exists():
        raise DeclarationError(f"{folder / DEFAULT / FILE} is missing")
    return tuple(_language(file) for file in sorted(folder.glob(f"*/{FILE}")))


def _language(file: Path) -> Language:
    try:
        return _compile(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:  # TOML and UTF-8 raise it too
        raise DeclarationError(f"{file}: {error}") from None


WORDS = ("never", "never_small", "skips", "joins", "links", "titles", "months", "digits", "closings", "at", "dot")
AGES = ("before", "after", "then")


def _compile(data: Mapping[str, Any]) -> Language:
    only_fields("the file", data, {*WORDS, "regions", "nothing", "sent", "lists", "ages", "leads", "tails", "refused"})
    lists = {name: _strings(name, entries) for name, entries in table_of("lists", data).items()}
    entries = Node[str]()
    for name, listed in lists.items():
        for entry in listed:
            entries.plant(_inside(entry, lists), f"<{name}>")
    leads, refused, idioms = Node[Lead](), Node[Why](), Node[Why]()
    for group in _groups("leads", data, {"kind", "takes", "small", "comma", "most", "never", "leads", "gives"}):
        _plant(leads, group, "leads", _lead(group), lists)
    tails: dict[str, Tail] = {}
    for group in _groups("tails", data, {"kind", "numbered", "tails", "gives"}):
        tail = Tail(Kind(group.get("kind", "")), bool(group.get("numbered", False)))
        tails |= dict.fromkeys(_normals("tails", group), tail)
    for group in _groups("refused", data, {"why", "phrases", "idioms", "means"}):
        why = Why(group.get("why", ""))
        _plant(refused, group, "phrases", why, lists)
        _plant(idioms, group, "idioms", why, lists)
    return Language(
        regions=tuple(_strings("regions", data.get("regions", []))),
        words={name: _normals(name, data) for name in WORDS},
        ages={name: _normals(name, table_of("ages", data)) for name in AGES},
        tails=tails,
        lists=entries,
        leads=leads,
        refused=refused,
        idioms=idioms,
    )


def _lead(group: Mapping[str, Any]) -> Lead:
    return Lead(
        Kind(group.get("kind", "")),
        Takes(group.get("takes", Takes.NAME)),
        bool(group.get("small", False)),
        bool(group.get("comma", False)),
        int(group.get("most", 3)),
        _normals("never", group),
    )


def _plant(node: Node[T], group: Mapping[str, Any], key: str, says: T, lists: Mapping[str, Sequence[str]]) -> None:
    for phrase in _strings(key, group.get(key, [])):
        for words in _variants(phrase, lists):
            node.plant(words, says)


def _variants(phrase: str, lists: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield each way to say a phrase: "(a|b|)" is a choice, an empty one may be left out, "<list>" any of a list.

    Raises ValueError where it cannot be read.
    """
    if PART.sub("", phrase).strip() or not phrase.strip():
        raise ValueError(f"“{phrase}” is no phrase")
    choices = [
        [_inside(option, lists) for option in (inner or part).split("|")] for inner, part in PART.findall(phrase)
    ]
    many = math.prod(map(len, choices))
    if many > VARIANTS:
        raise ValueError(f"“{phrase}” can be said in {many} ways; {VARIANTS} are possible")
    for chosen in product(*choices):
        words = list(chain.from_iterable(chosen))
        if not words or words == [START]:
            raise ValueError(f"“{phrase}” may be nothing at all")
        yield words


def _inside(option: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the words of one choice as they are compared, or the list that it names."""
    if not option.startswith("<"):
        return [normal(word) for word in INSIDE.findall(option)]
    if option[1:-1] not in lists:
        raise ValueError(f"there is no list {option}")
    return [option]


def _normals(name: str, table: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(map(normal, _strings(name, table.get(name, []))))


def _strings(what: str, value: object) -> list[str]:
    """Return `value`, a list of texts with something in each. Raises ValueError where it is none."""
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    texts = [item for item in items if isinstance(item, str) and item.strip()]
    if len(texts) < len(items):
        raise ValueError(f"{what} is a list of texts")
    return texts


def _groups(name: str, data: Mapping[str, Any], known: set[str]) -> list[dict[str, Any]]:
    """Return a list of tables of the file, with no key beyond those that are known. Raises ValueError otherwise."""
    groups: object = data.get(name, [])
    if not isinstance(groups, list):
        raise ValueError(f"{name} is a list of tables")
    for group in cast("list[object]", groups):
        only_fields(name, group, known)
    return cast("list[dict[str, Any]]", groups)


LANGUAGES = read(CONTENT)
