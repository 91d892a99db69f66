"""Discord's rate limits: buckets that empty, and the headers that tell of them."""

import zlib

from tests.platforms.discord.objects import Json


class Rates:
    """`per_second` calls in all, and so many messages in so many seconds in each channel; None: no limit."""

    def __init__(self, per_second: int | None, per_channel: tuple[int, float] | None) -> None:
        self.per_second, self.per_channel = per_second, per_channel
        self._buckets: dict[str, tuple[float, int]] = {}

    def limited(
        self, method: str, template: str, path: str, now: float, headers: dict[str, str], *, free: bool
    ) -> Json | None:
        """Count a call, put the state of its bucket in `headers`; returns the body of a 429 if it is one too many.

        `free` calls do not count for the limit over all.
        """
        limit = self.per_channel if (method, template) == ("POST", "/channels/#/messages") else None
        most, window = limit or (1000, 1.0)
        until, used = self._count(path if limit else f"{method} {template}", now, window)
        # Without a limit the client must never come to think that it has to wait.
        remaining = max(most - used, 0) if limit else most - 1
        headers |= {
            "X-RateLimit-Limit": str(most), "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": f"{until:.3f}", "X-RateLimit-Reset-After": f"{until - now:.3f}",
            "X-RateLimit-Bucket": f"{zlib.crc32(f'{method} {template}'.encode()):032x}",
        }  # fmt: skip
        everywhere = False
        if self.per_second and not free:
            end, count = self._count("global", now, 1.0)
            if everywhere := count > self.per_second:
                until = end
        if not everywhere and not (limit and used > most):
            return None
        wait = round(max(until - now, 0.001), 3)
        headers |= {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": "global" if everywhere else "user"}
        headers |= {"X-RateLimit-Global": "true"} if everywhere else {}
        return {"message": "You are being rate limited.", "code": 0, "retry_after": wait, "global": everywhere}

    def _count(self, key: str, now: float, window: float) -> tuple[float, int]:
        """Count one more in a bucket; returns when it empties and how many it has had."""
        until, used = self._buckets.get(key, (0.0, 0))
        self._buckets[key] = (until, used + 1) if now < until else (now + window, 1)
        return self._buckets[key]
