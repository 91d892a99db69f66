"""Screening what people write for signs of danger, in memory: a match adds an offer of help beside the answer.

A strong one also asks whether a coach should see it, which is up to whoever wrote it. It never blocks, holds back,
counts or keeps anything, and no other feature reads a match. The phrases are in content/<locale>/screening.toml. Every
language there is reads every text: nobody has to write in the one they chose.
"""

import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain, product
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from bot import communities
from bot.cog import Cog, Context
from bot.content import only_fields, table_of
from bot.errors import DeclarationError
from bot.model import ROW_BUTTONS, ROWS, TEXT, Button, Menu, Reply, Row, length
from bot.texts import CONTENT, DEFAULT, Speaker
from cogs import crisis

FILE = "screening.toml"
VARIANTS = 500  # of one phrase; beyond it the alternatives belong in a list, which costs nothing
GAP = 4  # words that "..." may stand for
ANY = "..."

cog = Cog("screening")


class Tier(StrEnum):
    """How plainly it is said: STRONG brings help first, SOFT quietly at the end."""

    STRONG = "strong"
    SOFT = "soft"


class Kind(StrEnum):
    """Whom it is about: the writer's own life, what is done to them, what they might do, somebody they worry about.

    Where a text says several things that weigh alike, the first of these is answered.
    """

    SELF = "self"
    ABUSE = "abuse"
    OTHER = "other"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Match:
    """What a text was read as. Nothing of the text is in it."""

    tier: Tier
    kind: Kind


def screen(text: str) -> Match | None:
    """Return the gravest thing that `text` may be saying, or None. Raises nothing."""
    found = {match for language in LANGUAGES for match in language.matches(text)}
    return min(found, key=_gravest, default=None)


def beside(say: Speaker, text: str, reply: Reply, *see: Button, asks: str = "screening.ask-coaches") -> Reply:
    """Return `reply` with what somebody needs who wrote `text`: words and the help lines; unchanged for most texts.

    `say` may be any cog's. `see` is what may be done where a match is strong, and `asks` the words that ask whether.
    Nothing of the reply is cut or left out: where the platforms' limits leave no room for the words it is the buttons
    alone, and where they leave none for the button to the help lines the reply stays as it is.
    """
    return _beside(say, screen(text), reply, see, asks)


async def beside_kept(ctx: Context, text: str, reply: Reply, source: str, id: str) -> Reply:
    """Return `reply` as `beside` does for a text that is kept, which a coach can be shown where the match is strong.

    `source` is the reader that finds the text by `id` (Cog.reads).
    """
    match = screen(text)
    asks = match is not None and match.tier is Tier.STRONG
    see = await _to_coaches(ctx, source, id) if asks else None
    return _beside(ctx.t, match, reply, (see,) if see else ())


def _beside(
    say: Speaker, match: Match | None, reply: Reply, see: tuple[Button, ...], asks: str = "screening.ask-coaches"
) -> Reply:
    if match is None:
        return reply
    asked = see if match.tier is Tier.STRONG else ()
    rows = _with_buttons(reply.rows, [crisis.button(say), *asked], match) if asked else None
    if rows is None:
        asked, rows = (), _with_buttons(reply.rows, [crisis.button(say)], match)
    if rows is None:
        return reply
    words = say(f"screening.{match.tier}-{match.kind}")
    told = [f"{words}\n\n{say(asks)}", words] if asked else [words]
    whole = ("\n\n".join((each, reply.text) if match.tier is Tier.STRONG else (reply.text, each)) for each in told)
    fits = (each for each in whole if length(each) <= TEXT)
    return replace(reply, text=next(fits, reply.text), rows=rows)


async def _to_coaches(ctx: Context, source: str, id: str) -> Button | None:
    """Return the button by which a coach can see what the member who calls wrote; None where no coach can be asked.

    It opens the preview of a question: only Send sends.
    """
    mine = await communities.ids_of(ctx.tx, ctx.me.id)
    if not any(each.id in mine and each.takes_questions for each in await ctx.communities()):
        return None
    return Button(ctx.t("screening.let-see"), "questions.see", [source, id])


def _gravest(match: Match) -> tuple[int, int]:
    return list(Tier).index(match.tier), list(Kind).index(match.kind)


def _with_buttons(rows: tuple[Row, ...], buttons: list[Button], match: Match) -> tuple[Row, ...] | None:
    """Return the rows with the buttons among them, first or last as the words are; None where there is no room."""
    there = {item.id for row in rows for item in row if isinstance(item, Button)}
    new = tuple(button for button in buttons if button.id not in there)
    if not new:
        return rows
    if len(rows) < ROWS:
        return (new, *rows) if match.tier is Tier.STRONG else (*rows, new)
    for at, row in enumerate(rows):
        if len(row) + len(new) <= ROW_BUTTONS and not any(isinstance(item, Menu) for item in row):
            return (*rows[:at], (*row, *new), *rows[at + 1 :])
    return None


