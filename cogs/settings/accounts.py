"""What a member's accounts are called when one has to be chosen: by their platform, never by who they are there."""

from collections import Counter

from bot import people
from bot.cog import Context


async def names(ctx: Context) -> dict[str, str]:
    """Return the accounts of the member who calls: what each is called, by the id of its row.

    Several on one platform are numbered; the one that speaks is told apart.
    """
    theirs, seen = await people.linked(ctx.tx, ctx.me.id), Counter[str]()
    many = Counter(each.account.platform for each in theirs)
    found: dict[str, str] = {}
    for each in theirs:
        platform = each.account.platform
        seen[platform] += 1
        key = "account-numbered" if many[platform] > 1 else "account"
        here = "yes" if each.id == ctx.me.account else "no"
        name = ctx.t("settings.on", platform=platform)
        found[each.id] = ctx.t(f"settings.{key}", name=name, number=seen[platform], here=here)
    return found
