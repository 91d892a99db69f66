"""What finds rows by their keys: on either database just what SQLAlchemy would find."""

import pytest
from sqlalchemy import Column, MetaData, Table, bindparam, select
from sqlalchemy.exc import DBAPIError

from bot import communities
from bot.communities import Step, memberships, places
from bot.people import members
from bot.query import Query, Row
from bot.store import ID, Tx, metadata
from cogs.questions import questions
from tests.harness import World


async def both(tx: Tx, query: Query, **values: object) -> tuple[list[Row], list[Row]]:
    """What it finds, and what SQLAlchemy does."""
    found = await tx.execute(query.statement, values)
    return await tx.find(query, **values), [{**row} for row in found.mappings()]


async def test_every_table_is_read_as_sqlalchemy_reads_it(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/ask What now?")
    await ada.taps("Send")
    await ada.says("/contact")
    filled = set[str]()
    async with world.house.store.reading() as tx:
        for table in metadata.sorted_tables:
            ours, theirs = await both(tx, Query(select(table).order_by(*table.primary_key)))
            assert ours == theirs
            assert [[type(value) for value in row.values()] for row in ours] == [
                [type(value) for value in row.values()] for row in theirs
            ]
            filled |= {table.name} if ours else set()
    assert {"communities", "homes", "places", "memberships", "members", "accounts", "questions", "due"} <= filled


async def test_values_go_in_as_the_columns_have_them_and_what_is_always_the_same_stays(world: World) -> None:
    await world.member("ada")
    opened = select(communities.communities.c.name, memberships.c.since).join_from(memberships, communities.communities)
    until = opened.where(memberships.c.since <= bindparam("then", type_=memberships.c.since.type))
    done = Query(until.where(communities.communities.c.step == Step.DONE).limit(1))
    async with world.house.store.reading() as tx:
        now = world.house.clock.now()
        ours, theirs = await both(tx, done, then=now)
        assert ours == theirs
        assert [row["name"] for row in ours] == [world.community.name]
        assert ours[0]["since"] <= now
        assert await both(tx, done, then=now.replace(year=1999)) == ([], [])


@pytest.mark.sqlite
async def test_a_list_of_values_is_refused(world: World) -> None:
    some = Query(select(members).where(members.c.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(ValueError, match="list"):
        await world.house.store.read(lambda tx: tx.find(some, ids=["a"]))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        Query(select(members.c.id, questions.c.id))


async def test_what_the_database_does_not_do_is_noted(world: World) -> None:
    gone = Query(select(Table("gone", MetaData(), Column("id", ID))))
    expected = Exception if world.house.store.is_sqlite else DBAPIError
    with pytest.raises(expected, match="gone"):
        await world.house.store.read(lambda tx: tx.find(gone))
    assert world.house.store.failing


async def test_a_community_is_one_with_all_its_servers_and_each_place_once(world: World) -> None:
    await world.another()
    async with world.house.store.reading() as tx:
        for community in await tx.rows(communities.communities):
            theirs = await communities.load(tx, community["id"])
            homes = await tx.rows(communities.homes, community=theirs.id)
            there = await tx.rows(places, community=theirs.id)
            assert len(theirs.homes) == len({home.id for home in theirs.homes})
            assert {home.id for home in theirs.homes} == {home["server"] for home in homes if home["joined_here"]}
            assert len(theirs.spots) == len(there)
            assert {spot.place.channel for spot in theirs.spots} == {place["channel"] for place in there}
