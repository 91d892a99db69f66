"""A tip at the desks: how it stands there, who decides, how it comes out, and how it goes.

Of all who press, one decides (compare and set); the others are shown what has become of it.
"""

from datetime import datetime, timedelta

from bot import clock, codes, communities
from bot.cog import Context, DueRow, Fate, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import Button, Reply, Role
from bot.outbox import Lane
from bot.store import SCRUB
from bot.texts import Speaker
from cogs import crisis, shouts
from cogs.questions import answering, asking, rules_of
from cogs.questions.desk import leave, moment, pressed
from cogs.questions.store import TAKEN_BACK, name_at
from cogs.tips.store import (
    DESTROY,
    KEPT,
    NOT_OUT,
    OUT,
    State,
    Tip,
    at_desks,
    code_key,
    cog,
    drop,
    move_on,
    one,
    sealed,
    tips,
)

SOON, LATE = 0, 1  # days until it is out, at an hour that is drawn: so it does not tell when a coach decided
GRACE = timedelta(hours=3)
TRIED = timedelta(days=1)  # how long the places for posts are tried


# -- it comes to the desks, moves with them, and goes


async def post(work: Work, community: Community, tip: Tip) -> None:
    """Have a tip said at every desk of its community, at a random moment of the next minutes; it has thirty days."""
    await work.due.at(DESTROY, tip.id, clock.floor_hour(work.now) + KEPT)
    at = moment(work, (await rules_of(work.tx, community.id)).jitter)
    await _say(work, community, tip, at)


async def _say(work: Work, community: Community, tip: Tip, at: datetime | None) -> None:
    reply = _standing(work, tip)
    for desk in community.desks:
        name = name_at(_names(tip.id), desk.server)
        await work.outbox.send(desk.place, reply, name=name, lane=Lane.DESK, due=at, settled="tips.posted")


@cog.settled("posted")
async def posted(work: Work, name: str, fate: Fate) -> None:
    """See to it that what has just come to a desk stands where the desks are now."""
    tip = await one(work.tx, name.split("-")[1])
    if fate == "sent" and tip is not None and tip.state in NOT_OUT:
        await _arrange(work, await communities.load(work.tx, tip.community), tip)


@cog.moved
async def follow(work: Work, community: Community) -> None:
    """Let what is not out yet stand at the community's desks as they are now, and nowhere else."""
    for tip in await at_desks(work.tx, community.id):
        await _arrange(work, community, tip)


@cog.closed
async def end(work: Work, community: Community) -> None:
    """Destroy what nobody can decide any more. What was decided comes out all the same."""
    for tip in await at_desks(work.tx, community.id):
        if tip.state is State.WAITING:
            await _vanish(work, tip)
        else:
            await _take_from_desks(work, tip)


async def hand_over(work: Work, old: Community, new: Community) -> None:
    """Let what was decided in a community, or is out, belong to another one, which it becomes part of.

    What waits goes: it was written for those coaches and for no others. So does what is not sent, with its community.
    """
    await end(work, old)
    decided = tips.c.community == old.id, tips.c.state.in_((State.COMING, State.OUT))
    await work.tx.execute(tips.update().where(*decided).values(community=new.id))


async def _arrange(work: Work, community: Community, tip: Tip) -> None:
    await leave(work, community, _names(tip.id), _gone(work))
    await _say(work, community, tip, None)


async def _take_from_desks(work: Work, tip: Tip) -> None:
    for name in await work.outbox.names(_names(tip.id)):
        await work.outbox.delete(name, _gone(work), settled=TAKEN_BACK)


async def _vanish(work: Work, tip: Tip, *states: State) -> bool:
    """Leave nothing of a tip that stands at one of `states`, or where it does; tell whether it stood there."""
    if not await drop(work.tx, tip.id, *(states or (tip.state,))):
        return False
    await _take_from_desks(work, tip)
    await work.due.forget(tip.id)
    return True


@cog.due("destroy")
async def destroy(work: Work, row: DueRow) -> datetime | None:
    """Leave nothing of a tip that has not come out within its time."""
    if tip := await one(work.tx, row.key):
        await _vanish(work, tip, *NOT_OUT)
    return None


@cog.takes_down
async def take_down(work: Work, code: str) -> bool:
    """Take away what a code is for, at the desks or where it was posted; False where it is for nothing."""
    typed = codes.read(code)
    row = await work.tx.row(tips, tips.c.code == code_key(work, typed)) if typed else None
    tip = await one(work.tx, row["id"]) if row else None
    if tip is None or not await _vanish(work, tip):
        return False
    gone = Reply(work.texts.say((await communities.load(work.tx, tip.community)).locale, "tips", "post-gone"))
    for number in range(tip.places):
        await work.outbox.delete(f"{_post(tip.id)}-{number}", gone, settled="tips.taken_down")
    return True


