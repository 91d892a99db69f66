"""The preview adapter, spoken to over HTTP as its page does, with a small Core that keeps all in memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.adapter import (
    Delete,
    Edit,
    Gone,
    ListedCommand,
    ListedParam,
    Listing,
    Look,
    Need,
    OpenThread,
    Sample,
    Send,
    Sent,
)
from bot.adapters.preview import Preview
from bot.adapters.preview.transcript import Transcript
from bot.clock import Clock
from bot.model import (
    Account,
    Button,
    Call,
    Field,
    File,
    Form,
    Happening,
    Link,
    Menu,
    Option,
    Place,
    Ref,
    Reply,
    Role,
    Server,
)

ROBIN, ROWAN, NOOR, VISITOR = (Account("preview", name) for name in ("robin", "rowan", "noor", "visitor"))
DESK, TOWN = Place("preview", "desk"), Place("preview", "town")
HERE = Server("preview", "preview")
ANSWER = Form("Your answer", (Field("answer", "What do you say?", long=True, max=300),), "demo.answered")


class StillClock(Clock):
    """A clock that only moves when it is moved."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 21, 10, tzinfo=UTC) + self.ahead


class DemoCore:
    """A Core with a handful of commands: enough to press, choose, fill in, be answered, alone or before all."""

    PUBLIC = ("board", "demo.take")

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.given_ids: list[str] = []
        self.is_connected = False
        self.hold = asyncio.Event()
        self.hold.set()
        self.entered = asyncio.Event()
        self.preview: Preview

    def listing(self, locale: str) -> Listing:
        mood = ListedParam("mood", "How today is", "choice", True, choices=(Option("1", "awful"), Option("5", "good")))
        line = ListedParam("line", "A line, if you like", "text", False, free=True)
        listed = (
            ListedCommand("hello", "Say hello.", (), True, Role.ANYONE),
            ListedCommand("checkin", "Say how today is.", (mood, line), True, Role.MEMBER),
            ListedCommand("ask", "Ask the coaches, anonymously.", (), True, Role.MEMBER),
            ListedCommand("card", "Your streak as a picture and a file.", (), True, Role.MEMBER),
            ListedCommand("board", "A word for everybody.", (), False, Role.MEMBER),
            ListedCommand("queue", "What waits for an answer.", (), True, Role.COACH),
            ListedCommand("setup", "Set this place up.", (), True, Role.OWNER),
        )
        return Listing(locale, listed)

    def private(self, action: str) -> bool:
        return action not in self.PUBLIC

    def quiet(self, action: str) -> bool:
        return False

    def takes_replies(self, action: str) -> bool:
        return False

    def opens_form(self, action: str) -> bool:
        return action in ("ask", "demo.answer")

    async def handle(self, call: Call, *, modals: bool) -> Reply | Form | None:
        assert modals
        self.calls.append(call)
        self.entered.set()
        await self.hold.wait()
        return await self.answer(call)

    async def answer(self, call: Call) -> Reply | Form | None:
        match call.action:
            case "hello":
                few = Menu("Which evening?", "demo.evening", (Option("fri", "Friday"), Option("sat", "Saturday")))
                return Reply(
                    "Good to see you.",
                    ((Button("Count", "demo.count", [1]), Link("Read on", "https://example.org/")), (few,)),
                )
            case "demo.count":
                n = int(call.args[0]) + 1
                return Reply(f"Counted to {n}.", ((Button("Count", "demo.count", [n]),),), edit=True)
            case "demo.evening":
                return Reply(f"So it is {call.args[-1]}.", edit=True)
            case "ask":
                return Form(
                    "Your question", (Field("question", "What do you want to ask?", long=True, max=500),), "asked"
                )
            case "asked":
                text = f"A question: {call.values['question']}"
                reply = Reply(text, ((Button("Answer", "demo.answer"),),))
                await self.preview.deliver(Send(DESK, reply, f"ask-{len(self.calls)}"))
                return Reply("Sent to the coaches.")
            case "demo.answer":
                return ANSWER
            case "demo.answered":
                assert call.message is not None
                await self.preview.deliver(Send(ROBIN.private, Reply(call.values["answer"]), "answer"))
                await self.preview.deliver(Edit(call.message, Reply("A question, answered by Rowan.")))
                return Reply("On its way.")
            case "card":
                return Reply("Here.", files=(File("card.png", b"\x89PNG", "27 days"), File("own, <b>.svg", b"<svg/>")))
            case "board":
                return Reply("A word for everybody.", ((Button("Take", "demo.take"), Button("Look", "demo.look")),))
            case "demo.take":
                return Reply("Taken.", edit=True)
            case "demo.look":
                return Reply("For your eyes.", edit=True)
            case "quiet":
                return None
            case "":
                return Reply(f"You wrote: {call.text}")
            case _:
                return Reply(f"{call.action} {dict(call.values)} {call.text}".strip())

    def given(self, call: Call) -> None:
        self.given_ids.append(call.id)

    async def later(self, call: Call, reply: Reply) -> None:
        raise AssertionError("the page takes everything now")

    async def start_payload(self, call: Call) -> str:
        raise AssertionError("nobody is sent to another chat from here")

    async def happened(self, happening: Happening) -> None:
        raise AssertionError("nothing happens here unasked")

    def words(self, key: str, locale: str | None, **values: str | int) -> str:
        return " ".join([key, *map(str, values.values())])

    def connected(self, platform: str, yes: bool, part: str = "") -> None:
        assert platform == "preview"
        self.is_connected = yes


