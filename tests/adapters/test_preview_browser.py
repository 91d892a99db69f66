"""The preview page in a real browser: what a newcomer does on it in their first minute."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.adapter import Drawn, Edit, Sample, Send, Sent
from bot.model import File, Reply
from bot.pictures import breath
from tests.adapters.test_preview import DESK, ROBIN, serving
from tests.adapters.test_preview import Page as Served

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

CUT = "net::ERR_"  # what the browser says of a connection that ended, which one test does on purpose

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists() and os.environ.get("CI") != "true", reason=f"there is no Chromium at {CHROMIUM}"
    ),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        await browser.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture
async def page(browser: Browser, served: Served) -> AsyncIterator[Page]:
    wrong: list[str] = []
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" and CUT not in said.text else None)
    page.set_default_timeout(5000)
    expect.set_options(timeout=5000)
    await page.goto(str(served.client.make_url("/")))
    yield page
    await page.close()
    assert wrong == []


def pane(page: Page, name: str) -> Locator:
    return page.locator(f"#pane-{name}")


async def test_a_question_goes_from_a_form_to_the_desk_and_back(page: Page) -> None:
    robin, desk = pane(page, "robin"), pane(page, "desk")
    await robin.locator(".composer textarea").fill("/ask")
    await robin.locator(".composer textarea").press("Enter")
    question = robin.get_by_label("What do you want to ask?")
    await expect(question).to_be_focused()
    await question.fill("Does it end?")
    await expect(robin.locator(".count")).to_have_text("12 / 500")
    await robin.locator(".sheet .send").click()
    await expect(robin.locator(".sheet")).to_be_hidden()
    await expect(robin.locator(".message").last).to_contain_text("Sent to the coaches.")

    await desk.get_by_role("button", name="Answer").click()
    await desk.get_by_label("What do you say?").fill("It does.")
    await desk.locator(".sheet .send").click()
    await expect(robin.locator(".message").last).to_contain_text("It does.")
    await expect(desk.locator(".message").first).to_contain_text("A question, answered by Rowan.")
    await expect(desk.get_by_role("button", name="Answer")).to_have_count(0)
    await expect(desk.locator(".message.private")).to_contain_text("On its way.")
    await desk.locator(".dismiss").click()
    await expect(desk.locator(".message")).to_have_count(1)


async def test_an_edit_is_seen_live_and_leaves_the_rest_alone(page: Page, served: Served) -> None:
    ref = await served.send(DESK, "waiting", "1")
    await served.send(DESK, "another", "2")
    other = pane(page, "desk").locator(".message").last
    await expect(other).to_contain_text("another")
    await other.evaluate("message => { message.mark = 'the same element' }")
    await served.preview.deliver(Edit(ref, Reply("settled")))
    await expect(pane(page, "desk").locator(".message").first).to_contain_text("settled")
    assert await other.evaluate("message => message.mark") == "the same element"


async def test_commands_are_found_with_the_keyboard(page: Page, served: Served) -> None:
    robin = pane(page, "robin")
    line = robin.locator(".composer textarea")
    await line.press("/")
    await expect(robin.get_by_role("option")).to_have_count(5)
    await line.press("c")
    await expect(robin.get_by_role("option")).to_have_count(2)
    await line.press("ArrowDown")
    await expect(robin.get_by_role("option", name="/card")).to_have_attribute("aria-selected", "true")
    await line.press("ArrowDown")
    await line.press("Tab")
    await expect(line).to_have_value("/checkin ")
    await line.press("Enter")
    await robin.get_by_label("How today is").select_option("good")
    await robin.locator(".sheet .send").click()
    await expect(robin.locator(".message").last).to_contain_text("checkin {'mood': '5'}")
    assert [call.action for call in served.core.calls] == ["checkin"]


async def test_a_button_pressed_with_the_keyboard_keeps_the_focus_near(page: Page) -> None:
    robin = pane(page, "robin")
    await robin.locator(".composer textarea").fill("/hello")
    await robin.locator(".composer textarea").press("Enter")
    await robin.get_by_role("button", name="Count").press("Enter")
    await expect(robin.locator(".message").last).to_contain_text("Counted to 2.")
    await expect(robin.locator(".message").last).to_be_focused()


async def test_the_other_speaker_sees_what_is_theirs(page: Page) -> None:
    town = pane(page, "town")
    await town.locator(".composer textarea").fill("/hello")
    await town.locator(".send").click()
    await expect(town.locator(".message.private").last).to_contain_text("Good to see you.")
    await town.locator(".as select").select_option("sam")
    await expect(town.locator(".message")).to_have_count(0)
    await town.locator(".as select").select_option("robin")
    await expect(town.locator(".message")).to_have_count(2)


async def test_what_was_missed_while_cut_off_is_there_afterwards(page: Page, served: Served) -> None:
    await served.send(ROBIN.private, "before", "1")
    await expect(pane(page, "robin").locator(".message")).to_have_count(1)
    assert served.client.server.runner is not None
    assert served.client.server.runner.server is not None
    for connection in served.client.server.runner.server.connections:
        assert connection.transport is not None
        connection.transport.abort()
    await served.send(ROBIN.private, "while you were away", "2")
    await expect(page.locator("#notice")).to_be_visible()
    await expect(pane(page, "robin").locator(".message").last).to_contain_text("while you were away")
    await expect(page.locator("#notice")).to_be_hidden()


async def test_the_clock_moves_forward(page: Page, served: Served) -> None:
    await page.locator("[data-minutes='60']").click()
    await expect(page.locator("#utc")).to_contain_text("22:10")
    await page.locator("[data-morning]").click()
    await expect(page.locator("#local")).to_contain_text("08:00")
    assert len(served.moves) == 2


async def test_on_a_phone_the_panes_are_tabs(page: Page, served: Served) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(pane(page, "robin")).to_be_visible()
    await expect(pane(page, "desk")).to_be_hidden()
    tab = page.locator("[data-tab=desk]")
    await served.send(DESK, "a question", "1")
    await expect(tab.locator(".dot")).to_be_visible()
    await tab.click()
    await expect(pane(page, "desk").locator(".message")).to_contain_text("a question")
    await expect(tab).to_have_attribute("aria-current", "true")
    await expect(tab.locator(".dot")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    for button in await page.locator("button:visible").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, await button.text_content()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
async def test_a_picture_moves_only_where_that_is_wanted(page: Page, served: Served, motion: str) -> None:
    await page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    reply = Reply("Breathe.", files=(File("breath.gif", breath(), "A soft circle."),))
    sent = await served.preview.deliver(Send(ROBIN.private, reply, "breath"))
    assert isinstance(sent, Sent)
    message = pane(page, "robin").locator(".message").last
    circle, words = message.get_by_role("img", name="A soft circle."), message.get_by_text("A soft circle.")
    control = message.get_by_role("checkbox", name="moving")

    async def shows(moving: bool) -> None:
        await expect(control).to_be_checked(checked=moving)
        await expect(circle).to_be_visible(visible=moving)
        await expect(words).to_be_visible(visible=not moving)

    at_once = motion == "no-preference"
    await shows(at_once)
    await control.press("Space")
    await shows(not at_once)
    # What comes later, and a change of the message itself, leave it as it was left.
    await served.send(ROBIN.private, "later", "1")
    await expect(pane(page, "robin").locator(".message")).to_have_count(2)
    message = pane(page, "robin").locator(".message").first
    circle, words = message.get_by_role("img", name="A soft circle."), message.get_by_text("A soft circle.")
    control = message.get_by_role("checkbox", name="moving")
    await shows(not at_once)
    await served.preview.deliver(Edit(sent.refs[0], Reply("And out.", files=reply.files)))
    await expect(message).to_contain_text("And out.")
    await shows(not at_once)
    await control.press("Space")
    await page.emulate_media(reduced_motion="reduce" if at_once else "no-preference")
    await shows(not at_once)
    await page.reload()
    await shows(not at_once)


async def test_a_picture_that_arrives_is_seen_whole(page: Page, served: Served) -> None:
    for number in range(8):
        await served.send(ROBIN.private, "a line\n" * 3, f"{number}")
    await expect(pane(page, "robin").locator(".message")).to_have_count(8)
    await served.preview.deliver(Send(ROBIN.private, Reply("Breathe.", files=(File("b.gif", breath(), "x"),)), "b"))
    picture = pane(page, "robin").locator("img")
    await expect(picture).to_have_js_property("complete", True)
    await expect(picture).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_words_can_be_read(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    colours = await page.evaluate(
        "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())",
        ["--ink", "--soft", "--accent", "--paper", "--card", "--mine", "--other", "--whisper"],
    )
    writing, grounds = colours[:3], colours[3:]
    assert min(contrast(a, b) for a in writing for b in grounds) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 counts it, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb"."""
    parts = [int(part, 16) / 255 for part in re.findall("[0-9a-f]{2}", colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_the_deck_is_a_link_away_and_read_by_stage(page: Page, served: Served) -> None:
    drawn = {"discord": [Drawn("As Discord shows it", (("Help",),))], "telegram": [Drawn("As Telegram shows it")]}
    served.samples += [Sample(stage, f"Of {stage}", (stage,), Reply("Here"), drawn) for stage in ("space", "healing")]
    await page.get_by_role("link", name="preview-deck-link").click()
    await expect(page.get_by_role("heading", name="Of space")).to_be_visible()
    await expect(page.get_by_role("region", name="Discord")).to_contain_text("As Discord shows it")
    await page.get_by_role("link", name="healing").click()
    await expect(page.get_by_role("heading", name="Of healing")).to_be_visible()
    await expect(page.get_by_role("heading", name="Of space")).to_have_count(0)
    await expect(page.get_by_role("link", name="healing")).to_have_attribute("aria-current", "page")
    await page.set_viewport_size({"width": 360, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await page.get_by_role("link", name="preview-deck-back").click()
    await expect(page.locator("#pane-robin")).to_be_visible()
