"""Forms for platforms without modals: one field at a time; sealed, and gone on cancel, send or after an hour."""

from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Column, ForeignKey, LargeBinary

from bot import store
from bot.errors import UserError
from bot.model import MENU_OPTIONS, Button, Call, Field, Form, Menu, Reply, Row, length
from bot.people import Member, members
from bot.store import ID, Instant, Sealed, Tx, table
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
    Column("state", Sealed, nullable=False),  # the form, and what was filled in so far
)

FORMS = TypeAdapter(Form)


class Forms:
    """The half-filled form of one person in one place, inside one transaction."""

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
        """Put `form` in the place of any other, and return the question for its first field."""
        await self._keep(form, {}, member)
        return self._ask(form, {})

    async def take(self, member: Member | None) -> Call | Reply | None:
        """Take what the person wrote, chose or skipped into the open form.

        Returns the Call that sends the form when it is full, the question for the next field, or None where no form is
        open. Raises UserError for an answer that the field does not take.
        """
        row = await self._open()
        if row is None:
            return None
        if self._call.action == CANCEL:
            await self.close()
            return Reply(self._say("form-cancelled"), edit=True)
        form = FORMS.validate_python(row["state"]["form"])
        filled: dict[str, str] = row["state"]["filled"]
        field = _next(form, filled)
        assert field is not None  # noqa: S101 # a full form is closed in the transaction that fills it
        filled[field.name] = self._answer(field)
        if _next(form, filled) is None:
            await self.close()
            call = self._call
            return Call(call.id, call.account, call.place, call.community, form.submit, form.args, filled)
        await self._keep(form, filled, member)
        return self._ask(form, filled)

    async def submits(self) -> str | None:
        """Return the action that the open form is sent to, or None where no form is open."""
        row = await self._open()
        return row["state"]["form"]["submit"] if row else None

    async def close(self) -> None:
        """Drop the half-filled form."""
        await self._tx.delete(forms, forms.c.key == self._key)

    async def _open(self) -> store.Row | None:
        return await self._tx.row(forms, forms.c.key == self._key, forms.c.at > self._now - KEPT)

    async def _keep(self, form: Form, filled: dict[str, str], member: Member | None) -> None:
        state = {"form": FORMS.dump_python(form, mode="json"), "filled": filled}
        await self._tx.upsert(forms, key=self._key, member=member.id if member else None, at=self._now, state=state)

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

    def _ask(self, form: Form, filled: dict[str, str]) -> Reply:
        field = _next(form, filled)
        assert field is not None  # noqa: S101 # asked only while one is empty
        rows: list[Row] = []
        if field.choices:
            rows.append((Menu(field.label, PICK, field.choices[:MENU_OPTIONS]),))
        buttons = [Button(self._say("form-cancel"), CANCEL)]
        if not field.required:
            buttons.insert(0, Button(self._say("form-skip"), SKIP))
        rows.append(tuple(buttons))
        key = "form-ask" if self._call.place.private else "form-ask-in-group"
        return Reply(self._say(key, label=field.label, max=field.max), tuple(rows))

    def _say(self, key: str, **values: str | int) -> str:
        return self._texts.say(self._locale, "core", key, **values)


def _next(form: Form, filled: dict[str, str]) -> Field | None:
    return next((field for field in form.fields if field.name not in filled), None)