class Page:
    """The page as a script sees it."""

    def __init__(
        self, preview: Preview, core: DemoCore, clock: Clock, client: TestClient, moves: list[datetime]
    ) -> None:
        self.preview, self.core, self.clock, self.client, self.moves = preview, core, clock, client, moves
        self.samples: list[Sample] = []

    async def post(self, name: str, body: object, **headers: str) -> ClientResponse:
        headers = {"X-Unsent-Token": self.preview.token} | headers
        return await self.client.post(f"/preview/api/{name}", json=body, headers=headers)

    async def do(self, name: str, account: str, place: str, **body: object) -> dict:
        response = await self.post(name, {"account": account, "place": place, **body})
        assert response.status == 200, await response.text()
        return await response.json()

    async def messages(self, account: str, place: str) -> list[dict]:
        response = await self.client.get(
            "/preview/api/messages",
            params={"account": account, "place": place},
            headers={"X-Unsent-Token": self.preview.token},
        )
        assert response.status == 200
        return (await response.json())["messages"]

    async def texts(self, account: str, place: str) -> list[str]:
        return [message["text"] for message in await self.messages(account, place)]

    async def html(self, pane: str, account: str) -> str:
        return await (await self.client.get(f"/preview/pane/{pane}", params={"account": account})).text()

    async def send(self, place: Place, text: str, nonce: str, **reply: object) -> Ref:
        outcome = await self.preview.deliver(Send(place, Reply(text, **reply), nonce))  # type: ignore[arg-type]
        assert isinstance(outcome, Sent)
        return outcome.refs[0]


@asynccontextmanager
async def serving(**options: object) -> AsyncIterator[Page]:
    core, clock, moves = DemoCore(), StillClock(), list[datetime]()
    samples: list[Sample] = []
    preview = Preview(  # type: ignore[misc]
        core, clock=clock, moved=lambda: moves.append(clock.now()), samples=lambda: samples, **options
    )
    core.preview = preview
    app = web.Application()
    app.add_routes(preview.routes())
    async with TestClient(TestServer(app)) as client:
        await preview.start()
        try:
            page = Page(preview, core, clock, client, moves)
            page.samples = samples
            yield page
        finally:
            await preview.stop()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with serving() as page:
        yield page


