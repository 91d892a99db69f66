"""The words, from content/<locale>/*.ftl (Project Fluent). A file is a space: streaks.ftl has that cog's words."""

from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from babel.dates import format_date
from fluent.runtime import FluentBundle, resolver
from fluent.runtime.types import FluentType
from fluent.syntax import FluentParser, ast

from bot.errors import DeclarationError

CONTENT = Path(__file__).parent.parent / "content"
DEFAULT = "en"
DECK = CONTENT / DEFAULT / "advice"  # the one that comes with Unsent

# A value in a text may be as long as a message: Fluent's own limit, against texts that grow without end, is lower.
resolver.MAX_PART_LENGTH = 10_000

Speaker = Callable[..., str]


class Texts:
    """All that is said, in every locale there is. English has every sentence; another locale may lack some."""

    def __init__(self, folder: Path = CONTENT) -> None:
        self._bundles = {
            (locale.name, file.stem): _bundle(locale.name, file)
            for locale in sorted(folder.iterdir())
            for file in sorted(locale.glob("*.ftl"))
        }
        self.locales = tuple(sorted({locale for locale, _ in self._bundles}))
        self._always = cache(self._say)  # of what takes no value there is as much as there are texts

    def locale(self, wanted: str | None) -> str:
        """Return the locale to speak for a wanted one ("pt-BR", "pt", None): the nearest there is, else English."""
        if wanted:
            for candidate in (wanted, wanted.partition("-")[0].partition("_")[0]):
                if candidate in self.locales:
                    return candidate
        return DEFAULT

    def say(self, locale: str | None, space: str, key: str, /, **values: str | int) -> str:
        """Return the text `key` of `space`; `key` may name another's, "space.key", or an attribute, "key@name".

        Raises KeyError where not even English has it, and ValueError where a value it needs is not given.
        """
        locale = self.locale(locale)
        return self._say(locale, space, key, **values) if values else self._always(locale, space, key)

    def _say(self, locale: str, space: str, key: str, /, **values: str | int) -> str:
        space, _, key = key.rpartition(".") if "." in key else (space, "", key)
        key, _, attribute = key.partition("@")
        for candidate in dict.fromkeys((locale, DEFAULT)):
            bundle = self._bundles.get((candidate, space))
            if bundle is None or not bundle.has_message(key):
                continue
            message = bundle.get_message(key)
            pattern = message.attributes.get(attribute) if attribute else message.value
            if pattern is not None:
                text, errors = bundle.format_pattern(pattern, cast("dict[str, FluentType]", values))
                if errors:
                    raise ValueError(f"{space}.{key}: {errors[0]!r}")
                return str(text)
        raise KeyError(f"no text {space}.{key}{'@' + attribute if attribute else ''}")

    def date(self, locale: str | None, day: date, pattern: str) -> str:
        """Return a day as it is written there, by a pattern of CLDR's ("EEEE, d MMMM")."""
        return _written(self.locale(locale), day, pattern)

    def has(self, space: str, key: str) -> bool:
        """Tell whether English has this text."""
        try:
            self.say(DEFAULT, space, key)
        except KeyError:
            return False
        except ValueError:
            pass
        return True

    def speaker(self, locale: str | None, space: str) -> Speaker:
        """Return `say` for one locale and one cog's words."""

        def speak(key: str, **values: str | int) -> str:
            return self.say(locale, space, key, **values)

        return speak


@lru_cache(maxsize=1024)
def _written(locale: str, day: date, pattern: str) -> str:
    return format_date(day, pattern, locale=locale)


def _bundle(locale: str, file: Path) -> FluentBundle:
    """Read one file. Raises DeclarationError, with what could not be read: Fluent itself would pass over it."""
    resource = FluentParser().parse(file.read_text(encoding="utf-8"))
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            raise DeclarationError(f"{file}: this is not Fluent: {entry.content}")
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(resource, allow_overrides=False)
    return bundle
