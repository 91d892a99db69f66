"""The time zone: understood as people type it; it moves days and hours, and never takes a day away."""

from tests.harness import World


async def test_a_zone_is_set_by_form_or_at_once(world: World) -> None:
    ada = await world.member("ada")
    for typed, time in (("Lisbon", "12:00"), ("utc+2", "14:00"), ("7:40 pm", "19:45"), ("asia/kolkata", "17:30")):
        await ada.opens("/zone")
        assert (await ada.fills(where=typed)).text == f"It's {time} for you now. Days and hours go by that."
        assert (await ada.says(f"/zone {typed}")).text == f"It's {time} for you now. Days and hours go by that."


async def test_what_is_not_understood_changes_nothing(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/zone Tokyo")
    await ada.opens("/zone")
    for typed in ("nowhere", "25:00", "+15"):
        assert "I didn't recognise that" in (await ada.fills(where=typed)).text
        await ada.opens("/zone")
    assert "It's 21:00 by my clock" in (await ada.says("/join")).text


async def test_welcome_offers_it(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/join")
    assert (await ada.opens("Wrong time?")).fields[0].name == "where"


async def test_days_go_by_the_zone(world: World) -> None:
    ada = await world.member("ada", last="5")
    await world.moves(hours=14)  # 02:00 in UTC, still the same day
    assert (await ada.says("/streak")).text.startswith("Day 5. ")
    await ada.says("/zone Tokyo")  # 11:00 of the next
    assert (await ada.says("/streak")).text.startswith("Day 6. ")


async def test_a_day_that_was_shown_is_not_taken_away(world: World) -> None:
    ada = await world.member("ada", last="5")
    await ada.says("/zone Pacific/Auckland")  # 01:00 of the 5th: still the 4th
    await world.moves(hours=3)
    assert (await ada.says("/streak")).text.startswith("Day 6. ")
    await ada.says("/zone Honolulu")  # 05:00 of the 4th
    assert (await ada.says("/streak")).text.startswith("Day 6. ")
    await world.moves(hours=23)
    assert (await ada.says("/streak")).text.startswith("Day 6. ")  # it is the 5th there too, now
    await world.moves(hours=24)
    assert (await ada.says("/streak")).text.startswith("Day 7. ")