async def test_a_command_is_answered_and_the_answer_is_given(page: Page) -> None:
    await page.do("say", "robin", "robin", text="/Hello there  you")
    (call,) = page.core.calls
    assert (call.action, call.text, call.account.id, call.place) == ("hello", "there  you", "robin", ROBIN.private)
    assert call.server is None
    assert page.core.given_ids == [call.id]
    said, answer = await page.messages("robin", "robin")
    assert (said["by"], said["text"]) == ("robin", "/Hello there  you")
    assert (answer["by"], answer["text"], answer["private"]) == ("", "Good to see you.", False)
    assert [item["kind"] for row in answer["rows"] for item in row] == ["button", "link", "menu"]


async def test_words_alone_are_a_call_in_private_and_nobodys_business_in_a_channel(page: Page) -> None:
    await page.do("say", "robin", "robin", text="I miss her\nso much")
    assert [(call.action, call.text) for call in page.core.calls] == [("", "I miss her\nso much")]
    await page.do("say", "robin", "town", text="hello everyone")
    assert len(page.core.calls) == 1
    assert await page.texts("sam", "town") == ["hello everyone"]


async def test_nothing_is_said_where_a_handler_says_nothing(page: Page) -> None:
    assert await page.do("say", "robin", "robin", text="/quiet") == {"form": None}
    assert await page.texts("robin", "robin") == ["/quiet"]
    assert page.core.given_ids == []


async def test_a_press_edits_its_message(page: Page) -> None:
    await page.do("say", "robin", "robin", text="/hello")
    answer = (await page.messages("robin", "robin"))[-1]
    await page.do("press", "robin", "robin", message=answer["id"], id=answer["rows"][0][0]["id"])
    call = page.core.calls[-1]
    assert (call.action, call.args, call.message) == ("demo.count", ("1",), Ref(ROBIN.private, answer["id"]))
    edited = (await page.messages("robin", "robin"))[-1]
    assert (edited["id"], edited["text"], edited["edited"]) == (answer["id"], "Counted to 2.", True)


async def test_a_button_that_is_not_there_any_more_cannot_be_pressed(page: Page) -> None:
    await page.do("say", "robin", "robin", text="/hello")
    answer = (await page.messages("robin", "robin"))[-1]
    body = {"account": "robin", "place": "robin", "message": answer["id"]}
    for wrong in (
        body | {"id": "1:demo.count:7"},
        body | {"id": answer["rows"][1][0]["id"]},
        body | {"message": "0", "id": "1:demo.count:1"},
    ):
        response = await page.post("press", wrong)
        assert (response.status, await response.text()) == (410, "preview-gone")
    response = await page.post("choose", body | {"id": answer["rows"][1][0]["id"], "value": "sun"})
    assert response.status == 410
    assert len(page.core.calls) == 1


async def test_a_choice_comes_last(page: Page) -> None:
    await page.do("say", "robin", "robin", text="/hello")
    answer = (await page.messages("robin", "robin"))[-1]
    await page.do("choose", "robin", "robin", message=answer["id"], id="1:demo.evening", value="sat")
    assert page.core.calls[-1].args == ("sat",)
    assert (await page.texts("robin", "robin"))[-1] == "So it is sat."


async def test_a_form_opens_and_its_fields_come_back(page: Page) -> None:
    opened = await page.do("say", "robin", "robin", text="/ask")
    assert opened["form"]["id"] == "1:asked"
    assert opened["form"]["fields"][0]["max"] == 500
    assert 'maxlength="500"' in opened["html"]
    await page.do("submit", "robin", "robin", form="1:asked", values={"question": "Does it end?"})
    call = page.core.calls[-1]
    assert (call.action, call.values) == ("asked", {"question": "Does it end?"})
    assert await page.texts("rowan", "desk") == ["A question: Does it end?"]
    assert len(page.core.given_ids) == 2


async def test_a_form_of_a_button_knows_its_message(page: Page) -> None:
    ref = await page.send(DESK, "A question", "n", rows=((Button("Answer", "demo.answer"),),))
    await page.do("press", "rowan", "desk", message=ref.message, id="1:demo.answer")
    await page.do("submit", "rowan", "desk", form="1:demo.answered", message=ref.message, values={"answer": "It does."})
    assert page.core.calls[-1].message == ref
    assert page.core.calls[-1].server == "preview"
    assert await page.texts("robin", "robin") == ["It does."]
    assert await page.texts("noor", "desk") == ["A question, answered by Rowan."]
    assert await page.texts("rowan", "desk") == ["A question, answered by Rowan.", "On its way."]


