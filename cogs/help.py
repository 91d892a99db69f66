"""What one can do here, in groups."""

from functools import lru_cache

from bot.adapter import Listing
from bot.cog import Cog, Context
from bot.model import Button, Reply, Role
from bot.texts import Speaker, Texts
from cogs import crisis

cog = Cog("help")

GROUPS = (
    ("for-anyone", Role.ANYONE),
    ("for-members", Role.MEMBER),
    ("for-coaches", Role.COACH),
    ("for-owners", Role.OWNER),
)
KEPT = 64  # pages: there is one for each set of roles, in each language


@cog.command(access=Role.ANYONE, glances=True, asks_roles=True, link="server")
async def help(ctx: Context) -> Reply:
    """List what this person can do here: first for whom it is, then what it does."""
    return _page(ctx.texts, ctx.listing, ctx.roles | ({Role.MEMBER} if ctx.member else set[Role]()))


@lru_cache(maxsize=KEPT)
def _page(texts: Texts, listing: Listing, roles: frozenset[Role]) -> Reply:
    say, mine = texts.speaker(listing.locale, cog.name), {Role.ANYONE, *roles}
    shown = [_group(say, key, role, listing) for key, role in GROUPS if role in mine]
    first = Button(say("core.ask-a-coach"), "ask") if Role.MEMBER in mine else Button(say("core.join"), "join")
    return Reply("\n\n".join([say("first"), *shown]), ((first, crisis.button(say)),))


def _group(say: Speaker, title: str, role: Role, listing: Listing) -> str:
    return "\n".join([say(title), *(f"/{each.name} · {each.short}" for each in listing if each.role is role)])
