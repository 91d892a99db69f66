"""Platforms that answer wrongly, late, twice or not at all, and clocks that jump: all that a hurried process says."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.dispatch import calls
from bot.outbox import Lane
from bot.vault import new_key
from tests.faults.kills import Life, life
from tests.faults.process import process, until
from tests.faults.town import HURRIED, MOVED, Town, moves, town

SENDS = r"^/channels/\d+/messages$"
BODIES = ("", "null", "[]", "{}", "<html>", '{"ok":true}', '{"ok":true,"result":null}', '{"ok":true,"result":{}}')
STORMS = 15
KEPT_FOR = timedelta(hours=3)

pytestmark = pytest.mark.sqlite


async def _happens(within: float = 0.05) -> None:
    await asyncio.sleep(within)


async def test_whatever_the_platforms_answer_all_comes_and_comes_once(tmp_path: Path) -> None:
    async with life(tmp_path, 3, HURRIED + MOVED) as made:
        await made.plans(each=15)
        await made.plans(each=1, due=Clock().now() + timedelta(hours=1))
        for _ in range(STORMS):
            on_telegram(made)
            on_discord(made)
        await made.bot.start()
        await made.discord.ready()
        for _ in range(STORMS):
            made.types()
            on_telegram(made)
            on_discord(made)
            await _happens(made.dice.uniform(0, 0.1))
        made.telegram.clear_faults()
        made.telegram.drop("sendMessage", when=lambda params: an_answer(params) and unknown(made, params))
        moves(tmp_path, timedelta(hours=1))
        await made.ends()
        played = [r for r in made.discord.requests if r.status == 429]  # its specification knows nothing of some
        made.discord.requests[:] = [r for r in made.discord.requests if r not in played]
        await made.check()
    assert played
    assert [r for r in made.discord.requests if r.status == 0]
    assert made.counts["telegram: said again, and said so"] > 0


def an_answer(params: Any) -> bool:
    """Tell whether what is sent is said again where nobody knows whether it came."""
    return ": the ANSWER " in str(params.get("text"))


def unknown(made: Life, params: Any) -> bool:
    """Note that nobody can know whether it came."""
    found = re.search(r"the \w+ (\d+)$", str(params.get("text")))
    if found:
        list(made.rows.values())[int(found[1])].killed += 1
    return True


def on_telegram(made: Life) -> None:
    """Let something go wrong with the next thing that is said there."""

    server, dice, lost = made.telegram, made.dice, partial(unknown, made)
    match dice.randrange(6):
        case 0:
            server.fail("sendMessage", dice.choice((500, 502)))
        case 1:
            told: dict[str, Any] = dice.choice(({"retry_after": "soon"}, {"retry_after": -1}, {}))
            server.fail("sendMessage", 429, description="Too Many Requests", parameters=told)
        case 2:
            server.drop("sendMessage", after=dice.random() < 0.5, when=lost)
        case 3:
            server.garble("sendMessage", when=lost)
        case 4:
            server.garble("sendMessage", when=lost, body=dice.choice(BODIES))
        case _:
            server.delay("sendMessage", 0.7, after=True, when=lost)  # longer than it is waited for


def on_discord(made: Life) -> None:
    """Let something go wrong with the next thing that is said there."""
    server, dice = made.discord, made.dice
    match dice.randrange(5):
        case 0:
            server.fail("POST", SENDS, dice.choice((500, 502, 503)))
        case 1:
            server.fail("POST", SENDS, 429, headers={"Retry-After": "0.1"}, json=dice.choice((None, [], {})))
        case 2:
            server.drop("POST", SENDS, after=dice.random() < 0.5)
        case 3:
            server.garble("POST", SENDS)
        case _:
            server.delay("POST", SENDS, 1.2)


@pytest.mark.parametrize("away", [timedelta(minutes=1), timedelta(days=1)], ids=["a minute", "a day"])
async def test_after_an_outage_what_still_has_its_time_comes_once(tmp_path: Path, away: timedelta) -> None:
    async with life(tmp_path, 4, HURRIED + MOVED) as made:
        soon = Clock().now() + timedelta(seconds=4)  # by when it is connected, and the platforms are gone
        await made.plans(each=3, due=soon, until=soon + KEPT_FOR)
        had_its_time = {name: made.rows.pop(name) for name in list(made.rows)} if away > KEPT_FOR else {}
        await made.plans(each=3, due=soon)
        await made.bot.start()
        await made.discord.ready()
        await made.telegram.go_down()
        await made.discord.go_down()
        made.types()
        await tried_again(made)
        moves(tmp_path, away)
        await tried_again(made)
        if away > KEPT_FOR:
            await until(lambda: not made.bot.rows("SELECT 1 FROM outbox WHERE until IS NOT NULL"))
        await made.telegram.come_back()
        await made.discord.come_back()
        await made.ends()
        await made.check()
        came = sum(": the " in said for account in made.users for said in made.said_to(account))
        assert came == len(made.rows)
        assert len(had_its_time) == (12 if away > KEPT_FOR else 0)
        (account,) = made.typed
        assert len([said for said in made.said_to(account) if "Thank you for saying so" in said]) == 1


async def tried_again(made: Life) -> None:
    """Wait until something was to be said since, and was not taken."""
    before = len(re.findall("delivery_failed", made.bot.log()))
    await until(lambda: len(re.findall("delivery_failed", made.bot.log())) > before + 1)


async def test_an_answer_without_sense_is_asked_for_again(tmp_path: Path) -> None:
    async with town(tmp_path, 1, HURRIED) as here:
        bodies = (*BODIES, '{"ok":true,"result":[1,{"update_id":"x"},{}]}')
        for body in bodies:
            here.server.garble("getUpdates", body=body, when=lambda params: params["timeout"] == 0)
        await here.bot.start()
        here.says(0, "/contact wrote")
        await here.hears(0, "Thank you for saying so")
        assert await here.bot.stop() == 0
        assert len([text for text in here.had(0) if "Thank you for saying so" in text]) == 1


async def test_an_update_that_cannot_be_read_holds_up_none_behind_it(tmp_path: Path) -> None:
    async with town(tmp_path, 2, HURRIED) as here:
        here.says(0, "/contact wrote")
        here.server.emit("message", {"message_id": "x"})
        here.server.emit("callback_query", {"id": 1, "from": []})
        here.says(1, "/contact wrote")
        await here.bot.start()
        for number in (0, 1):
            await here.hears(number, "Thank you for saying so")
        await here.server.wait_for(lambda: not here.server.pending, within=30)
        assert await here.bot.stop() == 0
        assert [len(here.had(number)) for number in (0, 1)] == [1, 1]
        assert "telegram.update_unreadable" in here.log()


async def test_updates_that_come_twice_or_in_another_order_take_effect_once(tmp_path: Path) -> None:
    async with town(tmp_path, 2, HURRIED) as here:
        for _ in range(3):
            here.says(0, "/contact wrote")
            here.says(1, "/contact wrote")
        came = list(here.server.pending)
        here.server.pending.reverse()
        await here.bot.start()
        await here.server.wait_for(lambda: thanked(here) == [3, 3], within=30)
        for update in (came[3], came[0], came[5]):
            here.server.repeat(update)
        assert await here.bot.stop() == 0
        for update in (came[1], came[4]):
            here.server.repeat(update)
        await here.bot.start()
        here.says(0, "/help")
        await here.hears(0, "/contact")
        assert thanked(here) == [3, 3]


def thanked(town: Town) -> list[int]:
    """Return how often each of them was answered."""
    return [sum("Thank you for saying so" in text for text in town.had(number)) for number in range(len(town.users))]


async def test_of_two_with_the_same_token_one_says_so_and_stops(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with town(tmp_path, 1, HURRIED) as here:
        wanted: dict[str, Any] = {"telegram_token": here.server.token, "telegram_api_url": here.server.api_url}
        async with process(tmp_path / "other", new_key(), HURRIED, **wanted) as other:
            await here.bot.start()
            await here.is_up()
            await other.start()
            await until(lambda: stopped(here.folder) or stopped(tmp_path / "other"))
            conflicts = sum(r.status == 409 for r in here.server.calls("getUpdates"))
            for number in (1, 2):
                here.says(0, "/help")
                await here.server.wait_for(lambda n=number: len(here.had(0)) == n, within=30)
            await here.server.wait_for(lambda: not here.server.pending, within=30)
            await _happens(1.0)  # as long as five pauses
            assert sum(r.status == 409 for r in here.server.calls("getUpdates")) <= conflicts + 1
            assert stopped(here.folder) != stopped(tmp_path / "other")
            assert len(here.had(0)) == 2
            if stopped(here.folder):
                assert (await here.health()) == {"well": False, "store": True, "telegram": False}


def stopped(folder: Path) -> bool:
    """Tell whether the process there said that it asks for nothing more."""
    file = folder / "log"
    return file.exists() and bool(re.search(r"telegram\.conflict .*outcome=stopped", file.read_text()))


async def test_a_clock_that_is_set_back_and_forward_holds_up_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    async with town(tmp_path, 4, HURRIED + MOVED) as here:
        moves(tmp_path, timedelta(days=3))
        await here.plans(Lane.DROP, whose=[0, 1], after=timedelta(days=3))
        await here.plans(Lane.DROP, whose=[2, 3], after=timedelta(days=2, hours=1))
        here.server.fail("sendMessage", 500, times=1)
        await here.bot.start()
        await here.server.wait_for(lambda: sum(here.greeted()) >= 3, within=30)
        moves(tmp_path, timedelta(days=2))
        await here.server.wait_for(lambda: sum(here.greeted()) == 4, within=30)
        here.says(0, "/contact wrote")
        await here.hears(0, "Thank you for saying so")
        moves(tmp_path, timedelta(days=4))
        here.says(1, "/contact wrote")
        await here.hears(1, "Thank you for saying so")
        assert await here.bot.stop() == 0
        assert here.greeted() == [1, 1, 1, 1]


async def test_whether_the_gateway_resumes_or_begins_anew_all_is_heard_once(tmp_path: Path) -> None:
    async with life(tmp_path, 5, HURRIED) as made:
        server = made.discord
        account = next(account for account in made.users if account.platform == "discord")
        user, town = made.users[account], server.add_channel(next(iter(server.guilds.values())), "town")
        await made.plans(each=20)
        await made.bot.start()
        await server.ready()
        for times, breaks in enumerate((lambda: server.disconnect(4000), server.ask_reconnect), 1):
            breaks()
            missed = server.command(user, town, "contact", what="wrote")
            await server.resumed(times)
            assert (await missed).message is not None
            server.repeat(await missed)
        server.gateway.sessions.clear()
        server.disconnect(4000)
        await server.ready(2)
        assert (await server.command(user, town, "contact", what="wrote")).message is not None
        await made.ends()
        await made.check()
        async with made.house.store.reading() as tx:
            assert len(await tx.rows(calls, member=made.members[account])) == 3
        await made.house.store.close()