async def test_a_missing_parameter_is_asked_for(page: Page) -> None:
    opened = await page.do("say", "robin", "robin", text="/checkin")
    assert page.core.calls == []
    mood, line = opened["form"]["fields"]
    assert (mood["label"], mood["required"], [c["value"] for c in mood["choices"]]) == (
        "How today is",
        True,
        ["1", "5"],
    )
    assert (line["long"], line["required"]) == (True, False)
    await page.do("submit", "robin", "robin", form="/checkin", values={"mood": "5", "line": ""})
    assert (page.core.calls[0].action, page.core.calls[0].values) == ("checkin", {"mood": "5"})
    await page.do("say", "robin", "robin", text="/checkin 5 slept well")
    assert (page.core.calls[1].values, page.core.calls[1].text) == ({}, "5 slept well")


async def test_a_private_answer_in_a_public_place_is_for_one_alone(page: Page) -> None:
    await page.do("say", "robin", "town", text="/hello")
    assert await page.messages("sam", "town") == []
    assert "Good to see you" not in await page.html("town", "sam")
    said, answer = await page.messages("robin", "town")
    assert said["private"]
    assert answer["private"]
    assert "preview-only-you" in await page.html("town", "robin")
    response = await page.post(
        "press", {"account": "sam", "place": "town", "message": answer["id"], "id": "1:demo.count:1"}
    )
    assert response.status == 410
    await page.do("press", "robin", "town", message=answer["id"], id="1:demo.count:1")
    assert await page.messages("sam", "town") == []
    assert await page.texts("robin", "town") == ["/hello", "Counted to 2."]
    await page.do("dismiss", "robin", "town", message=answer["id"])
    assert await page.texts("robin", "town") == ["/hello"]


async def test_a_private_answer_never_replaces_what_all_see(page: Page) -> None:
    await page.do("say", "robin", "town", text="/board")
    shared = (await page.messages("sam", "town"))[-1]
    await page.do("press", "visitor", "town", message=shared["id"], id="1:demo.look")
    assert await page.texts("sam", "town") == ["/board", "A word for everybody."]
    assert (await page.texts("visitor", "town"))[-1] == "For your eyes."
    await page.do("press", "sam", "town", message=shared["id"], id="1:demo.take")
    assert await page.texts("robin", "town") == ["/board", "Taken."]
    await page.do("dismiss", "robin", "town", message=shared["id"])
    assert await page.texts("sam", "town") == ["/board", "Taken."]


@pytest.mark.parametrize(("account", "place"), [("sam", "robin"), ("robin", "desk"), ("nobody", "town"), ("robin", "")])
async def test_nobody_sees_or_speaks_where_they_are_not(page: Page, account: str, place: str) -> None:
    response = await page.post("say", {"account": account, "place": place, "text": "/hello"})
    assert response.status == 404
    params, token = {"account": account, "place": place}, {"X-Unsent-Token": page.preview.token}
    response = await page.client.get("/preview/api/messages", params=params, headers=token)
    assert response.status == 404
    assert page.core.calls == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("say", []),
        ("say", {"account": "robin", "place": "robin"}),
        ("say", {"account": "robin", "place": "robin", "text": "  "}),
        ("say", {"account": "robin", "place": "robin", "text": "x" * 4001}),
        ("say", {"account": "rowan", "place": "desk/0", "text": "no such thread"}),
        ("submit", {"account": "robin", "place": "robin", "form": "2:asked", "values": {}}),
        ("submit", {"account": "robin", "place": "robin", "form": "1:asked", "values": {"question": 1}}),
        ("clock", {"minutes": -1}),
        ("clock", {"minutes": 0.5}),
        ("clock", {"minutes": True}),
        ("clock", {"minutes": 10**9}),
    ],
)
async def test_what_makes_no_sense_is_refused(page: Page, name: str, body: object) -> None:
    assert (await page.post(name, body)).status == 400
    assert page.core.calls == []
    assert page.moves == []