@cog.settled("taken_down")
async def taken_down(work: Work, name: str, fate: Fate) -> None:
    """Have it leave the files where a post of it stood."""
    work.tx.notes.add(SCRUB)


# -- how it stands there


def shown(say: Speaker, tip: Tip) -> str:
    """Return a tip as coaches see it when it comes."""
    return f"{say('desk-tip')}\n\n{tip.text}"


def _standing(work: Work, tip: Tip, *, edit: bool = False) -> Reply:
    say = work.texts.speaker(None, "tips")
    if tip.state is State.COMING:
        hold = Button(say("hold-back"), "tips.hold", [tip.id])
        return Reply(f"{shown(say, tip)}\n\n{_coming(say, tip)}", ((hold,),), edit=edit)
    buttons = (
        Button(say("publish"), "tips.publish", [tip.id]),
        Button(say("publish-alias"), "tips.named", [tip.id]),
        Button(say("decline"), "tips.decline", [tip.id]),
    )
    return Reply(shown(say, tip), (buttons,), edit=edit)


async def _refresh(work: Work, tip: Tip) -> None:
    for name in await work.outbox.names(_names(tip.id)):
        await work.outbox.edit(name, _standing(work, tip))


async def _seen(ctx: Context, tip: Tip, short: str) -> Reply:
    """Answer a press: where it was made on a message that stands for the tip, that is shown as it is now."""
    return _standing(ctx, tip, edit=True) if await pressed(ctx, _names(tip.id)) else Reply(short, edit=True)


# -- deciding


@cog.action("publish", private=False, quiet=True, access=Role.COACH)
async def publish(ctx: Context, tip: str) -> Reply:
    """Show how it will look, under nobody's name."""
    here = await _waiting(ctx, tip)
    return here if isinstance(here, Reply) else await _look(ctx, here)


@cog.action("named", private=False, quiet=True, access=Role.COACH)
async def named(ctx: Context, tip: str, but: str = "") -> Reply:
    """Show how it will look under a name that never was out, another than `but`."""
    here = await _waiting(ctx, tip)
    return here if isinstance(here, Reply) else await _look(ctx, here, await shouts.draw(ctx, ctx.here.id, but))


@cog.action("go", private=False, quiet=True, access=Role.COACH)
async def decide(ctx: Context, tip: str, alias: str = "") -> Reply:
    """Let it come out as it was shown, at an hour that is drawn."""
    here = await _waiting(ctx, tip)
    if isinstance(here, Reply):
        return here
    _check(ctx, here)
    if alias and not shouts.is_name(ctx, ctx.here, alias):
        raise UserError("core.unknown-command")
    if alias and not await shouts.give_out(ctx.tx, alias):
        return await _look(ctx, here, await shouts.draw(ctx, ctx.here.id, alias), ctx.t("name-taken"))
    if not await move_on(ctx.tx, here, State.COMING, said=sealed(here.text, alias=alias)):
        return await _become(ctx, tip)
    await ctx.due.at(OUT, tip, shouts.some_day(ctx.now, ctx.here, SOON, LATE, ctx.dice))
    return await _changed(ctx, tip)


@cog.action("hold", private=False, access=Role.COACH)
async def hold(ctx: Context, tip: str) -> Reply:
    """Let it wait for a decision again, while it is not out. A name that it had is not given out again."""
    here = await _here(ctx, tip)
    if here is not None and here.state is State.COMING:
        await move_on(ctx.tx, here, State.WAITING, said=sealed(here.text))
        await ctx.due.cancel(OUT, tip)
        return await _changed(ctx, tip)
    return await _become(ctx, tip)


@cog.action("decline", private=False, quiet=True, access=Role.COACH)
async def decline(ctx: Context, tip: str) -> Reply:
    """Ask once: what is declined is destroyed at once."""
    here = await _waiting(ctx, tip)
    if isinstance(here, Reply):
        return here
    buttons = (Button(ctx.t("decline-yes"), "tips.declined", [tip]), Button(ctx.t("back"), "tips.back", [tip]))
    sure = ctx.t("decline-sure")
    stands = await pressed(ctx, _names(tip))
    say = ctx.texts.speaker(None, "tips")
    return Reply(f"{shown(say, here)}\n\n{sure}" if stands else sure, (buttons,), edit=True)


@cog.action("declined", private=False, quiet=True, access=Role.COACH)
async def declined(ctx: Context, tip: str) -> Reply:
    """Destroy it. Nobody is told: it is not known whom."""
    here = await _waiting(ctx, tip)
    if isinstance(here, Reply):
        return here
    return Reply(ctx.t("declined"), edit=True) if await _vanish(ctx, here) else await _become(ctx, tip)


