"""What can go wrong, told apart by who can mend it."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread on a phone


class UserError(Exception):
    """A person can mend this: `key` names a sentence in content/ that says how.

    `key` is looked up in the cog's own texts, or, written `space.key`, in another's. `values` fill the sentence and
    must hold nothing personal. `field` names the field of a form to ask for again.
    """

    def __init__(self, key: str, *, field: str | None = None, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.field = field
        self.values = values
        self.locale: str | None = None  # the language of whoever caused it, once known


class SetupError(Exception):
    """The operator can mend this: the text says what is wrong and what to do. Unsent does not start."""


class DeclarationError(Exception):
    """A cog breaks a rule or a platform's limit: the text names the cog and the limit. Unsent does not start."""


def reference() -> str:
    """Return eight characters that a person can read out and an operator can find in the log."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))
