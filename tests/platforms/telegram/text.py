"""Text as Telegram takes and stores it: HTML, entities, lengths in UTF-16. No state, no I/O."""

import html
import re

from tests.platforms.telegram.basics import Json, bad


def u16(text: str) -> int:
    """The length of `text` in UTF-16 code units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


_PIECE = re.compile(
    r"(?P<text>[^<&]+)|(?P<ref>&(?:#(?P<dec>\d+)|#x(?P<hex>[0-9a-fA-F]+)|(?P<name>lt|gt|amp|quot)\b);?)"
    r"|</(?P<end>[^\s>]*)\s*(?P<closed>>?)"
    r"|<(?P<start>[^\s>]*)(?P<attrs>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)(?P<opened>>?)|(?P<amp>&)"
)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)))?")
_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}


def _entity_kind(tag: str, attrs: dict[str, str], at: int) -> Json:
    """The entity that a start tag stands for, without its place; {} when the tag is taken but marks nothing."""
    if tag in _SIMPLE:
        language = attrs.get("class", "").removeprefix("language-") if tag == "code" else ""
        return {"type": _SIMPLE[tag]} | ({"language": language} if language else {})
    if tag == "span":
        if attrs.get("class") != "tg-spoiler":
            raise bad(f'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset {at}')
        return {"type": "spoiler"}
    if tag == "a":
        url = attrs.get("href", "")
        return {"type": "text_link", "url": url} if re.match(r"(https?|tg|tel|mailto):", url) else {}
    if tag == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in attrs else "blockquote"}
    if tag == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": attrs.get("emoji-id", "")}
    raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Telegram's HTML into plain text and entities, in Telegram's order; ApiError with Telegram's words when wrong."""
    out: list[str] = []
    size = 0
    stack: list[tuple[str, Json, int]] = []
    found: list[Json] = []
    for piece in _PIECE.finditer(source):
        if piece["start"] is not None:
            at = len(source[: piece.start()].encode())
            tag = piece["start"].lower()
            if piece.end("start") == len(source):
                raise bad(f"can't parse entities: Unclosed start tag at byte offset {at}")
            attrs = {
                m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(piece["attrs"])
            }
            stack.append((tag, _entity_kind(tag, attrs, at), size))
            if not piece["opened"]:
                raise bad(f'can\'t parse entities: Unclosed start tag "{tag}" at byte offset {at}')
        elif piece["end"] is not None:
            at = len(source[: piece.start()].encode())
            if not stack:
                raise bad(f"can't parse entities: Unexpected end tag at byte offset {at}")
            if not piece["closed"]:
                raise bad(f"can't parse entities: Unclosed end tag at byte offset {at}")
            tag, kind, start = stack.pop()
            if piece["end"].lower() not in ("", tag):
                raise bad(
                    f"can't parse entities: Unmatched end tag at byte offset {at}, "
                    f'expected "</{tag}>", found "</{piece["end"]}>"'
                )
            if tag == "code" and stack and stack[-1][0] == "pre" and stack[-1][2] == start:
                stack[-1][1].update({k: v for k, v in kind.items() if k == "language"})
            elif kind and size > start:
                kept = {k: v for k, v in kind.items() if k != "language" or tag == "pre"}
                found.append({**kept, "offset": start, "length": size - start})
        else:
            if piece["dec"] or piece["hex"]:
                text = chr(int(piece["dec"] or piece["hex"], 10 if piece["dec"] else 16))
            else:
                text = html.unescape(f"&{piece['name']};") if piece["name"] else piece[0]
            out.append(text)
            size += u16(text)
    if stack:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{stack[-1][0]}\"")
    return "".join(out), found


def render_html(text: str, entities: list[Json]) -> str:
    """Plain text and entities back into HTML; what Telegram finds by itself (links, commands) is not marked."""
    tags = {"text_link": "a", "custom_emoji": "tg-emoji", "expandable_blockquote": "blockquote"} | {
        kind: tag for tag, kind in reversed(_SIMPLE.items())
    }
    attrs = {
        "text_link": lambda e: f' href="{html.escape(e["url"])}"',
        "custom_emoji": lambda e: f' emoji-id="{e["custom_emoji_id"]}"',
        "expandable_blockquote": lambda e: " expandable",
    }
    marks: list[tuple[tuple[int, int, int, int], str]] = []
    for index, e in enumerate(entities):
        tag = tags.get(e["type"], "blockquote" if e["type"] == "blockquote" else "")
        if tag:
            end = e["offset"] + e["length"]
            opening = f"<{tag}{attrs.get(e['type'], lambda e: '')(e)}>"
            marks.append(((e["offset"], 1, -end, index), opening))
            marks.append(((end, 0, -e["offset"], -index), f"</{tag}>"))
    units, out, done = text.encode("utf-16-le"), [], 0
    for (at, *_), mark in sorted(marks):
        out += [html.escape(units[done * 2 : at * 2].decode("utf-16-le"), quote=False), mark]
        done = at
    return "".join([*out, html.escape(units[done * 2 :].decode("utf-16-le"), quote=False)])


_FOUND_ALONE = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)'])|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/<>])"
    r"|(?<!\w)(?P<mention>@[A-Za-z]\w{3,31})\b|(?<!\w)(?P<hashtag>\#\w*[^\W\d]\w*)"
)


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """`entities` and those that Telegram finds in `text` by itself, where it finds them: not in code or links."""
    closed = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in ("code", "pre", "text_link")]
    out = list(entities)
    for hit in _FOUND_ALONE.finditer(text):
        start, size = u16(text[: hit.start()]), u16(hit[0])
        if not any(a < start + size and start < b for a, b in closed):
            out.append({"type": hit.lastgroup, "offset": start, "length": size})
    return sorted(out, key=lambda e: (e["offset"], -e["length"]))


def formatted(p: Json, key: str, limit: int) -> tuple[str, list[Json]]:
    """The text under `key` as Telegram stores it: parsed, trimmed, within `limit`. Returns plain text and entities."""
    source = p.get(key) or ""
    if not isinstance(source, str):
        raise bad(f"{key} must be a string")
    mode = str(p.get("parse_mode") or "").lower()
    if mode not in ("", "html"):
        raise bad("unsupported parse_mode")
    given = p.get("entities" if key == "text" else "caption_entities") or []
    text, entities = parse_html(source) if mode else (source, given)
    lead = u16(text) - u16(text.lstrip())
    text = text.strip()
    size = u16(text)
    kept: list[Json] = []
    for e in entities:
        start, end = max(e["offset"] - lead, 0), min(e["offset"] + e["length"] - lead, size)
        if end > start:
            kept.append({**e, "offset": start, "length": end - start})
    if size > limit:
        raise bad("message is too long" if key == "text" else "message caption is too long")
    return text, with_found(text, kept)