# -- reading a text


# What is quoted or code is somebody else's words: lines that begin with ">", quotation marks, backticks. Each way
# begins with a character of its own, which makes it fast, and none runs over another opening mark, which keeps it so.
ASIDE = re.compile(
    r"""(```.*?```|`(?<!\w`)[^`\n]+`(?!\w)|"(?<!\w")[^"\n]+"(?!\w)|“[^“”]+”|«[^«»]+»|„[^„“”]+[“”]|\n[ \t]*>[^\n]*)""",
    re.DOTALL,
)
WORD = re.compile(r"[^\W_]+")
TOKEN = re.compile(rf"{WORD.pattern}|[.!?;\n]")
ENDS = frozenset(".!?;\n")
STRETCHED = re.compile(r"(\w)\1\1+")
# Apostrophes, however typed, stand for nothing, and nor do marks that no one sees.
NOTHING = dict.fromkeys(map(ord, "'’‘ʼ´′＇\u00ad\u200b\u200c\u200d\u2060\ufe0f"))

Words = tuple[str, ...]
Says = TypeVar("Says")


@dataclass(slots=True)
class _Read:
    """A text's words from last to first, since phrases end in rarer words than they begin with.

    `begins` is where another sentence begins, `lowered` what is not the writer's own, or an idiom.
    """

    words: list[str]
    begins: set[int]
    lowered: set[int]


