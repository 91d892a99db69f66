"""Checks what passes on the wire against the platforms' machine-readable specifications.

The checker and the specifications live beside the repository, in `$UNSENT_SHARED` or `../shared`. Where they are
absent every check answers "nothing to complain of", and `available()` says so: a test that leans on them skips.
"""

import functools
import importlib.util
import os
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

FORUM, MEDIA = 15, 16
_BESIDE = Path(__file__).resolve().parents[3] / "shared"


@functools.cache
def _tool() -> ModuleType | None:
    path = Path(os.environ.get("UNSENT_SHARED") or _BESIDE) / "tools" / "conformance.py"
    spec = importlib.util.spec_from_file_location("shared_conformance", path)
    if not path.is_file() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        # It leaves the files of the specifications to be closed by the collector: have it read them here.
        warnings.simplefilter("ignore", ResourceWarning)
        module._oa()
        module._tg()
    return module


def available() -> bool:
    """Whether the checker is there."""
    return _tool() is not None


def discord(method: str, path: str, body: Any, status: int, answer: Any) -> list[str]:
    """Check one REST call: `body` is the JSON sent (None for none), `answer` the JSON got (None for none).

    Returns one line for each complaint, naming the call.
    """
    tool = _tool()
    if tool is None:
        return []
    called = f"{method} {path}"
    # A refused request is allowed to be wrong: that is what the refusal says.
    asked = tool.discord_request(method, path, _without_media(_numbered_files(body))) if status < 400 else []
    got = tool.discord_response(method, path, status, _without_media(answer)) if status < 500 else []
    return [f"{called}: sent {line}" for line in asked] + [f"{called}: answered {status} {line}" for line in got]


def _numbered_files(body: Any) -> Any:
    """The same with each attachment's id as text: discord.py numbers new files with integers, which Discord takes."""
    if not isinstance(body, dict):
        return body
    out: dict[str, Any] = {k: _numbered_files(v) for k, v in body.items()}
    if out.get("attachments"):
        out["attachments"] = [a | {"id": str(a["id"])} for a in out["attachments"]]
    return out


def _without_media(value: Any, key: str = "") -> Any:
    """The same without media channels: Discord's documentation has their type, its specification does not yet."""
    if isinstance(value, dict):
        return {k: _without_media(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_media(v) for v in value if (key, v) != ("channel_types", MEDIA)]
    return FORUM if (key, value) == ("type", MEDIA) else value


def telegram(method: str, params: dict[str, Any], result_type: str | None, result: Any) -> list[str]:
    """Check one Bot API call: `params` as they came (form strings or JSON values), `result` against `result_type`.

    `result_type` is a Bot API type ("Message", "Array of Update", "Integer"), or None where the result is True.
    Returns one line for each complaint, naming the call.
    """
    tool = _tool()
    if tool is None:
        return []
    wrong: list[str] = tool.telegram_request(method, params)
    out = [f"{method}: sent {line}" for line in wrong]
    if result_type is None:
        return out if result is True else [*out, f"{method}: answered {result!r:.60}, not True"]
    answered: list[str] = []
    # The checker's walk over "Array of ..." and plain types has no public name.
    tool._type(result_type, result, result_type, answered, False)
    return out + [f"{method}: answered {line}" for line in answered]
