"""All that is kept of a member, in one piece, and its end."""

from typing import Any, cast

from bot import people
from bot.cog import Cog, Work
from bot.model import JSON
from bot.people import Member
from bot.store import SCRUB
from bot.texts import Speaker

cog = Cog("privacy")

OF_A_FILE = {"name", "data", "alt"}


async def everything(work: Work, member: Member) -> JSON:
    """Return all that is kept of a member, by table or as a feature calls it, as JSON can hold it.

    The files in answers that wait to be given are left out but for their names: they are made of the same.
    """
    kept: JSON = dict(await people.export(work.tx, member.id))
    for each in work.cogs:
        for exported in each.exporters:
            kept |= await exported(work, member)
    return {name: _without_files(value) for name, value in kept.items()}


async def erase_everything(work: Work, member: Member) -> None:
    """Erase all that is kept of a member; after the transaction it has to leave the files as well."""
    for each in work.cogs:
        for erased in each.erasers:
            await erased(work, member)
    await people.erase(work.tx, member.id)
    work.tx.notes.add(SCRUB)


def words_for(work: Work, locale: str | None, key: str) -> Speaker | None:
    """Return who speaks the words of the feature that has a text `key`, or None."""
    found = (each.name for each in work.cogs if work.texts.has(each.name, key))
    return next((work.texts.speaker(locale, name) for name in found), None)


def _without_files(value: Any) -> Any:
    if isinstance(value, dict):
        found = cast(JSON, value)
        is_file = found.keys() >= OF_A_FILE
        return {name: _without_files(each) for name, each in found.items() if not (is_file and name == "data")}
    return [_without_files(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value