async def test_without_the_token_nothing_is_taken_and_nothing_read(page: Page) -> None:
    body = {"account": "robin", "place": "robin", "text": "/hello"}
    for token in ("", "wrong", "é"):
        assert (
            await page.client.post("/preview/api/say", data=json.dumps(body), headers={"X-Unsent-Token": token})
        ).status == 403
    assert (await page.client.get("/preview/api/messages", params=body)).status == 403
    form = await page.client.post("/preview/api/say", data=body, headers={"X-Unsent-Token": page.preview.token})
    assert form.status == 400
    assert page.core.calls == []
    assert page.preview.token in await (await page.client.get("/")).text()


@pytest.mark.parametrize(
    "path", ["/", "/preview/pane/robin?account=robin", "/preview/events", "/preview/static/page.js"]
)
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8420", "192.168.0.7", "[", ""])
async def test_a_foreign_name_is_refused(page: Page, path: str, host: str) -> None:
    response = await page.client.get(path, headers={"Host": host})
    assert response.status == 403
    assert page.preview.token not in await response.text()


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "[::1]:8420", "LOCALHOST"])
async def test_loopback_names_are_served(page: Page, host: str) -> None:
    assert (await page.client.get("/", headers={"Host": host})).status == 200


async def test_a_name_that_the_app_allows_is_served() -> None:
    async with serving(allow_hosts=("unsent.home",)) as page:
        assert (await page.client.get("/", headers={"Host": "unsent.home:8420"})).status == 200
        assert (await page.client.get("/", headers={"Host": "other.home:8420"})).status == 403


async def test_another_page_may_not_post(page: Page) -> None:
    body = {"account": "robin", "place": "robin", "text": "/hello"}
    own = str(page.client.make_url("/")).rstrip("/")
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        assert (await page.post("say", body, Origin=origin)).status == 403
    assert page.core.calls == []
    assert (await page.post("say", body, Origin=own)).status == 200


@pytest.mark.parametrize("path", ["/", "/preview/static/page.css", "/preview/pane/nope", "/preview/events?since=0-0"])
async def test_every_answer_is_under_the_strict_policy(page: Page, path: str) -> None:
    response = await page.client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


async def test_whatever_is_written_is_text(page: Page) -> None:
    mark = "<script>x</script>\"'&"
    rows = (
        (Button(mark, "demo.x", [mark]),),
        (Link(mark, f"https://example.org/{mark}"),),
        (Menu(mark, "demo.y", tuple(Option(f"{n}{mark}", mark) for n in range(9))),),
    )
    await page.preview.deliver(Send(ROBIN.private, Reply(mark, rows, (File(mark, b"", mark),)), "n"))
    await page.preview.deliver(OpenThread(DESK, mark))
    await page.do("say", "robin", "robin", text=mark)
    for html in (
        await page.html("robin", "robin"),
        await page.html("desk", "rowan"),
        await (await page.client.get("/")).text(),
    ):
        assert "<script>x" not in html
        assert "&lt;script&gt;x" in html
    form = Form(mark, (Field("f", mark, value=mark), Field("g", mark, long=True, value=mark)), "asked")
    page.core.answer = lambda call: asyncio.sleep(0, form)  # type: ignore[method-assign]
    assert "<script" not in (await page.do("say", "robin", "robin", text="/x"))["html"]


