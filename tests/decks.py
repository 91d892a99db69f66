"""Small decks to read beside ours: a few of our pieces under ids, titles and a name of their own."""

import json
from pathlib import Path

from bot.texts import DECK
from cogs.advice.deck import Piece, load
from cogs.stage import Stage, Whom

ALONE = {Stage.APOLOGY: Whom.CHEATED}


def write_deck(folder: Path, name: str, *, each: int = 3, credit: str = "") -> Path:
    """Write a deck with so many pieces of each stage; `name`, in small letters, is in every title and id."""
    tag = name[:20].casefold().replace(" ", "-").strip("-")
    folder.mkdir(parents=True)
    about = [f"name = {_quoted(name)}", f"credit = {_quoted(credit or f'The ideas of {name}.')}"]
    about += ["[teachings]", 'X01 = "one thing"', "[stages.apology]", 'only_for = "cheated"']
    (folder / "deck.toml").write_text("\n".join([*about, ""]), encoding="utf-8")
    for stage in Stage:
        usual = [piece for piece in load(DECK) if piece.stage is stage and not piece.heavy and not piece.moment]
        whom = ALONE.get(stage, Whom.ANY)
        taken = [piece for piece in usual if piece.whom is whom][:each]
        tables = [_table(number, piece, name, tag) for number, piece in enumerate(taken)]
        (folder / f"{stage}.toml").write_text("\n".join([f'stage = "{stage}"', *tables, ""]), encoding="utf-8")
    return folder


def _table(number: int, piece: Piece, name: str, tag: str) -> str:
    fields = {
        "id": f"{piece.stage.replace('_', '-')}-{tag}-{number}",
        "teachings": ["X01"],
        "for": piece.whom,
        "title": f"{name[:20]} {number}: {piece.title}"[:60],
        "body": piece.body,
        "try": piece.attempt,
    }
    return "\n".join(["[[piece]]", *(f"{key} = {_quoted(value)}" for key, value in fields.items())])


def _quoted(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)
