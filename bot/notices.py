"""What is wrong with the communities' places is noted, and told once to who set a community up."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot import communities, people
from bot.communities import Community, Spot, wrong_key
from bot.model import Account, Reply
from bot.outbox import Lane, Outbox
from bot.store import Tx, new_id
from bot.texts import Texts
from bot.vault import Vault

Found = Iterable[tuple[str, Spot, tuple[str, ...]]]
"""Places, whose they are, and what is wrong with each: nothing, where it is well."""


async def note(
    tx: Tx, outbox: Outbox, texts: Texts, vault: Vault, found: Found, *, seen_by: Account | None = None
) -> None:
    """Note what is `found`, and let what waited for a mended place go out.

    Who chose a place, else who set the community up, is told when it breaks, and when it is mended: once, however many
    places it is, and not where it is they who have just seen it.
    """
    news: dict[tuple[str, Account], list[tuple[Spot, tuple[str, ...]]]] = {}
    for community, spot, broken in found:
        changed = await communities.set_broken(tx, community, spot, broken)
        if changed and bool(spot.broken) != bool(broken):
            if who := await communities.chosen_by(tx, community, spot):
                news.setdefault((community, who), []).append((spot, broken))
            if not broken:
                await outbox.hasten(spot.place)
    for (community, who), told in news.items():
        if seen_by and (who.platform, who.id) == (seen_by.platform, seen_by.id):
            continue
        reply = Reply(_words(texts, await communities.load(tx, community), told, who.locale))
        await _tell(tx, outbox, vault, who, reply, f"upkeep-{community}-{new_id()}")


async def tell(
    tx: Tx,
    outbox: Outbox,
    vault: Vault,
    community: str,
    words: Callable[[str | None], Reply],
    *,
    name: str,
    due: datetime | None = None,
) -> bool:
    """Tell who set a community up something in private, in `words` of their language; tell whether there is anybody.

    `name` and `due` are as in Outbox.send.
    """
    steward = await communities.steward(tx, community)
    if steward is None:
        return False
    await _tell(tx, outbox, vault, steward, words(steward.locale), name, due)
    return True


async def warn_all(
    tx: Tx, outbox: Outbox, vault: Vault, platform: str, words: Callable[[str | None], Reply], *, name: str
) -> None:
    """Tell everybody in private who set up a community with a home on `platform`: once, however many they set up.

    `words` are in their language, `name` begins what it is called in the outbox.
    """
    for steward in await communities.stewards_on(tx, platform):
        await _tell(tx, outbox, vault, steward, words(steward.locale), f"{name}-{new_id()}")


async def _tell(
    tx: Tx, outbox: Outbox, vault: Vault, steward: Account, reply: Reply, name: str, due: datetime | None = None
) -> None:
    member = await people.find(tx, vault, steward)  # then it goes with all else that is theirs
    await outbox.send(
        steward.private,
        reply,
        name=name,
        lane=Lane.DESK,
        member=member.id if member else None,
        due=due,
        keep=False,
    )


def _words(texts: Texts, about: Community, told: list[tuple[Spot, tuple[str, ...]]], locale: str | None) -> str:
    say = texts.speaker(locale, "core")
    parts = [say("upkeep-first", community=about.name)]
    for spot, broken in told:
        what = "\n".join(f"• {say(wrong_key(each))}" for each in broken)
        key = f"broken-{spot.purpose}" if broken else f"mended-{spot.purpose}"
        parts.append(say(key, place=spot.name, what=what))
    if any(broken for _, broken in told):
        parts.append(say("upkeep-last"))
    return "\n\n".join(parts)