async def test_the_pages_places_and_people_are_listed_and_it_has_no_roles(page: Page) -> None:
    where = Menu("Where?", "demo.where", (), ("1",), "channel")
    rows = ((where,), (Menu("Role?", "demo.role", kind="role"),), (Menu("Who?", "demo.who", kind="member"),))
    ref = await page.send(ROBIN.private, "Choose.", "n")
    await page.preview.deliver(Edit(ref, Reply("Choose.", rows)))
    message = (await page.messages("robin", "robin"))[-1]
    (places,), (people,) = message["rows"]
    assert [(o["value"], o["label"]) for o in places["options"]] == [
        ("desk", "preview-tab-desk"),
        ("town", "preview-tab-town"),
    ]
    assert [o["value"] for o in people["options"]] == ["robin", "sam", "visitor", "rowan", "noor"]
    said = {"message": message["id"], "id": places["id"]}
    await page.do("choose", "robin", "robin", **said, value="desk")
    call = page.core.calls[-1]
    assert (call.action, call.args, call.message) == ("demo.where", ("1", "desk"), ref)
    await page.do("choose", "robin", "robin", message=message["id"], id=people["id"], value="noor")
    assert page.core.calls[-1].args == ("noor",)
    nowhere = {"account": "robin", "place": "robin", **said, "value": "robin"}
    assert (await page.post("choose", nowhere)).status == 410


async def test_what_is_sent_and_what_is_answered_lists_them_alike(page: Page) -> None:
    reply = Reply("Choose.", ((Menu("Who?", "demo.who", kind="member"),),))
    await page.preview.deliver(Send(ROBIN.private, reply, "n"))
    page.core.answer = lambda call: asyncio.sleep(0, reply)  # type: ignore[method-assign]
    await page.do("say", "robin", "robin", text="/x")
    sent, _, answered = await page.messages("robin", "robin")
    assert len(sent["rows"][0][0]["options"]) == 5
    assert sent["rows"] == answered["rows"]


async def test_files_are_downloaded_and_only_pictures_are_shown(page: Page) -> None:
    await page.do("say", "robin", "robin", text="/card")
    picture, drawing = (await page.messages("robin", "robin"))[-1]["files"]
    response = await page.client.get(picture["url"])
    assert (response.content_type, await response.read()) == ("image/png", b"\x89PNG")
    response = await page.client.get(drawing["url"])
    assert (response.content_type, await response.read()) == ("application/octet-stream", b"<svg/>")
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''own%2C%20%3Cb%3E.svg"
    html = await page.html("robin", "robin")
    assert f'<img src="{picture["url"]}" alt="27 days">' in html
    assert f'<img src="{drawing["url"]}"' not in html
    assert (await page.client.get(picture["url"][:-1] + "2")).status == 404


async def test_a_picture_that_moves_can_be_put_away_and_then_its_words_are_there(page: Page) -> None:
    files = (File("breath.gif", b"GIF89a", "A <circle>."), File("card.png", b"\x89PNG", "27 days"))
    await page.preview.deliver(Send(ROBIN.private, Reply("Breathe.", files=files), "n"))
    html = await page.html("robin", "robin")
    assert html.count('<input type="checkbox" autocomplete="off">') == 1
    moving, still = html.split("<figure>")[1:]
    assert '<p class="shows">A &lt;circle&gt;.</p>' in moving
    assert 'alt="A &lt;circle&gt;."' in moving
    assert "checkbox" not in still
    (shown, _) = (await page.messages("robin", "robin"))[-1]["files"]
    assert (await page.client.get(shown["url"])).content_type == "image/gif"


async def test_the_clock_moves_forward_and_what_is_due_is_done(page: Page) -> None:
    before = page.clock.now()
    response = await page.post("clock", {"minutes": 90})
    later = before + timedelta(minutes=90)
    assert await response.json() == {"now": later.isoformat()}
    assert page.moves == [later]
    await page.send(ROBIN.private, "Good morning", "n")
    assert (await page.messages("robin", "robin"))[0]["at"] == later.isoformat()


class Stream:
    """The page's event stream."""

    def __init__(self, response: ClientResponse) -> None:
        self.response, self.id = response, ""

    async def event(self) -> dict:
        """Return the next event's data; an event without changes is passed over."""
        async with asyncio.timeout(5):
            while line := (await self.response.content.readline()).decode():
                if line.startswith("id: "):
                    self.id = line[4:].strip()
                if line.startswith("event: "):
                    return {"event": line[7:].strip()}
                if line.startswith("data: ") and (data := json.loads(line[6:]))["places"]:
                    return data
        return {"event": "end"}


