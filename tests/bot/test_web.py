"""Is it alive, is it well, what does it count."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from bot.errors import SetupError
from bot.web import Web
from tests.harness import World


@pytest.fixture
async def web(world: World) -> AsyncGenerator[Web]:
    """The web server of a running Unsent, on any free port."""
    made = Web(world.house, "127.0.0.1", 0)
    await made.start()
    yield made
    await made.stop()


async def get(web: Web, path: str) -> tuple[int, str]:
    """Ask for a path; return the status and the body."""
    async with aiohttp.ClientSession() as session, session.get(f"{web.address}{path}") as response:
        return response.status, await response.text()


async def test_it_is_alive_whatever_else_is_not(world: World, web: Web) -> None:
    world.house.health.set("discord", connected=False)
    await world.house.store.close()
    assert (await get(web, "/livez"))[0] == 200


async def test_it_is_well_when_the_store_answers_and_every_platform_is_connected(world: World, web: Web) -> None:
    world.house.health.set("discord", connected=True)
    assert await get(web, "/healthz") == (200, '{"well": true, "store": true, "discord": true}')


async def test_health_names_what_is_not_connected(world: World, web: Web) -> None:
    world.house.health.set("discord", connected=True)
    world.house.health.set("telegram", connected=False)
    status, body = await get(web, "/healthz")
    assert status == 503
    assert '"telegram": false' in body


async def test_health_says_when_the_store_does_not_answer(
    world: World, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise OSError

    monkeypatch.setattr(world.house.store, "ping", broken)
    status, body = await get(web, "/healthz")
    assert status == 503
    assert '"store": false' in body


async def test_calls_are_counted_without_saying_whose(world: World, web: Web) -> None:
    await world.person("markada").says("/join")
    status, body = await get(web, "/metrics")
    assert status == 200
    assert 'unsent_calls_total{action="join",platform="test"}' in body
    assert "markada" not in body


async def test_a_taken_address_is_explained(world: World, web: Web) -> None:
    port = int(web.address.rpartition(":")[2])
    with pytest.raises(SetupError, match="UNSENT_WEB chooses another address"):
        await Web(world.house, "127.0.0.1", port).start()
