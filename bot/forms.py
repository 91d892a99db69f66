"""Forms for platforms without modals: one field at a time; sealed, and gone on cancel, send or after an hour."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, ForeignKey, LargeBinary

from bot.errors import UserError
from bot.model import MENU_OPTIONS, Button, Call, Field, Form, Menu, Reply, Row, length
from bot.people import Member, members
from bot.store import ID, Instant, Sealed, Tx, new_id, table
from bot.texts import Texts
from bot.vault import INDEX_BYTES, Vault

KEPT = timedelta(hours=1)
PICK, SKIP, CANCEL = "form.pick", "form.skip", "form.cancel"
ACTIONS = (PICK, SKIP, CANCEL)

forms = table(
    "forms",
    Column("key", LargeBinary(INDEX_BYTES), primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), index=True),  # none for a coach at the desk
    Column("at", Instant, nullable=False, index=True),
    Column("state", Sealed(4096), nullable=False),  # by a random id: a form, what was filled in so far, and when
)

FORMS = TypeAdapter(Form)


Halves = dict[str, dict[str, Any]]


class Forms:
    """The half-filled forms of one person in one place, inside one transaction.

    In a private chat there is one, and words go into it. In a group there may be several: the buttons of a question
    carry the form's id, and what answers that question carries it too.
    """

    def __init__(self, tx: Tx, vault: Vault, texts: Texts, call: Call, locale: str | None, now: datetime) -> None:
        self._tx = tx
        self._texts = texts
        self._call = call
        self._locale = locale
        self._now = now
        place = call.place
        self._key = vault.index(
            "form", f"{call.account.platform}:{call.account.id}:{place.channel}:{place.thread or ''}"
        )

    async def begin(self, form: Form, member: Member | None) -> Reply:
        """Return the question for the first field of `form`, which in a private chat takes the place of any other."""
        others = {} if self._call.place.private else await self._open()
        return await self._go_on(others, new_id(), form, {}, member)

    async def take(self, member: Member | None) -> Call | Reply | None:
        """Take what the person wrote, chose or skipped into the form that it is meant for.

        Returns the Call that sends the form when it is full, the question for the next field, or None where no such
        form is open. Raises UserError for an answer that the field does not take.
        """
        halves = await self._open()
        meant = self._meant(halves)
        if not meant:
            return None
        others = {id: half for id, half in halves.items() if id not in meant}
        if self._call.action == CANCEL:
            await self._keep(others, member)
            return Reply(self._say("form-cancelled"), edit=True)
        form = FORMS.validate_python(halves[meant[0]]["form"])
        filled: dict[str, str] = halves[meant[0]]["filled"]
        field = _next(form, filled)
        assert field is not None  # noqa: S101 # a full form is closed in the transaction that fills it
        filled[field.name] = self._answer(field)
        if _next(form, filled) is None:
            await self._keep(others, member)
            call = self._call
            return Call(call.id, call.account, call.place, call.server, form.submit, form.args, filled)
        return await self._go_on(others, meant[0], form, filled, member)

    async def submits(self) -> tuple[str, tuple[str, ...]] | None:
        """Return what the form which is meant is sent to, action and arguments, or None where no such form is open."""
        halves = await self._open()
        found = next((halves[id]["form"] for id in self._meant(halves)), None)
        return (found["submit"], tuple(found["args"])) if found else None

    def _meant(self, halves: Halves) -> list[str]:
        """Return the ids of the open forms that the Call is for: one, or with /cancel in a group all."""
        if self._call.args:
            return [id for id in halves if id == self._call.args[0]]
        return list(halves) if self._call.place.private or self._call.action == CANCEL else []

    async def _open(self) -> Halves:
        row = await self._tx.row(forms, key=self._key)
        halves: Halves = row["state"] if row else {}
        return {id: half for id, half in halves.items() if half["at"] > (self._now - KEPT).timestamp()}

    async def _go_on(self, others: Halves, id: str, form: Form, filled: dict[str, str], member: Member | None) -> Reply:
        half = {"form": FORMS.dump_python(form, mode="json"), "filled": filled, "at": self._now.timestamp()}
        await self._keep(others | {id: half}, member)
        return self._ask(id, form, filled)

    async def _keep(self, halves: Halves, member: Member | None) -> None:
        if halves:
            owner = member.id if member else None
            await self._tx.upsert(forms, key=self._key, member=owner, at=self._now, state=halves)
        else:
            await self._tx.delete(forms, key=self._key)

    def _answer(self, field: Field) -> str:
        if self._call.action == SKIP:
            if field.required:
                raise UserError("core.form-needed")
            return ""
        answer = self._call.args[-1] if self._call.action == PICK and self._call.args else self._call.text.strip()
        if not answer:
            raise UserError("core.form-text-only")
        if length(answer) > field.max:
            raise UserError("core.form-too-long", length=length(answer), max=field.max)
        if field.choices and answer not in {choice.value for choice in field.choices}:
            raise UserError("core.form-pick-one")
        return answer

    def _ask(self, id: str, form: Form, filled: dict[str, str]) -> Reply:
        field = _next(form, filled)
        assert field is not None  # noqa: S101 # asked only while one is empty
        rows: list[Row] = []
        if field.choices:
            rows.append((Menu(field.label, PICK, field.choices[:MENU_OPTIONS], (id,)),))
        buttons = [Button(self._say("form-cancel"), CANCEL, [id])]
        if not field.required:
            buttons.insert(0, Button(self._say("form-skip"), SKIP, [id]))
        rows.append(tuple(buttons))
        key = "form-ask" if self._call.place.private else "form-ask-in-group"
        return Reply(self._say(key, label=field.label, max=field.max), tuple(rows))

    def _say(self, key: str, **values: str | int) -> str:
        return self._texts.say(self._locale, "core", key, **values)


def _next(form: Form, filled: dict[str, str]) -> Field | None:
    return next((field for field in form.fields if field.name not in filled), None)