async def version(page: Page) -> str:
    html = await (await page.client.get("/")).text()
    return html.partition('name="unsent-version" content="')[2].partition('"')[0]


async def test_events_arrive_live_and_a_reconnect_loses_none(page: Page) -> None:
    since = await version(page)
    await page.send(DESK, "between the page and its stream", "0")
    async with page.client.get("/preview/events", params={"since": since}) as response:
        stream = Stream(response)
        assert (await stream.event())["places"] == ["desk"]
        await page.send(ROBIN.private, "live", "1")
        assert (await stream.event())["places"] == ["robin"]
        await page.post("clock", {"minutes": 1})
        moved = await stream.event()
        assert (moved["places"], moved["now"]) == (["clock"], page.clock.now().isoformat())
    ref = await page.send(TOWN, "while it was away", "2")
    await page.preview.deliver(Delete(ref))
    async with page.client.get(
        "/preview/events", params={"since": since}, headers={"Last-Event-ID": stream.id}
    ) as response:
        assert (await Stream(response).event())["places"] == ["town"]


async def test_two_pages_are_told_alike(page: Page) -> None:
    since = {"since": await version(page)}
    async with (
        page.client.get("/preview/events", params=since) as one,
        page.client.get("/preview/events", params=since) as two,
    ):
        await page.do("say", "robin", "town", text="hello")
        assert [(await Stream(response).event())["places"] for response in (one, two)] == [["town"], ["town"]]


@pytest.mark.parametrize("since", ["", "0-0", "feedbeef-3"])
async def test_a_page_from_before_a_restart_is_told_to_load_again(page: Page, since: str) -> None:
    async with page.client.get("/preview/events", params={"since": since}) as response:
        assert await Stream(response).event() == {"event": "restart"}


async def test_stop_finishes_what_is_in_hand_and_takes_no_more(page: Page) -> None:
    assert page.core.is_connected
    page.core.hold.clear()
    async with page.client.get("/preview/events", params={"since": await version(page)}) as response:
        saying = asyncio.create_task(page.do("say", "robin", "robin", text="/hello"))
        await page.core.entered.wait()
        stopping = asyncio.create_task(page.preview.stop())
        stream = Stream(response)
        while await stream.event() != {"event": "end"}:
            pass
        assert not stopping.done()
        assert (await page.post("say", {"account": "robin", "place": "robin", "text": "/hello"})).status == 503
        page.core.hold.set()
        await stopping
        await saying
    assert (await page.texts("robin", "robin"))[-1] == "Good to see you."
    assert not page.core.is_connected


async def test_deliver_sends_once_edits_and_deletes(page: Page) -> None:
    ref = await page.send(DESK, "one", "nonce")
    assert await page.send(DESK, "one", "nonce", edit=False) == ref
    assert await page.texts("noor", "desk") == ["one"]
    assert await page.preview.deliver(Edit(ref, Reply("two"))) == Sent((ref,))
    assert await page.texts("noor", "desk") == ["two"]
    assert await page.preview.deliver(Delete(ref)) == Sent()
    assert await page.texts("noor", "desk") == []
    assert await page.preview.deliver(Edit(ref, Reply("three"))) == Gone()
    assert await page.preview.deliver(Delete(ref)) == Gone()


@pytest.mark.parametrize(
    "place",
    [
        Place("preview", "nowhere"),
        Place("preview", "robin"),
        Place("preview", "desk", thread="gone"),
        Place("discord", "desk"),
    ],
)
async def test_what_goes_to_no_place_of_ours_is_gone(page: Page, place: Place) -> None:
    assert await page.preview.deliver(Send(place, Reply("hello"), "n")) == Gone()
    assert await page.preview.deliver(OpenThread(place, "hello")) == Gone()
    assert await page.preview.deliver(Edit(Ref(place, "1"), Reply("hello"))) == Gone()
    assert await page.preview.deliver(Delete(Ref(place, "1"))) == Gone()