@dataclass(slots=True)
class _Node(Generic[Says]):
    """How a phrase may go on, by word, by the name of a list or by any word; and, at the end of one, what it says."""

    then: "dict[str, _Node[Says]]" = field(default_factory=dict[str, "_Node[Says]"])
    says: tuple[Says, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """The phrases of one language. `same` says how a word, or several, are also written."""

    same: Mapping[str, Sequence[tuple[Words, Words]]]
    lists: _Node[str]  # an entry says the name of its list
    phrases: _Node[Match | None]  # an idiom says None

    def matches(self, text: str) -> set[Match]:
        """Return all that `text` may be saying."""
        read = self._read(text)
        first, listed = self.phrases.then, self.lists.then
        named = {i: _walk(listed[word], read, {}, i + 1) for i, word in enumerate(read.words) if word in listed}
        found: list[tuple[int, int, Match]] = []
        starts = [i for i, word in enumerate(read.words) if word in first or i in named]
        for start in starts:
            for says, end in _walk(self.phrases, read, named, start):
                if says is not None:
                    found.append((start, -end, says))
                elif read.begins.isdisjoint(range(start + 1, end)):  # an idiom is said in one breath
                    read.lowered.update(range(start, end))
        return set(_outermost(found, read.lowered))

    def normal(self, words: Sequence[str]) -> Words:
        """Return words as they are compared: each way of writing them as one."""
        normal: list[str] = []
        at = 0
        while at < len(words):
            for also, meant in self.same.get(words[at], ()):
                if tuple(words[at : at + len(also)]) == also:
                    normal += meant
                    at += len(also)
                    break
            else:
                normal.append(words[at])
                at += 1
        return tuple(normal)

    def _read(self, text: str) -> _Read:
        words: list[str] = []
        begins: set[int] = set()
        aside: set[int] = set()
        for nth, piece in enumerate(ASIDE.split(f"\n{_plain(text)}")):
            first = len(words)
            sentence: list[str] = []
            for token in TOKEN.findall(piece):
                if token in ENDS:
                    words += self.normal(sentence)
                    begins.add(len(words))
                    sentence = []
                else:
                    sentence.append(token)
            words += self.normal(sentence)
            if nth % 2:
                aside.update(range(first, len(words)))
        count = len(words)
        return _Read(words[::-1], {count - at for at in begins}, {count - 1 - at for at in aside})


def tokens(text: str) -> list[str]:
    """Return the words of `text` and the ends of its sentences: no case, no apostrophes, no letters drawn out."""
    return TOKEN.findall(_plain(text))


def _plain(text: str) -> str:
    return STRETCHED.sub(r"\1", unicodedata.normalize("NFKC", text.translate(NOTHING)).casefold())


def _walk(
    node: _Node[Says], read: _Read, named: Mapping[int, list[tuple[str, int]]], at: int
) -> list[tuple[Says, int]]:
    """Return what the words from `at` on lead to, with the word after it. A gap stays within its sentence."""
    found = [(says, at) for says in node.says]
    if not node.then or at == len(read.words):
        return found
    if then := node.then.get(read.words[at]):
        found += _walk(then, read, named, at + 1)
    if (then := node.then.get(ANY)) and at not in read.begins:
        found += _walk(then, read, named, at + 1)
    for name, end in named.get(at, ()):
        if then := node.then.get(name):
            found += _walk(then, read, named, end)
    return found


def _outermost(found: Iterable[tuple[int, int, Match]], lowered: set[int]) -> Iterator[Match]:
    """Yield what is no part of something longer: "she wants to die" is not about the writer."""
    reached = (0, 0)
    for start, end, match in sorted(found, key=lambda each: each[:2]):
        if end < reached[1] or (start, end) == reached:
            reached = (start, end)
            touched = not lowered.isdisjoint(range(start, -end))
            yield replace(match, tier=Tier.SOFT) if touched else match


# -- reading the phrases


def read(folder: Path) -> tuple[Language, ...]:
    """Return the phrases of every language. Raises DeclarationError, naming the file, where something is not right."""
    if not (folder / DEFAULT / FILE).exists():
        raise DeclarationError(f"{folder / DEFAULT / FILE} is missing")
    return tuple(_language(file) for file in sorted(folder.glob(f"*/{FILE}")))


def _language(file: Path) -> Language:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{file}: {error}") from None
    try:
        return _compile(data)
    except ValueError as error:
        raise DeclarationError(f"{file}: {error}") from None


def _compile(data: Mapping[str, Any]) -> Language:
    only_fields("the file", data, {"same", "lists", "phrases", "nothing"})
    names, meanings = table_of("lists", data), table_of("same", data)
    language = Language(_same(meanings), _Node[str](), _Node[Match | None]())
    for name, entries in names.items():
        for entry in _strings(name, entries):
            _plant(language.lists, language.normal(tokens(entry)), f"<{name}>")
    groups: object = data.get("phrases", [])
    if not isinstance(groups, list):
        raise ValueError("phrases is a list of tables")
    for group in cast("list[dict[str, Any]]", groups):
        only_fields("phrases", group, {"tier", "kind", "phrases", "idioms", "means", "misread"})
        match = Match(Tier(group.get("tier", "")), Kind(group.get("kind", "")))
        for key, says in (("phrases", match), ("idioms", None)):
            for phrase in _strings(key, group.get(key, [])):
                for variant in _variants(phrase, names, language):
                    _plant(language.phrases, variant, says)
    return language


def _same(meanings: Mapping[str, Any]) -> Mapping[str, Sequence[tuple[Words, Words]]]:
    """Return by first word what is also written so, the longest first, and what it means."""
    same: dict[str, list[tuple[Words, Words]]] = {}
    for meant, others in meanings.items():
        for also in map(tokens, _strings("same", [meant, *_strings("same", others)])[1:]):
            same.setdefault(also[0], []).append((tuple(also), tuple(tokens(meant))))
    for ways in same.values():
        ways.sort(key=lambda way: -len(way[0]))
    return same


PART = re.compile(r"\(([^()]*)\)|([^\s()|]+)")


def _variants(phrase: str, names: Mapping[str, Any], language: Language) -> Iterator[Words]:
    """Yield each way to say a phrase: "(a|b|)" is a choice, "<list>" any entry of a list, "..." up to four words.

    Raises ValueError where it cannot be read.
    """
    if PART.sub("", phrase).strip() or not phrase.strip():
        raise ValueError(f"“{phrase}” is no phrase")
    choices = [_alternatives(inner or part, names) for inner, part in PART.findall(phrase)]
    many = math.prod(map(len, choices))
    if many > VARIANTS:
        raise ValueError(f"“{phrase}” can be said in {many} ways; {VARIANTS} are possible: make a list of some")
    for chosen in product(*choices):
        words = language.normal([word for words in chosen for word in words])
        if not words or ANY in (words[0], words[-1]):
            raise ValueError(f"“{phrase}” begins or ends with any word")
        yield words


def _alternatives(part: str, names: Mapping[str, Any]) -> list[Words]:
    if part == ANY:
        return [(ANY,) * n for n in range(GAP + 1)]
    return [tuple(chain.from_iterable(_literal(word, names) for word in each.split())) for each in part.split("|")]


def _literal(word: str, names: Mapping[str, Any]) -> Sequence[str]:
    """Return a word of a phrase as it is compared. Raises ValueError where it names a list that there is not."""
    if not word.startswith("<"):
        return tokens(word)
    if word[1:-1] not in names:
        raise ValueError(f"there is no list {word}")
    return [word]


def _plant(root: _Node[Says], words: Words, says: Says) -> None:
    """Add one way to say something, from its end."""
    node = root
    for word in reversed(words):
        node = node.then.get(word) or node.then.setdefault(word, _Node[Says]())
    if says not in node.says:
        node.says += (says,)


def _strings(what: str, value: object) -> list[str]:
    """Return `value`, a list of texts with a word in each. Raises ValueError where it is none."""
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    texts = [item for item in items if isinstance(item, str) and WORD.search(item)]
    if len(texts) < len(items):
        raise ValueError(f"{what} is a list of texts")
    return texts


LANGUAGES = read(CONTENT)
