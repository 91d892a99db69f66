"""What came of a call to Telegram, read from what it raised. Pure."""

from datetime import timedelta

from bot.adapter import Gone, Moved, Outcome, Refused, Retry, Stop, Unknown, Unreachable
from bot.adapters.telegram.limits import Limited
from bot.adapters.telegram.request import NotSent, Rejected
from bot.model import Place

PAUSE = timedelta(seconds=5)
DEFAULT_LIMIT = 5  # seconds, for a 429 that does not say how long
GONE = (
    "message to edit not found",
    "message thread not found",
    "message_id_invalid",
    "topic_id_invalid",
    "topic_deleted",
)
NO_CHAT = ("chat not found", "chat was deactivated", "chat was deleted", "was kicked", "is not a member")
WHY = (
    ("topic_closed", "topic-closed", True),
    ("not a forum", "not-a-forum", True),
    ("can't be deleted", "cannot-be-deleted", False),
    ("can't be edited", "cannot-be-edited", False),
    ("no text in the message to edit", "no-text-to-edit", False),
    ("rights", "no-rights", True),
    ("_forbidden", "no-rights", True),  # CHAT_WRITE_FORBIDDEN, CHAT_SEND_PHOTOS_FORBIDDEN and their like
    ("chat_restricted", "no-rights", True),
    ("chat_admin_required", "no-rights", True),
)
"""Telegram has no codes for these; its own words may quote what was sent, so each gets one of ours, and whether it is
about the place.
"""


def outcome(error: Exception, place: Place, *, again: bool) -> Outcome:
    """Return what `error` says of something done in `place`; `again` where doing it twice does no harm."""
    if isinstance(error, Limited):
        return Retry(error.after, error.scope, limited=True)
    if isinstance(error, Rejected):
        return _refusal(error, place)
    if again or isinstance(error, NotSent):
        return Retry(PAUSE, "platform")
    return Unknown()


def is_done(error: Rejected) -> bool:
    """Tell whether Telegram refused only because all is already as it was to be."""
    return "message is not modified" in error.description or "message to delete not found" in error.description


def _refusal(error: Rejected, place: Place) -> Outcome:
    if error.moved_to is not None:
        return Moved(Place(place.platform, str(error.moved_to), place.thread))
    match error.code:
        case 429:
            wait = timedelta(seconds=error.retry_after or DEFAULT_LIMIT)
            return Retry(wait, "platform" if place.private else "place", limited=True)
        case 401 | 404:
            return Stop(str(error.code))
        case 403 if place.private:
            return Unreachable()
        case 400 | 403 if _says(error, NO_CHAT):
            return Unreachable() if place.private else Gone()
        case 400 if _says(error, GONE):
            return Gone()
        case code if code >= 500:
            return Retry(PAUSE, "platform")
        case code:
            why, here = next(((why, here) for words, why, here in WHY if words in error.description), ("", False))
            return Refused(f"{code} {why}".strip(), here or code == 403)


def _says(error: Rejected, any_of: tuple[str, ...]) -> bool:
    return any(words in error.description for words in any_of)
