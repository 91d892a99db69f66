"""A year of daily pieces in a community, time moved and not slept: who had what on which date, and why not.

Posts come in channels of as many zones, each at its hour and on its days; some refuse everything for days.
People live in forty zones, move, change stage, lapse, pause, fall silent, close their chat; the process stops for hours
and days, and begins anew on the same file. What came is kept by who reads, not by what the program says of itself.
"""

import random
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from sqlalchemy import func, select

from bot import clock, communities, people
from bot.adapter import Delivery, Outcome, Refused, Send, Unreachable
from bot.due import due
from bot.model import Account, Call, Happening, Menu, Place, Reply
from bot.outbox import Lane, State, outbox
from bot.people import members
from bot.sender import Sender
from bot.settling import BROKEN_WAIT
from bot.texts import DECK
from cogs import posts
from cogs.advice import store
from cogs.advice.deck import Piece
from cogs.advice.deck import load as load_deck
from cogs.advice.drop import GRACE
from cogs.advice.rhythm import Outcome as Came
from cogs.advice.rules import HEAVY_AFTER_LAPSE, NIGHT
from cogs.posts.rules import Plan
from cogs.stage import Stage, Whom
from tests.harness import HOME, TOWN, Double, Person, World, new_world

ZONES = (
    *(
        "Pacific/Kiritimati",
        "Pacific/Auckland",
        "Pacific/Chatham",
        "Pacific/Apia",
        "Pacific/Honolulu",
        "Pacific/Easter",
    ),
    *("Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide", "Australia/Brisbane", "Australia/Eucla"),
    *("Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Asia/Jerusalem", "Asia/Dubai"),
    *("Asia/Yangon", "Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Africa/Johannesburg", "Atlantic/Azores"),
    *("Europe/London", "Europe/Berlin", "Europe/Lisbon", "Europe/Athens", "Europe/Moscow", "Europe/Chisinau"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/St_Johns"),
    *("America/Havana", "America/Santiago", "America/Sao_Paulo", "America/Phoenix", "America/Nuuk"),
)
BEGINS = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)  # clocks go on in half the world, back in the other, before long
MOVABLE = ("space", "healing", "reality", "rebuilding")
SENT = {Came.SENT, Came.LATE}
HAPPENS_THERE = 0.1  # of the moments at which somebody does something
SLIPS_IN = 0.05  # of the moments at which something is due


@dataclass
class Reader:
    """Someone, and what is known of them without asking the program."""

    person: Person = field(repr=False)
    whom: Whom
    zone: str
    hour: int
    sort: str  # "uses" it now and then, "reads" and never taps, "answers" the question with Daily
    since: date | None = None  # from which date on a piece is wanted; None: not at all
    weekday: int | None = None
    paused: bool = False
    had: Counter[date] = field(default_factory=Counter[date])
    off: set[date] = field(default_factory=set[date])  # dates on which it was turned off, or on
    why: dict[str, set[date]] = field(default_factory=lambda: defaultdict[str, set[date]](set))  # what may explain it
    log: dict[date, str] = field(default_factory=dict[date, str])
    wanted: set[date] = field(default_factory=set[date])
    cycle: dict[Stage, set[str]] = field(default_factory=lambda: defaultdict[Stage, set[str]](set))
    lapse: date | None = None
    last: str | None = None
    last_on: date = date.min  # their day then
    floor: date = date.min  # a move takes no day away
    lost: bool = False  # something did not arrive, and so was not the last

    @property
    def tz(self) -> tzinfo:
        """Their zone."""
        return clock.zone(self.zone)

    def today(self, now: datetime) -> date:
        """Their day."""
        return max(clock.day_of(now, self.tz), self.floor)


@dataclass
class Channel:
    """A place for posts, and what came there. `refused` are the times in which it took nothing."""

    name: str
    zone: str
    hour: int
    days: list[int]
    first: date  # by its first clock, the one after it was begun
    key: str = ""
    had: Counter[date] = field(default_factory=Counter[date])
    off: set[date] = field(default_factory=set[date])  # dates near which its hour or its clock was changed
    pieces: Counter[str] = field(default_factory=Counter[str])
    refused: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])
    before: list[tuple[date, str, int]] = field(
        default_factory=list[tuple[date, str, int]]
    )  # until when, by which clock

    @property
    def tz(self) -> tzinfo:
        """Its zone."""
        return clock.zone(self.zone)

    def at(self, day: date) -> datetime:
        """The instant at which its post of that date comes, or came."""
        zone, hour = next(((zone, hour) for until, zone, hour in self.before if day < until), (self.zone, self.hour))
        return datetime.combine(day, time(hour), clock.zone(zone)).astimezone(UTC)