async def test_a_thread_is_opened_on_its_message_and_spoken_in(page: Page) -> None:
    first = await page.send(DESK, "the question", "1")
    await page.send(DESK, "another", "2")
    opened = await page.preview.deliver(OpenThread(DESK, "About the question", on=first))
    assert isinstance(opened, Sent)
    thread = opened.refs[0].place
    assert (thread.channel, thread.private) == ("desk", False)
    await page.send(thread, "in the thread", "3", rows=((Button("Count", "demo.count", [1]),),))
    message = (await page.messages("rowan", "desk"))[-1]
    assert message["place"] == f"desk/{thread.thread}"
    await page.do("press", "rowan", message["place"], message=message["id"], id="1:demo.count:1")
    assert page.core.calls[-1].place == thread
    html = await page.html("desk", "rowan")
    order = [html.index(text) for text in ("the question", "About the question", "in the thread", "another")]
    assert order == sorted(order)


async def test_in_a_thread_nothing_is_opened_below_a_message_nor_below_what_is_gone(page: Page) -> None:
    first = await page.send(DESK, "the question", "1")
    opened = await page.preview.deliver(OpenThread(DESK, "About the question", on=first))
    assert isinstance(opened, Sent)
    inside = await page.send(opened.refs[0].place, "in the thread", "2")
    assert await page.preview.deliver(OpenThread(DESK, "About that", on=inside)) == Sent((inside,))
    for gone in (inside, first):
        await page.preview.deliver(Delete(gone))
        assert await page.preview.deliver(OpenThread(DESK, "About that", on=gone)) == Gone()
    assert "About that" not in await page.html("desk", "rowan")


async def test_who_coaches_and_who_owns(page: Page) -> None:
    authority, here = page.preview.authority, {Role.ANYONE, Role.MEMBER}
    assert await authority(ROWAN, DESK) == here | {Role.COACH, Role.OWNER}
    assert await authority(NOOR, replace(DESK, thread="any")) == here | {Role.COACH}
    for at in (TOWN, HERE):
        assert await authority(ROWAN, at) == here | {Role.OWNER}
    for account, at in ((NOOR, TOWN), (ROBIN, DESK), (VISITOR, TOWN), (NOOR, HERE), (ROBIN, ROBIN.private)):
        assert await authority(account, at) == here
    assert Role.COACH not in await authority(ROWAN, DESK, coach="a role")


async def test_its_own_places_are_there_with_nothing_missing_and_no_others(page: Page) -> None:
    needs = frozenset[Need]({"send", "files", "delete", "history"})
    for at, name in ((HERE, "preview-community"), (DESK, "preview-tab-desk"), (TOWN, "preview-tab-town")):
        assert await page.preview.look(at, needs) == Look(HERE, name, "preview-community", open=at == TOWN)
    for at in (Server("preview", "elsewhere"), replace(DESK, thread="any"), ROBIN.private, Place("discord", "desk")):
        assert await page.preview.look(at, needs) == Gone()


async def test_each_is_offered_what_they_may_use(page: Page) -> None:
    def offered(html: str) -> list[str]:
        return [part.partition('"')[0] for part in html.split('data-name="')[1:]]

    everybody = ["hello", "checkin", "ask", "card", "board"]
    assert offered(await page.html("robin", "robin")) == everybody
    assert offered(await page.html("desk", "noor")) == [*everybody, "queue"]
    assert offered(await page.html("desk", "rowan")) == [*everybody, "queue", "setup"]


def test_the_transcript_keeps_the_newest() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    kept = Transcript((DESK, TOWN), keep=3)
    heading = kept.open_thread(DESK, at, "A thread", None)
    for n in range(3):
        kept.post(heading.place if n == 0 else DESK, at + timedelta(days=n), Reply(f"{n}"))
    kept.heard(TOWN, at, "robin", "elsewhere")
    assert [entry.text for entry in kept.seen("desk", "rowan")] == ["0", "1", "2"]
    assert not kept.knows(heading.place)
    shown = kept.shown("desk", "rowan")
    assert [(item.entry.text, item.day and item.day.day) for item in shown] == [("0", 2), ("1", 3), ("2", 4)]
