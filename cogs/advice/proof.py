"""Proof-reading a deck: what makes it wrong, what is only worth a look, and which piece carries what."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.content import BANNED, Content, Remark, Shown, banned, harsh
from bot.model import Reply
from bot.texts import DEFAULT, Speaker
from cogs import crisis
from cogs.advice.deck import SOURCE, Entry, Moment, Piece, examine
from cogs.advice.source import Source, line_of, namesakes
from cogs.advice.source import examine as examine_source
from cogs.advice.source import load as load_source
from cogs.advice.today import text_of
from cogs.stage import Stage, Whom

SENTENCES = (2, 5)
GRADE = 8  # of an American school: what a thirteen-year-old reads with ease
# Of 100. Of 262 pieces by several hands no two come to 67; one with its sentences in another order comes to over 90.
ALIKE = 75
GENTLE = (Moment.LAPSE, Moment.URGE_NIGHT)

ENDS = re.compile(r"[.!?…]+[\"')]*(?=\s+[\"'(]?[A-Z0-9]|\s*$)")
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
CURLY = re.compile("[‘’“”]")
SILENT = re.compile(r"[^l]e$|[^td]ed$")
VOWELS = re.compile(r"[aeiouy]+")
OF_ONE = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)


def check(content: Content) -> Iterator[Remark]:
    """Yield what is to be said of the decks, and of translations where content/ is read as a whole."""
    for deck in content.decks:
        yield from _deck(deck, content.folder)
    yield from namesakes(content.decks)
    if content.folder:
        english = {entry.piece.id: entry for entry in examine(content.folder / DEFAULT / "advice")[0]}
        for folder in sorted(content.folder.glob("*/advice")):
            if folder.parent.name != DEFAULT:
                yield from _translated(folder, english)


def _deck(deck: Path, folder: Path | None) -> Iterator[Remark]:
    entries, wrong = examine(deck)
    yield from wrong
    about, wrong = examine_source(deck)
    yield from wrong
    listed = deck.parent / BANNED
    if not listed.exists() and folder:
        listed = folder / DEFAULT / BANNED
    for entry in entries:
        yield from _piece(entry)
        yield from _words(entry, listed)
    yield from _twins(entries)
    yield from _for_everybody(deck, entries, about)
    if about is not None:
        yield from _guards(entries, about)
        yield from _counts(entries, about, deck / SOURCE)


def _piece(entry: Entry) -> Iterator[Remark]:
    piece, beginning = entry.piece, entry.piece.stage.replace("_", "-")
    if not piece.id.startswith(f"{beginning}-"):
        yield entry.remark("id", f"an id is {beginning}- and then a few words with hyphens between them")
    count = _sentences(piece.body)
    if not SENTENCES[0] <= count <= SENTENCES[1]:
        yield entry.remark("body", f"the body has {count} sentence{'s' * (count != 1)}; 2 to 5 are right")
    if piece.heavy and piece.moment in GENTLE:
        yield entry.remark("moment", f"what is heavy is never given at {piece.moment}")
    reads = round(grade(piece.body))
    if reads > GRADE:
        yield entry.remark("body", f"it reads like grade {reads}; up to {GRADE} is easy", wrong=False)


def _words(entry: Entry, listed: Path) -> Iterator[Remark]:
    piece = entry.piece
    for field, text in (("title", piece.title), ("body", piece.body), ("try", piece.attempt), ("talk", piece.talk)):
        for what in harsh(banned(listed, "shaming", "advice"), [text]):
            yield entry.remark(field, what)
        if found := CURLY.search(text):
            yield entry.remark(field, f"{found[0]} is a curly quotation mark: plain ones are ' and \"")
        if found := OF_ONE.search(text):
            yield entry.remark(field, f"“{found[0]}”: is that the ex? They are always “they”", wrong=False)


def _sentences(text: str) -> int:
    return len(ENDS.findall(text))


def grade(text: str) -> float:
    """Return the grade of school at which an English text is read with ease, after Flesch and Kincaid."""
    words = WORD.findall(text)
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / max(1, _sentences(text)) + 11.8 * syllables / max(1, len(words)) - 15.59


@lru_cache(maxsize=10_000)  # a deck says the same words again and again
def _syllables(word: str) -> int:
    plain = word.casefold()
    silent = SILENT.search(plain) is not None
    return max(1, len(VOWELS.findall(plain)) - silent)


def _twins(entries: Sequence[Entry]) -> Iterator[Remark]:
    """Yield the pieces that say nearly what an earlier one says."""
    for field, what in (("body", "the body is"), ("title", "title and what to try are")):
        texts = [_sorted(e.piece.body if field == "body" else f"{e.piece.title} {e.piece.attempt}") for e in entries]
        for number, (one, this) in enumerate(zip(entries, texts, strict=True), 1):
            for _, alike, later in process.extract_iter(this, texts[number:], scorer=fuzz.ratio, score_cutoff=ALIKE):
                where = f"{one.piece.id} ({one.file.name}:{one.table.at(field)})"
                yield entries[number + later].remark(field, f"{what} nearly that of {where}: {alike:.0f} of 100 alike")


def _sorted(text: str) -> str:
    """Return the words of a text in the order of the alphabet: sentences that changed places are alike."""
    return " ".join(sorted(WORD.findall(text.casefold())))


def _for_everybody(folder: Path, entries: Sequence[Entry], about: Source | None) -> Iterator[Remark]:
    """Yield the stages that have nothing for somebody of whom we know nothing, on a day like any other."""
    for stage in Stage:
        alone = about.stages[stage].only_for if about and stage in about.stages else None
        if alone is None and not any(
            piece.stage is stage and piece.whom is Whom.ANY and not piece.moment and not piece.heavy
            for piece in (entry.piece for entry in entries)
        ):
            what = f"the stage {stage} needs a piece for anybody, on any day, that is not heavy"
            yield Remark(folder / f"{stage}.toml", 1, what)


def _guards(entries: Sequence[Entry], about: Source) -> Iterator[Remark]:
    for entry in entries:
        piece = entry.piece
        alone = about.stages[piece.stage].only_for if piece.stage in about.stages else None
        if alone is not None and piece.whom is not alone:
            yield entry.remark("for", f"the stage {piece.stage} is for {alone} alone")
        for teaching in piece.teachings:
            if teaching not in about.teachings:
                yield entry.remark("teachings", f"the deck has no teaching {teaching}")
                continue
            whom = about.whom(teaching)
            if whom is not None and piece.whom is not whom:
                yield entry.remark("for", f"{teaching} is for {whom} alone")
            if teaching in about.heavy and not piece.heavy:
                yield entry.remark("teachings", f"{teaching} is hard to hear: the piece needs heavy = true")


def _counts(entries: Sequence[Entry], about: Source, file: Path) -> Iterator[Remark]:
    carriers = _carriers(entries)
    for teaching in about.teachings:
        if len(ids := carriers.get(teaching, [])) < about.carried:
            by = f"carried by {_pieces(len(ids))}{': ' if ids else ''}{', '.join(ids)}; {about.carried} are needed"
            yield Remark(file, line_of(file, ("teachings", teaching)), by, teaching)
    for stage, wants in about.stages.items():
        count = sum(entry.piece.stage is stage for entry in entries)
        if count < wants.least:
            what = f"{stage} has {_pieces(count)}; {wants.least} are wanted"
            yield Remark(file, line_of(file, ("stages", stage, "least")), what, wrong=False)
    for number, wants in enumerate(about.wanted):
        may = (wants.whom, Whom.ANY)
        count = sum(entry.piece.stage in wants.stages and entry.piece.whom in may for entry in entries)
        if count < wants.least:
            what = f"{' and '.join(wants.stages)} have {_pieces(count)} for {wants.whom}; {wants.least} are wanted"
            yield Remark(file, line_of(file, ("wanted", number, "least")), what, wrong=False)


def _carriers(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Return by which pieces each teaching is carried."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        for teaching in dict.fromkeys(entry.piece.teachings):
            found.setdefault(teaching, []).append(entry.piece.id)
    return found


def _pieces(count: int) -> str:
    return f"{count or 'no'} piece{'s' * (count != 1)}"


def _translated(folder: Path, english: Mapping[str, Entry]) -> Iterator[Remark]:
    """Yield where a translated piece is not the one that English has."""
    entries, wrong = examine(folder)
    yield from wrong
    for entry in entries:
        piece = entry.piece
        if piece.id not in english:
            yield entry.remark("id", "English has no such piece")
            continue
        same = english[piece.id].piece
        for field, here, there in (
            ("id", piece.stage, same.stage),
            ("teachings", piece.teachings, same.teachings),
            ("for", piece.whom, same.whom),
            ("heavy", piece.heavy, same.heavy),
            ("moment", piece.moment, same.moment),
        ):
            if here != there:
                yield entry.remark(field, f"English has another {'stage' if field == 'id' else field}")
        for what in harsh(
            banned(folder.parent / BANNED, "shaming", "advice"), (piece.title, piece.body, piece.attempt, piece.talk)
        ):
            yield entry.remark("id", what)


def show(content: Content, wanted: str) -> Iterator[Shown]:
    """Yield the decks as they are read, or what a stage or an id names of them; nothing where there is none."""
    return (shown for shown, _ in _read(content, wanted))


def _read(content: Content, wanted: str) -> Iterator[tuple[Shown, Piece]]:
    """Yield what `wanted` names of the decks, and how it is shown: stages of another deck are headed by its name."""
    for deck in content.decks:
        about = examine_source(deck)[0]
        heading = "" if deck == content.deck else f"{about.name if about else deck.name}: "
        for entry in sorted(examine(deck)[0], key=lambda each: list(Stage).index(each.piece.stage)):
            piece = entry.piece
            if wanted in ("", piece.id, piece.stage, piece.stage.replace("_", "-")):
                marks = ("heavy" * piece.heavy, piece.moment or "")
                facts = (piece.id, piece.whom, ", ".join(piece.teachings), *filter(None, marks))
                last = (f"Today: {piece.attempt}", piece.talk)
                yield Shown(f"{heading}{piece.stage}", piece.title, facts, (piece.body, *filter(None, last))), piece


def samples(content: Content, say: Speaker) -> Iterator[tuple[Shown, Reply]]:
    """Yield every piece with what somebody is told who asks for advice."""
    for shown, piece in _read(content, ""):
        yield shown, Reply(text_of(say, piece), ((crisis.button(say),),))


def coverage(content: Content) -> str:
    """Return which piece carries what, and how many there are for whom, in Markdown. Raises DeclarationError."""
    entries, about = examine(content.deck)[0], load_source(content.deck)
    carriers = _carriers(entries)
    lines = [
        "# What the pieces carry",
        "",
        "Made by `unsent content check --coverage docs/coverage.md`: after a change in the deck, make it anew.",
        "",
        f"{_pieces(len(entries))} carry {len(about.teachings)} teachings.",
        "",
        "| stage | pieces | who cheated | who was cheated on | anybody | heavy | for a moment |",
        "|---|---|---|---|---|---|---|",
    ]
    for stage in Stage:
        of = [entry.piece for entry in entries if entry.piece.stage is stage]
        whom = Counter(piece.whom for piece in of)
        counts = (len(of), *(whom[each] for each in Whom), sum(p.heavy for p in of), sum(bool(p.moment) for p in of))
        lines.append(f"| `{stage}` | {' | '.join(map(str, counts))} |")
    lines += ["", "| teaching | what it says | pieces | which |", "|---|---|---|---|"]
    for teaching, says in about.teachings.items():
        ids = carriers.get(teaching, [])
        lines.append(f"| {teaching} | {says} | {len(ids)} | {', '.join(f'`{id}`' for id in ids)} |")
    return "\n".join([*lines, ""])