@dataclass
class Chats(Double):
    """The platform in memory; some chats are closed, and some channels take nothing."""

    closed: set[str] = field(default_factory=set[str])
    refusing: set[str] = field(default_factory=set[str])
    came: list[tuple[str, Reply]] = field(default_factory=list[tuple[str, Reply]])
    posted: list[tuple[str, Reply]] = field(default_factory=list[tuple[str, Reply]])

    async def deliver(self, what: Delivery) -> Outcome:
        """Take it, unless that chat is closed."""
        if isinstance(what, Send) and not what.place.private:
            if what.place.channel in self.refusing:
                return Refused("50013", here=True)
            self.posted.append((what.place.channel, what.reply))
        if isinstance(what, Send) and what.place.private:
            if what.place.channel in self.closed:
                return Unreachable()
            self.came.append((what.place.channel, what.reply))
        return await super().deliver(what)


@dataclass
class Year:
    """The simulation. `down` are the times at which nothing ran."""

    folder: Path
    dice: random.Random
    now: datetime = BEGINS
    world: World | None = None
    chats: Chats = field(default_factory=Chats)
    readers: dict[str, Reader] = field(default_factory=dict[str, Reader])
    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    down: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])
    pieces: dict[str, Piece] = field(default_factory=dict[str, Piece])
    counts: Counter[str] = field(default_factory=Counter[str])

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[World]:
        """Begin anew on the same file."""
        async with new_world(self.folder) as world:
            world.platform = self.chats
            world.house.adapters["test"] = self.chats
            world.sender = Sender(world.house, self.chats)
            world.clock.at = self.now
            for reader in self.readers.values():
                reader.person.world = world
            self.world = world
            yield world
            self.now = world.clock.at

    async def lives(self, many: int, days: int, channels: int) -> None:
        """Let so many people, with so many channels, live for so many days."""
        self.pieces = {f"{piece.title}\n\n{piece.body}": piece for piece in load_deck(DECK)}
        end = self.now + timedelta(days=days)
        async with self.running() as world:
            for number in range(many):
                await self.joins(world, number)
            for number in range(channels):
                await self.begins(world, number)
        while self.now < end:
            up = timedelta(hours=self.dice.uniform(12, 24 * 6))
            async with self.running() as world:
                await self.goes_on(world, min(self.now + up, end))
                await self.looks(world)
                if self.dice.random() < 0.5:  # killed with things written and not sent
                    world.scheduler.wake()
                    await world.scheduler.tick()
            if self.dice.random() < 0.5:
                begun = self.now
                self.now += timedelta(hours=self.dice.choice((0.2, 1, 2, 2, 3, 4, 9, 20, 30, 80)))
                self.down.append((begun, self.now))
                self.counts["down"] += 1
            self.counts["restarts"] += 1
        async with self.running() as world:
            await self.settles(world)
            await self.looks(world)

    async def joins(self, world: World, number: int) -> None:
        """Let one more person join, with a piece a day."""
        whom, zone = self.dice.choice(list(Whom)), ZONES[number % len(ZONES)]
        hour = self.dice.choice((0, 2, 3, 4, 7, 8, 8, 8, 12, 20, 20, 22, 23))
        person = await world.member(f"m{number}", whom=whom, last=str(self.dice.choice((0, 2, 6, 29, 90))))
        reader = Reader(person, whom, zone, hour, ("uses", "uses", "uses", "reads", "answers")[number % 5])
        self.readers[f"m{number}"] = reader
        await person.says(f"/zone {zone}")
        await person.says(f"/daily {hour}")
        self.turned(reader, on=True)

    async def begins(self, world: World, number: int) -> None:
        """Let posts come at one more place."""
        days = sorted(self.dice.sample(range(7), self.dice.choice((1, 3, 5, 7, 7, 7))))
        zone = ZONES[number % len(ZONES)]
        first = self.now.astimezone(clock.zone(zone)).date() + timedelta(days=1)
        channel = Channel(f"c{number}", zone, self.dice.randrange(24), days, first)
        self.chats.owners["ann"] = HOME
        async with world.house.store.transaction() as tx:
            work, place = world.house.work(tx), Place("test", channel.name)
            here = await communities.load(tx, world.community.id)
            spot = await posts.store.add(work, here, place, HOME, channel.name, Account("test", "ann"))
            plan = Plan(hour=channel.hour, zone=channel.zone, days=days)
            await posts.store.arrange(work, await communities.load(tx, here.id), spot, plan)
        channel.key = spot.key
        self.channels[channel.name] = channel

    def turned(self, reader: Reader, *, on: bool) -> None:
        """Note that a piece is wanted from now on, or not any more."""
        today = self.now.astimezone(reader.tz).date()
        reader.off |= {today + timedelta(days=number) for number in (-1, 0, 1)}
        if not on:
            self.wants(reader, today)
        reader.since = today if on else None

    def wants(self, reader: Reader, until: date) -> None:
        """Note that a piece was wanted on the dates up to the one before `until`."""
        if reader.since is not None:
            reader.wanted |= {reader.since + timedelta(days=number) for number in range((until - reader.since).days)}

    async def goes_on(self, world: World, until: datetime) -> None:
        """Let it run: what is due is done when it is due, and people do things in between."""
        await self.settles(world)
        await self.looks(world)  # of what an outage came to: later days would push it out of what is kept
        each_day = max(len(self.readers) / 4, 1)
        happens = self.now + timedelta(days=self.dice.expovariate(each_day))
        while True:
            async with world.house.store.reading() as tx:
                first = (await tx.execute(select(func.min(due.c.at)))).scalar_one()
                waiting = outbox.c.state == State.WAITING
                next_out = (await tx.execute(select(func.min(outbox.c.due_at)).where(waiting))).scalar_one()
            then = min(at for at in (first, next_out, happens, until) if at is not None)
            self.now = world.clock.at = max(then, self.now)
            if self.now >= until:
                return
            if self.dice.random() < SLIPS_IN:
                await self.slips_in(world)
            await self.settles(world)
            if self.now >= happens:
                if self.channels and self.dice.random() < HAPPENS_THERE:
                    await self.happen_there(world, self.dice.choice(list(self.channels.values())))
                await self.happen(self.dice.choice(list(self.readers.values())))
                happens = self.now + timedelta(days=self.dice.expovariate(each_day))

    async def slips_in(self, world: World) -> None:
        """Let somebody pause between that their piece is chosen and that it goes out; or halt everything then."""
        world.scheduler.wake()
        await world.scheduler.tick()
        async with world.house.store.reading() as tx:
            waiting = await tx.rows(outbox, outbox.c.lane == Lane.DROP, outbox.c.state == State.WAITING)
        for row in waiting:
            reader = self.readers[row["payload"]["place"]["channel"]]
            if reader.sort == "uses":
                self.pauses(reader, on=True)
                await reader.person.says("/pause")
                self.counts["slipped in"] += 1

    def pauses(self, reader: Reader, *, on: bool) -> None:
        """Note that nothing is to come, or that it is again."""
        today = self.now.astimezone(reader.tz).date()
        reader.paused = on
        reader.why[Came.PAUSED] |= {today + timedelta(days=number) for number in range(-2, 4)}

    async def settles(self, world: World) -> None:
        """Do and send what is due, and let it be read."""
        await world.settle()
        came, self.chats.came = self.chats.came, []
        for name, reply in came:
            if name in self.readers:  # else it is a note to who runs it
                await self.reads(self.readers[name], reply)
        posted, self.chats.posted = self.chats.posted, []
        for name, reply in posted:
            if name in self.channels:
                self.counts_there(self.channels[name], reply)

    def counts_there(self, channel: Channel, reply: Reply) -> None:
        """Count a post that came, on the date for which it did."""
        piece = next(piece for text, piece in self.pieces.items() if text in reply.text)
        assert (piece.whom, piece.heavy) == (Whom.ANY, False), piece.id
        local = self.now.astimezone(channel.tz).date()
        day = max(day for day in (local - timedelta(days=1), local) if channel.at(day) <= self.now)
        assert self.now - channel.at(day) <= GRACE + timedelta(minutes=1) or day in channel.off, (channel.name, day)
        channel.had[day] += 1
        channel.pieces[piece.id] += 1
        self.counts["posted"] += 1

    async def happen_there(self, world: World, channel: Channel) -> None:
        """Let a place take nothing for a while, or everything again; or let its hour or clock be changed."""
        ann = world.person("ann", TOWN)
        today = self.now.astimezone(channel.tz).date()
        args = (world.community.id, channel.key)
        what = self.dice.choice(("refuse", "refuse", "hour", "zone", "skip"))
        self.counts[f"{what} there"] += 1
        if channel.name in self.chats.refusing:
            self.chats.refusing.discard(channel.name)
            channel.refused[-1] = (channel.refused[-1][0], self.now)
            await world.dispatch.happened(Happening("changed", server=HOME))
        elif what == "refuse":
            self.chats.refusing.add(channel.name)
            channel.refused.append((self.now, datetime.max.replace(tzinfo=UTC)))
        elif what == "skip":
            await ann.calls(Call("", ann.account, ann.place, None, "posts.place", args))
            ahead = next(item for row in ann.seen.rows for item in row if isinstance(item, Menu)).options
            ordinal = self.dice.choice(ahead).value
            await ann.calls(Call("", ann.account, ann.place, None, "posts.skip", (*args, ordinal)))
            channel.off.add(date.fromordinal(int(ordinal)))
        else:
            channel.before.append((today, channel.zone, channel.hour))
            if what == "hour":
                channel.hour = self.dice.randrange(24)
                await ann.calls(Call("", ann.account, ann.place, None, "posts.hour", (*args, str(channel.hour))))
            else:
                channel.zone = self.dice.choice(ZONES)
                where = {"where": channel.zone}
                await ann.calls(Call("", ann.account, ann.place, None, "posts.zone", args, where))
            channel.off |= {today + timedelta(days=number) for number in range(-2, 3)}

    async def reads(self, reader: Reader, reply: Reply) -> None:
        """Count a piece that came, on the date for which it did; answer where something is asked."""
        if not reply.text.startswith("Your thought for today"):
            return
        local = self.now.astimezone(reader.tz).date()
        due_on = [
            (at, day)
            for day in (local - timedelta(days=1), local)
            if (at := datetime.combine(day, time(reader.hour), reader.tz).astimezone(UTC)) <= self.now
        ]
        at, day = max(due_on)
        assert self.now - at <= GRACE + timedelta(minutes=1), (reader, day)
        reader.had[day] += 1
        self.counts["came"] += 1
        self.takes(reader, reply)
        reader.person.last = reply
        if "still of use" in reply.text:
            self.counts["asked"] += 1
            if reader.sort == "answers":
                await reader.person.taps("Daily")
        if "from now on it comes once a week" in reply.text:
            self.counts["slowed"] += 1
        if "the last one that comes by itself" in reply.text:
            self.counts["ended"] += 1
            reader.off.add(day)
            self.turned(reader, on=False)

    def takes(self, reader: Reader, reply: Reply) -> None:
        """See that nothing comes twice while something that is right for them now has not come."""
        piece = next(piece for text, piece in self.pieces.items() if text in reply.text)
        assert piece.whom in (reader.whom, Whom.ANY)
        local = self.now.astimezone(reader.tz)
        tender = local.hour >= NIGHT[0] or local.hour < NIGHT[1]
        tender |= reader.lapse is not None and local.date() - reader.lapse <= HEAVY_AFTER_LAPSE + timedelta(days=1)
        had = reader.cycle[piece.stage]
        if piece.id in had:
            left = {
                each.id
                for each in self.pieces.values()
                if each.stage is piece.stage
                and each.whom in (reader.whom, Whom.ANY)
                and each.moment is None
                and not (each.heavy and tender)
            }
            assert left <= had, (reader.person.account.id, piece.id, left - had)
            assert piece.id != reader.last or reader.lost
            had.clear()
            self.counts["cycles"] += 1
        had.add(piece.id)
        reader.last, reader.last_on = piece.id, reader.today(self.now)

    async def happen(self, reader: Reader) -> None:
        """Let somebody do something."""
        if reader.sort != "uses":
            return
        today, person, name = self.now.astimezone(reader.tz).date(), reader.person, reader.person.account.id
        near = {today + timedelta(days=number) for number in range(-2, 4)}
        what = self.dice.choices(
            ("streak", "advice", "zone", "hour", "stage", "lapse", "pause", "off", "close", "weekly", "felt"),
            (4, 4, 2, 2, 3, 1, 2, 1, 1, 1, 3),
        )[0]
        self.counts[what] += 1
        if name in self.chats.closed:
            self.chats.closed.discard(name)
            await person.says("/streak")
        match what:
            case "advice":
                self.takes_new(reader, await person.says("/advice"))
                reader.why[Came.READ] |= near
            case "felt":
                self.takes_new(reader, await person.says("/advice"))
                reader.why[Came.READ] |= near
                await person.taps(self.dice.choice(("Helped", "Not for me")))
            case "zone":
                reader.floor = reader.today(self.now)
                reader.zone = self.dice.choice(ZONES)
                await person.says(f"/zone {reader.zone}")
                reader.why[Came.MOVED] |= near
            case "hour" if reader.since is not None:
                reader.hour = self.dice.randrange(24)
                await person.says(f"/daily {reader.hour}")
                reader.why[Came.MOVED] |= near
            case "stage":
                await person.says("/stage")
                await person.chooses(self.dice.choice(MOVABLE))
                if "Yes, from today" in person.labels:
                    await person.taps("Yes, from today")
            case "lapse":
                await person.says("/contact wrote")
                reader.lapse = today
            case "pause":
                self.pauses(reader, on=not reader.paused)
                await person.says("/pause" if reader.paused else "/resume")
            case "off":
                on = reader.since is None
                await person.says(f"/daily {reader.hour}" if on else "/daily")
                if not on:
                    await person.chooses("off")
                reader.weekday = None
                self.turned(reader, on=on)
            case "close":
                self.chats.closed.add(name)
                reader.lost = True
            case "weekly" if reader.since is not None:
                await person.says("/daily")
                await person.chooses(self.dice.choice(("every", "monday", "saturday")))
                reader.why[Came.WEEKLY] |= near
                reader.why[Came.MOVED] |= near
            case _:
                await person.says("/streak")

    def takes_new(self, reader: Reader, reply: Reply) -> None:
        """Count what /advice gave, unless it is today's that they have had already."""
        piece = next(piece for text, piece in self.pieces.items() if text in reply.text)
        if piece.id != reader.last or reader.today(self.now) > reader.last_on:
            self.takes(reader, reply)

    async def looks(self, world: World) -> None:
        """Read what the program says came of each of the last dates."""
        async with world.house.store.reading() as tx:
            for reader in self.readers.values():
                member = await people.find(tx, world.house.vault, reader.person.account)
                assert member is not None
                kept = await store.load(tx, member)
                assert kept.hour in (reader.hour, None)
                assert (kept.hour is None) == (reader.since is None), reader
                reader.log |= {date.fromisoformat(day): what for day, what in kept.log.items()}
            assert len(self.readers) == (await tx.execute(select(func.count()).select_from(members))).scalar_one()
        for reader in self.readers.values():
            self.wants(reader, self.now.astimezone(reader.tz).date() - timedelta(days=1))

    def check(self) -> None:
        """See that every member had every date exactly one, or that it is noted, rightly, why there was none."""
        for reader in self.readers.values():
            assert set(reader.had.values()) <= {1}, reader.person.account.id
            for day in reader.wanted - reader.off:
                why = reader.log.get(day)
                self.counts[str(why)] += 1
                assert why is not None, (reader.person.account.id, reader.zone, reader.hour, day)
                assert (why in SENT) == (reader.had[day] == 1), (reader.person.account.id, day, why)
                if why == Came.MISSED:
                    assert self.was_down(day), day
                elif why in (Came.READ, Came.MOVED):
                    assert day in reader.why[why], (reader.person.account.id, day, why)
            unwanted = reader.had.keys() - reader.wanted - reader.off  # the last days are not looked at
            assert all(day >= self.now.date() - timedelta(days=3) for day in unwanted), (reader, unwanted)

        for channel in self.channels.values():
            self.check_there(channel)

    def check_there(self, channel: Channel) -> None:
        """See that every date had its post at a place, but where nothing could come there in time; none had two."""
        for number in range((self.now.date() - channel.first).days - 1):
            day = channel.first + timedelta(days=number)
            if day in channel.off:
                continue
            at, wanted = channel.at(day), day.weekday() in channel.days
            could = self.could_come(channel, at)
            assert channel.had[day] <= wanted, (channel.name, channel.zone, channel.hour, day)
            assert channel.had[day] == 1 or not (wanted and could), (channel.name, channel.zone, channel.hour, day)
            self.counts["no post in time"] += wanted and channel.had[day] == 0
        fit = {piece.id for piece in posts.rules.fitting(list(self.pieces.values()), Plan().stages)}
        assert channel.pieces.keys() <= fit
        most, least = max(channel.pieces.values(), default=0), min(channel.pieces[each] for each in fit)
        assert most - least <= 1 + bool(channel.refused or self.down), (channel.name, most, least)

    def could_come(self, channel: Channel, at: datetime) -> bool:
        """Tell whether for a while, longer than tries are apart, all went well between an hour and the end of grace."""
        step = timedelta(minutes=1)
        times = [*self.down, *channel.refused]
        well = longest = 0
        for number in range(GRACE // step):
            moment = at + number * step
            well = 0 if any(begun <= moment < end for begun, end in times) else well + 1
            longest = max(longest, well)
        return longest * step > BROKEN_WAIT

    def was_down(self, day: date) -> bool:
        """Tell whether nothing ran for longer than the grace around that date, somewhere on earth."""
        first = datetime.combine(day, time(), UTC) - timedelta(hours=15)
        return any(
            end > first and begun < first + timedelta(hours=55) and end - begun > GRACE for begun, end in self.down
        )
