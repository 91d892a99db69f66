"""What a person reads of Discord, and what their client sends when they use it. No state, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.platforms.discord.objects import (
    BUTTON,
    CHECKBOX,
    EPHEMERAL,
    OFFERED,
    RADIO,
    TEXT_DISPLAY,
    TEXT_INPUT,
    Channel,
    Json,
    User,
    walk,
)


@dataclass(frozen=True)
class Message:
    """A message as it stood when it was looked at. Pressing its buttons later is what a slow screen does."""

    wire: Json = field(repr=False)
    id: int
    author: User
    channel: Channel
    nonce: str | int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)

    @property
    def content(self) -> str:
        return self.wire["content"]

    @property
    def embeds(self) -> list[Json]:
        return self.wire["embeds"]

    @property
    def components(self) -> list[Json]:
        return self.wire["components"]

    @property
    def flags(self) -> int:
        return self.wire["flags"]

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """What one reads: the content, each embed's title, description, fields and footer, and text displays."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title"), embed.get("description")]
            parts += [f"{f['name']}\n{f['value']}" for f in embed.get("fields", [])]
            parts.append(embed.get("footer", {}).get("text"))
        parts += [c["content"] for c in walk(self.components) if c["type"] == TEXT_DISPLAY]
        return "\n".join(p for p in parts if p)

    @property
    def buttons(self) -> dict[str, str]:
        """Label (the emoji where there is none) to custom_id, or to the address of a link."""
        found = [c for c in walk(self.components) if c["type"] == BUTTON]
        return {c.get("label") or c["emoji"]["name"]: c.get("custom_id") or c["url"] for c in found}

    def find(self, name: str) -> Json:
        """The button or menu with this custom_id or label (a menu's placeholder); KeyError where there is none."""
        for component in walk(self.components):
            if name in map(component.get, ("custom_id", "label", "placeholder")):
                return component
        raise KeyError(f"no {name!r} among {list(self.buttons)}")


@dataclass(frozen=True)
class Field:
    """One input of a modal. `wire` is the component itself, `label` what stands above it."""

    label: str
    custom_id: str
    type: int
    required: bool
    wire: Json = field(repr=False)

    def answer(self, value: Any) -> Json:
        """What the client sends for `value` (a str, a list for menus, None for untouched); ValueError where it would
        not let the person send it."""
        given: Json = {"type": self.type, "id": self.wire["id"], "custom_id": self.custom_id}
        if self.type == TEXT_INPUT:
            text = self.wire.get("value", "") if value is None else str(value)
            low, high = self.wire.get("min_length", 0), self.wire.get("max_length", 4000)
            if (self.required and not text) or len(text) > high or (text and len(text) < low):
                raise ValueError(f"{self.label}: {len(text)} characters, {low} to {high} allowed")
            return given | {"value": text}
        if self.type == CHECKBOX:
            return given | {"value": bool(value)}
        picked = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
        values = pick(self.wire, picked)
        if self.required and not values:
            raise ValueError(f"{self.label}: nothing chosen")
        return given | ({"value": values[0] if values else None} if self.type == RADIO else {"values": values})


@dataclass(frozen=True)
class Modal:
    """A form on somebody's screen."""

    title: str
    custom_id: str
    fields: list[Field]
    opened_by: int
    wire: Json = field(repr=False)

    @classmethod
    def read(cls, data: Json, opened_by: int) -> Self:
        """Make one from the data of a modal callback; `opened_by` is the interaction's id."""
        fields: list[Field] = []
        for outer in data["components"]:
            inner = outer.get("component") or next(iter(outer.get("components", [])), None)
            if inner:
                label, needed = outer.get("label") or inner.get("label", ""), inner.get("required", True)
                fields.append(Field(label, inner["custom_id"], inner["type"], needed, inner))
        return cls(data["title"], data["custom_id"], fields, opened_by, data)

    def fill(self, values: Mapping[str, Any]) -> list[Json]:
        """The components of a submit with `values` by label or custom_id; KeyError for a field there is not."""
        names = {n for f in self.fields for n in (f.label, f.custom_id)}
        if unknown := set(values) - names:
            raise KeyError(f"no {unknown} in {names}")
        answers = {f.custom_id: f.answer(values.get(f.custom_id, values.get(f.label))) for f in self.fields}
        out: list[Json] = []
        for outer in self.wire["components"]:
            shell: Json = {"type": outer["type"], "id": outer["id"]}
            if "component" in outer:
                shell["component"] = answers[outer["component"]["custom_id"]]
            elif "components" in outer:
                shell["components"] = [answers[c["custom_id"]] for c in outer["components"]]
            out.append(shell)
        return out


def pick(menu: Json, values: list[Any]) -> list[str]:
    """What a menu sends for `values`: options by label or value, people, roles and channels by what they are."""
    if "options" in menu:
        known = {n: o["value"] for o in menu["options"] for n in (o["label"], o["value"])}
        out = [known[str(v)] for v in values]
    else:
        if not all(isinstance(v, OFFERED[menu["type"]]) for v in values):
            raise ValueError(f"a menu of type {menu['type']} does not offer {values}")
        types = menu.get("channel_types")
        if types and not all(v.type in types for v in values if isinstance(v, Channel)):
            raise ValueError(f"the menu offers channels of the types {types} alone")
        out = [str(v.id) for v in values]
    low, high = menu.get("min_values", 1), menu.get("max_values", 1)
    if out and menu["type"] != RADIO and not low <= len(out) <= high:
        raise ValueError(f"{len(out)} chosen, {low} to {high} allowed")
    return out
