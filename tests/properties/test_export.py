"""More than fits into one file."""

import json

from tests.cogs.test_export import DISCORD, TELEGRAM, many
from tests.harness import World
from tests.zipped import rows as read
from tests.zipped import unzipped


async def test_more_letters_than_a_chat_takes_at_once_come_in_parts(world: World) -> None:
    ada = await world.member("ada")
    hardest = "".join(map(chr, range(0x4E00, 0x9FA0)))  # to pack: three bytes each, and none foretells the next
    await many(world, "ada", 1, 1200, hardest)
    seen = await ada.says("/export")
    of = int(seen.text.split(" of ")[1].split()[0])
    assert of > 1
    found: dict[str, bytes] = {}
    for number in range(1, of + 1):
        assert f"part {number} of {of}" in ada.seen.text
        (file,) = ada.seen.files
        assert file.name == f"unsent-{number}.zip"
        assert len(file.data) < min(DISCORD, TELEGRAM)
        found |= unzipped(file.data)
        if number < of:
            await ada.taps("The next part")
    assert "The next part" not in ada.labels
    written = [row for name, data in found.items() if name.startswith("letters") for row in read(data)]
    exported = [json.loads(data) for name, data in found.items() if name.endswith(".json")]
    again = [row for each in exported for row in each.get("letters", [])]
    assert len(written) == len(again) == 1200
    assert {row["Message"] for row in written} == {row["letter"]["text"] for row in again}
