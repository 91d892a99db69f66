"""What Discord takes and what it refuses: messages, components, modals, commands. No state, no I/O."""

import re
from typing import Any

from tests.platforms.discord.objects import (
    BUTTON,
    CHECKBOXES,
    COMPONENTS_V2,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    Json,
    walk,
)


class Refused(Exception):
    """An answer that is an error: HTTP status, Discord's code, its words and, for a form, what is wrong where."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(status, code, message, errors)
        self.status = status
        self.body: Json = {"message": message, "code": code} | ({"errors": errors} if errors else {})


class Form:
    """Collects what is wrong with a body, and refuses it as Discord does: 50035, each complaint at its place."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def wrong(self, path: str, message: str) -> None:
        """Note a complaint at `path` ("embeds.0.title")."""
        place = self.errors
        for part in path.split("."):
            place = place.setdefault(part, {})
        # Discord sends names here ("BASE_TYPE_MAX_LENGTH"); its own specification says integers, and clients read
        # neither.
        place.setdefault("_errors", []).append({"code": 50035, "message": message})

    def size(self, path: str, value: Any, most: int, least: int = 0) -> None:
        """A text, or a list, of `least` to `most`; None counts as empty."""
        if not least <= len(value or "") <= most:
            self.wrong(path, f"Must be between {least} and {most} in length.")

    def done(self) -> None:
        """Refuse if anything was noted."""
        if self.errors:
            raise Refused(400, 50035, "Invalid Form Body", self.errors)


