"""The parameters of a call: how they come over HTTP, and which of them Telegram refuses."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.platforms.telegram.basics import Json, bad, words
from tests.platforms.telegram.objects import Upload

INTEGERS = words(
    "cache_time chat_id direct_messages_topic_id duration from_chat_id height icon_color limit max_connections "
    "message_id message_thread_id offset timeout user_id width"
)
FLAGS = words(
    "allow_paid_broadcast disable_content_type_detection disable_notification drop_pending_updates has_spoiler "
    "protect_content return_bots show_alert show_caption_above_media"
)
OBJECTS = words(
    "allowed_updates caption_entities commands entities link_preview_options message_ids reply_markup "
    "reply_parameters scope"
)


async def read(request: web.BaseRequest) -> Json:
    """The parameters of a call, from query, form, multipart or JSON; files as Upload, also those behind attach://."""
    out: Json = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        out |= json.loads(await request.read() or b"{}")
    elif kind == "multipart/form-data":
        for name, value in (await request.post()).items():
            out[name] = Upload(value.filename, value.file.read()) if isinstance(value, web.FileField) else value
    elif kind == "application/x-www-form-urlencoded":
        out |= parse_qsl((await request.read()).decode(), keep_blank_values=True)
    for name, value in list(out.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            part = value.removeprefix("attach://")
            out[name] = out.pop(part, value)
    return {name: decode(name, value) for name, value in out.items() if value is not None}


def decode(name: str, value: Any) -> Any:
    """A parameter as it came (form string or JSON value) into the value it stands for; what cannot be is left as is."""
    if not isinstance(value, str):
        return value
    if name in INTEGERS and re.fullmatch(r"-?\d+", value):
        return int(value)
    if name in FLAGS and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    if name in OBJECTS:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def checked_markup(markup: Any, inline_only: bool = False) -> Json | None:
    """`reply_markup` as Telegram takes it, or ApiError."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad("can't parse reply keyboard markup JSON object")
    if "inline_keyboard" not in markup:
        if inline_only:
            raise bad("inline keyboard expected")
        check_requests(markup)
        return markup
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    for button in buttons:
        if not button.get("text"):
            raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
        if "callback_data" in button:
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
        elif "url" in button:
            if not re.match(r"(https?|tg)://\S+$", button["url"]):
                raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
        elif len(button) == 1:
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(buttons) > 100:
        raise bad("reply markup is too long")
    return markup if buttons else None


def requests(markup: Json) -> list[tuple[str, str, Json]]:
    """The buttons of a reply keyboard that ask for a chat or for people: label, which of the two, and the request."""
    buttons = [b for row in markup.get("keyboard", []) for b in row if isinstance(b, dict)]
    return [(b["text"], kind, b[kind]) for b in buttons for kind in ("request_chat", "request_users") if kind in b]


def check_requests(markup: Json) -> None:
    """Refuse requests that Telegram would refuse."""
    numbers = [request.get("request_id") for _, _, request in requests(markup)]
    if not all(isinstance(n, int) and -(2**31) <= n < 2**31 for n in numbers):
        raise bad('can\'t parse keyboard button: Field "request_id" must be a valid Number')
    if len(set(numbers)) < len(numbers):
        raise bad("BUTTON_ID_INVALID")
    for _, kind, request in requests(markup):
        if kind == "request_chat" and "chat_is_channel" not in request:
            raise bad('can\'t parse keyboard button: Field "chat_is_channel" must be of type Boolean')
        theirs, ours = (request.get(f"{whose}_administrator_rights") or {} for whose in ("user", "bot"))
        if any(wanted and not theirs.get(right) for right, wanted in ours.items()):
            raise bad("BUTTON_INVALID")  # "The rights must be a subset of user_administrator_rights."
        if kind == "request_users" and not 1 <= request.get("max_quantity", 1) <= 10:
            raise bad("BUTTON_USER_INVALID")


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or a JPEG; ApiError for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data.startswith(b"\xff\xd8") and (frame := re.search(rb"\xff[\xc0-\xc2]..\x08(..)(..)", data, re.DOTALL)):
        return int.from_bytes(frame[2], "big"), int.from_bytes(frame[1], "big")
    raise bad("IMAGE_PROCESS_FAILED")


def moving_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a GIF, None for anything else. (Telegram plays silent MP4 as well: nobody here sends it.)"""
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) > 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return None