@cog.action("back", private=False, quiet=True, access=Role.COACH)
async def back(ctx: Context, tip: str) -> Reply:
    """Leave it as it is."""
    here = await _here(ctx, tip)
    return await _seen(ctx, here, ctx.t("left-as-it-is")) if here else await _become(ctx, tip)


async def _here(ctx: Context, id: str) -> Tip | None:
    """Return a tip of this desk's community that is not out yet, or None."""
    tip = await one(ctx.tx, id)
    return tip if tip and tip.community == ctx.here.id and tip.state in NOT_OUT else None


async def _waiting(ctx: Context, id: str) -> Tip | Reply:
    """Return a tip that waits for a decision, or what has become of it."""
    tip = await _here(ctx, id)
    return tip if tip and tip.state is State.WAITING else await _become(ctx, id)


async def _become(ctx: Context, id: str) -> Reply:
    """Say what has become of a tip that somebody else was quicker with."""
    tip = await one(ctx.tx, id)
    if tip is None or tip.community != ctx.here.id or tip.state is State.DRAFT:
        return Reply(ctx.t("gone"), edit=True)
    if tip.state is State.OUT:
        return Reply(ctx.t("is-out"), edit=True)
    say = ctx.texts.speaker(None, "tips")
    return await _seen(ctx, tip, _coming(say, tip) if tip.state is State.COMING else say("waits-again"))


async def _changed(ctx: Context, id: str) -> Reply:
    """Show at every desk what has been decided, and to whoever pressed."""
    if tip := await one(ctx.tx, id):
        await _refresh(ctx, tip)
    return await _become(ctx, id)


async def _look(ctx: Context, tip: Tip, alias: str = "", first: str = "") -> Reply:
    """Show how a tip will look. Raises UserError where it cannot be published."""
    _check(ctx, tip)
    parts = [
        *([first] if first else []),
        ctx.t("how-it-looks"),
        _words(ctx, ctx.here, tip.text, alias),
        *asking.marked(ctx, tip.text, "tips.may-give-away"),
    ]
    under = (alias,) if alias else ()
    another = (Button(ctx.t("another-name"), "tips.named", [tip.id, alias]),) if alias else ()
    last = Button(ctx.t("back"), "tips.back", [tip.id])
    buttons = (Button(ctx.t("publish"), "tips.go", [tip.id, *under]), *another, last)
    return Reply("\n\n".join(parts), (buttons,), edit=True)


def _check(ctx: Context, tip: Tip) -> None:
    """Raise UserError where a tip cannot be published now, or not as it is worded."""
    if ctx.here.halted:
        raise UserError("halted-here")
    if not ctx.here.posts:
        raise UserError("no-posts-here")
    if why := answering.refused(tip.text):
        raise UserError("refused", why=why)


# -- out


@cog.due("out")
async def out(work: Work, row: DueRow) -> datetime | None:
    """Let it be out, and nothing of it be kept but what takes it down.

    While all is halted, or there is no place for posts, or too late for the hour that was drawn, it waits for another.
    """
    tip = await one(work.tx, row.key)
    if tip is None or tip.state is not State.COMING:
        return None
    community = await communities.load(work.tx, tip.community)
    if community.halted or not community.posts or work.now > row.at + GRACE:
        return shouts.some_day(work.now, community, SOON, LATE, work.dice)
    if not await move_on(work.tx, tip, State.OUT, said=None, places=len(community.boards)):
        return None
    await work.due.cancel(DESTROY, tip.id)
    await _take_from_desks(work, tip)
    work.tx.notes.add(SCRUB)
    say = work.texts.speaker(community.locale, "tips")
    buttons = (
        Button(say("posts.read-in-private"), "advice"),
        Button(say("send-one"), "tip"),
        crisis.button(say),
    )
    reply = Reply(_words(work, community, tip.text, tip.alias), (buttons,))
    await work.post(community, reply, name=_post(tip.id), until=work.now + TRIED)
    return None


def _words(work: Work, community: Community, text: str, alias: str) -> str:
    """Return what the community reads."""
    say = work.texts.speaker(community.locale, "tips")
    return say("post", who=alias or say("shouts.somebody"), text=text)


def _coming(say: Speaker, tip: Tip) -> str:
    return say("coming-as", name=tip.alias) if tip.alias else say("coming")


def _gone(work: Work) -> Reply:
    return Reply(work.texts.say(None, "tips", "gone"))


def _names(id: str) -> str:
    """Return what the subject in the outbox begins with of all that stands of a tip at any desk."""
    return f"t-{id}-desk"


def _post(id: str) -> str:
    return f"tip-{id}"