def check_message(body: Json, files: int = 0) -> None:
    """Refuse a message (a whole one: an edit is merged first) that Discord would not take."""
    form = Form()
    embeds, components, flags = body.get("embeds") or [], body.get("components") or [], body.get("flags") or 0
    form.size("content", body.get("content"), 2000)
    form.size("nonce", str(body.get("nonce") or ""), 25)
    form.size("embeds", embeds, 10)
    total = 0
    for i, embed in enumerate(embeds):
        footer, author = (embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")
        texts = [("title", embed.get("title"), 256), ("description", embed.get("description"), 4096),
                 ("footer.text", footer, 2048), ("author.name", author, 256)]  # fmt: skip
        form.size(f"embeds.{i}.fields", embed.get("fields"), 25)
        for n, item in enumerate(embed.get("fields") or []):
            texts += [(f"fields.{n}.name", item.get("name"), 256), (f"fields.{n}.value", item.get("value"), 1024)]
            form.size(f"embeds.{i}.fields.{n}.name", item.get("name"), 256, 1)
            form.size(f"embeds.{i}.fields.{n}.value", item.get("value"), 1024, 1)
        for name, text, most in texts:
            form.size(f"embeds.{i}.{name}", text, most)
            total += len(text or "")
    if total > 6000:
        form.wrong("embeds", "Embed size exceeds maximum size of 6000")
    check_components(form, components, bool(flags & COMPONENTS_V2))
    if flags & COMPONENTS_V2 and (body.get("content") or embeds):
        form.wrong("content", "The MessageFlags.IS_COMPONENTS_V2 flag excludes content and embeds.")
    form.done()
    if not (body.get("content") or embeds or components or files or body.get("sticker_ids") or body.get("poll")):
        raise Refused(400, 50006, "Cannot send an empty message")


def check_components(form: Form, components: list[Json], v2: bool) -> None:
    """Note what is wrong with the components of a message."""
    if not v2:
        form.size("components", components, 5)
        for i, row in enumerate(components):
            if row.get("type") != ROW:
                form.wrong(f"components.{i}.type", "Value of field 'type' must be one of (1,).")
    every = list(walk(components))
    if len(every) > 40:
        form.wrong("components", "The total number of components must be 40 or fewer.")
    if sum(len(c.get("content", "")) for c in every if c["type"] == TEXT_DISPLAY) > 4000:
        form.wrong("components", "The total displayable text must be 4000 or fewer.")
    seen: set[str] = set()
    for i, component in enumerate(every):
        path, kind, name = f"components.{i}", component.get("type"), component.get("custom_id")
        if name is not None:
            form.size(f"{path}.custom_id", name, 100, 1)
            if name in seen:
                form.wrong(f"{path}.custom_id", "Component custom id cannot be duplicated")
            seen.add(name)
        if kind == ROW:
            inner = component.get("components") or []
            form.size(f"{path}.components", inner, 1 if any(c["type"] in SELECTS for c in inner) else 5, 1)
        elif kind == BUTTON:
            check_button(form, path, component)
        elif kind in SELECTS:
            check_menu(form, path, component)


def check_button(form: Form, path: str, button: Json) -> None:
    """Note what is wrong with one button."""
    form.size(f"{path}.label", button.get("label"), 80)
    if not button.get("label") and not button.get("emoji"):
        form.wrong(f"{path}.label", "A label or an emoji is required")
    link, style = bool(button.get("url")), button.get("style")
    if style not in (1, 2, 3, 4, 5) or (style == 5) != link or link == (button.get("custom_id") is not None):
        form.wrong(path, "A custom id is required for styles 1 to 4, a url and no custom id for style 5")
    if link and not re.match(r"(https?|discord)://\S", button["url"]):
        form.wrong(f"{path}.url", "Scheme must be one of ('http', 'https', 'discord').")


def check_menu(form: Form, path: str, menu: Json) -> None:
    """Note what is wrong with one select menu."""
    form.size(f"{path}.custom_id", menu.get("custom_id"), 100, 1)
    form.size(f"{path}.placeholder", menu.get("placeholder"), 150)
    if not 0 <= menu.get("min_values", 1) <= max(menu.get("max_values", 1), 1) <= 25:
        form.wrong(f"{path}.max_values", "Must be between min_values and 25.")
    if menu["type"] == STRING_SELECT:
        check_options(form, path, menu, 25)


def check_options(form: Form, path: str, menu: Json, most: int) -> None:
    """Note what is wrong with the options of a menu, or of a group of radio buttons or checkboxes."""
    options = menu.get("options") or []
    form.size(f"{path}.options", options, most, 1)
    if len({o.get("value") for o in options}) < len(options):
        form.wrong(f"{path}.options", "The specified option value is already used")
    for n, option in enumerate(options):
        form.size(f"{path}.options.{n}.label", option.get("label"), 100, 1)
        form.size(f"{path}.options.{n}.value", option.get("value"), 100, 1)
        form.size(f"{path}.options.{n}.description", option.get("description"), 100)


def check_modal(data: Json) -> None:
    """Refuse a modal that Discord would not show."""
    form = Form()
    form.size("data.title", data.get("title"), 45, 1)
    form.size("data.custom_id", data.get("custom_id"), 100, 1)
    form.size("data.components", data.get("components"), 5, 1)
    seen: set[str] = set()
    for i, outer in enumerate(data.get("components") or []):
        path = f"data.components.{i}"
        if outer.get("type") == TEXT_DISPLAY:
            continue
        inner = [outer["component"]] if outer.get("component") else outer.get("components") or []
        if outer.get("type") not in (ROW, LABEL) or len(inner) != 1:
            form.wrong(path, "One input in a label or in a row")
            continue
        held = inner[0]
        label = outer.get("label") if outer["type"] == LABEL else held.get("label")
        form.size(f"{path}.label", label, 45, 1)
        form.size(f"{path}.description", outer.get("description"), 100)
        form.size(f"{path}.component.custom_id", held.get("custom_id"), 100, 1)
        if held.get("custom_id") in seen:
            form.wrong(f"{path}.component.custom_id", "Component custom id cannot be duplicated")
        seen.add(held.get("custom_id", ""))
        if held["type"] == TEXT_INPUT:
            form.size(f"{path}.component.placeholder", held.get("placeholder"), 100)
            form.size(f"{path}.component.value", held.get("value"), 4000)
            if not 0 <= (held.get("min_length") or 0) <= (held.get("max_length") or 4000) <= 4000:
                form.wrong(f"{path}.component.max_length", "Must be between min_length and 4000.")
        elif held["type"] in SELECTS:
            check_menu(form, f"{path}.component", held)
        elif held["type"] in (RADIO, CHECKBOXES):
            check_options(form, f"{path}.component", held, 10)
    form.done()


def check_commands(commands: list[Json]) -> None:
    """Refuse a set of application commands that Discord would not register."""
    form = Form()
    form.size("commands", commands, 110)
    names = [(c.get("type", 1), c.get("name")) for c in commands]
    if len(set(names)) < len(names):
        raise Refused(400, 50035, "Invalid Form Body", {"0": {"name": {"_errors": [
            {"code": 50035, "message": "Application command names must be unique"}]}}})  # fmt: skip
    for i, command in enumerate(commands):
        if command.get("type", 1) == 1:
            check_named(form, str(i), command)
            if _letters(command) > 8000:
                form.wrong(str(i), "Command exceeds maximum size (8000)")
        else:
            form.size(f"{i}.name", command.get("name"), 32, 1)
    form.done()


def check_named(form: Form, path: str, item: Json) -> None:
    """Note what is wrong with a command or an option, and with what it holds."""
    name = item.get("name") or ""
    if not re.fullmatch(r"[-'\w]{1,32}", name) or name != name.lower():
        form.wrong(f"{path}.name", "Name is invalid")
    form.size(f"{path}.description", item.get("description"), 100, 1)
    form.size(f"{path}.choices", item.get("choices"), 25)
    form.size(f"{path}.options", item.get("options"), 25)
    for n, choice in enumerate(item.get("choices") or []):
        form.size(f"{path}.choices.{n}.name", choice.get("name"), 100, 1)
        form.size(f"{path}.choices.{n}.value", str(choice.get("value")), 100, 1)
    optional = False
    for n, option in enumerate(item.get("options") or []):
        check_named(form, f"{path}.options.{n}", option)
        if option.get("required") and optional:
            form.wrong(f"{path}.options.{n}", "Required options must be placed before non-required options")
        optional = optional or not option.get("required")


def _letters(item: Json) -> int:
    """How much of a command's 8,000 characters this uses."""
    own = len(item.get("name") or "") + len(item.get("description") or "")
    own += sum(len(c["name"]) + len(str(c["value"])) for c in item.get("choices") or [])
    return own + sum(_letters(o) for o in item.get("options") or [])
