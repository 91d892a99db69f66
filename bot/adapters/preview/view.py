"""How the preview shows what it was given, as HTML (templates/) and as JSON. No state."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import cast

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader

from bot.adapter import ListedCommand, ListedParam
from bot.adapters.preview.transcript import Entry
from bot.model import FIELD_LABEL, FIELD_TEXT, FORM_FIELDS, JSON, Button, Field, File, Form, Link, Menu, place_value

HERE = Path(__file__).parent
PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
CHIPS = 6  # options of a menu shown as chips; more become a list to choose from


def environment(words: Callable[..., str]) -> Environment:
    """Return the templates. In them `t` is `words`, and everything is escaped."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    cast(JSON, env.globals).update(t=words, chips=CHIPS)
    cast(JSON, env.filters).update(
        kind=kind, day=_day, iso=_iso, hhmm=_hhmm, picture=picture, moves=moves, place=place_value, size=_size
    )
    return env


def kind(item: Button | Link | Menu) -> str:
    """Return what stands in a row: button, link or menu."""
    return type(item).__name__.lower()


def picture(file: File) -> str | None:
    """Return the content type of a picture that may be shown in the page, or None for what is only downloaded."""
    return PICTURES.get(Path(file.name).suffix.lower())


def moves(file: File) -> bool:
    """Tell whether a picture may move. No page can stop it, so it has to be put away instead (WCAG 2.2, 2.2.2)."""
    return picture(file) == "image/gif"


def entry_json(entry: Entry) -> JSON:
    """Return an entry as the JSON API gives it."""
    return {
        "id": entry.id,
        "place": place_value(entry.place),
        "at": entry.at.isoformat(),
        "by": entry.by,
        "text": entry.text,
        "rows": [[_item_json(item) for item in row] for row in entry.rows],
        "files": [
            {"name": file.name, "alt": file.alt, "url": f"/preview/file/{entry.id}/{n}"}
            for n, file in enumerate(entry.files)
        ],
        "private": entry.only is not None,
        "edited": entry.edited,
        "heading": entry.heading,
    }


def form_json(form: Form, form_id: str) -> JSON:
    """Return a form as the JSON API gives it."""
    return {
        "id": form_id,
        "title": form.title,
        "fields": [
            {
                "name": item.name,
                "label": item.label,
                "long": item.long,
                "max": item.max,
                "required": item.required,
                "value": item.value,
                "choices": [{"value": option.value, "label": option.label} for option in item.choices],
            }
            for item in form.fields
        ],
    }


def options_form(command: ListedCommand, typed: str) -> Form | None:
    """Return a form for a command's parameters where `typed` does not fill the required ones, else None.

    What was typed is filled in. The required ones come first where there are more than a form holds.
    """
    words = typed.split()
    if len(words) >= sum(param.required for param in command.params):
        return None
    given = dict(zip((param.name for param in command.params), words, strict=False))
    params = sorted(command.params, key=lambda param: not param.required)[:FORM_FIELDS]
    return Form(
        f"/{command.name}", tuple(_option_field(param, given.get(param.name, "")) for param in params), command.name
    )


def _option_field(param: ListedParam, value: str) -> Field:
    label = param.help if 1 <= len(param.help.encode("utf-16-le")) // 2 <= FIELD_LABEL else param.name
    return Field(
        param.name, label, long=param.free, max=FIELD_TEXT if param.free else 100,
        required=param.required, value=value, choices=param.choices,
    )  # fmt: skip


def _item_json(item: Button | Link | Menu) -> JSON:
    match item:
        case Link():
            return {"kind": "link", "label": item.label, "url": item.url}
        case Button():
            return {"kind": "button", "label": item.label, "id": item.id}
        case Menu():
            options = [{"value": option.value, "label": option.label} for option in item.options]
            return {"kind": "menu", "label": item.label, "id": item.id, "options": options}


def _day(value: date, locale: str = "en") -> str:
    return format_date(value, "EEEE d MMMM", locale=locale)


def _iso(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


def _hhmm(value: datetime) -> str:
    return f"{value:%H:%M}"


def _size(data: bytes) -> str:
    return f"{len(data)} B" if len(data) < 1024 else f"{len(data) / 1024:.0f} KB"
