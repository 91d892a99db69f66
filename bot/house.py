"""What dispatch, sender and scheduler share, and the Work they hand to the cogs."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapter import Adapter
from bot.clock import Clock
from bot.codes import Tries
from bot.cog import Work
from bot.due import Due
from bot.observe import Health
from bot.outbox import Outbox
from bot.registry import Registry
from bot.store import Store, Tx
from bot.texts import DECK, Texts
from bot.vault import Vault


@dataclass
class House:
    """One running Unsent. `operator` is who runs it; `adapters` are those of the platforms that are turned on.

    `deck` is the folder with the pieces of advice, `decks` are those that a community may choose instead, by name.
    """

    store: Store
    vault: Vault
    texts: Texts
    registry: Registry
    clock: Clock
    health: Health = field(default_factory=Health)
    dice: random.Random = field(default_factory=random.SystemRandom)
    adapters: dict[str, Adapter] = field(default_factory=dict[str, Adapter])
    operator: str = ""
    tries: Tries = field(default_factory=Tries)
    deck: Path = DECK
    decks: dict[str, Path] = field(default_factory=dict[str, Path])

    @property
    def all_decks(self) -> tuple[Path, ...]:
        """Every deck there is, each once, the usual one first."""
        return tuple(dict.fromkeys([self.deck, *self.decks.values()]))

    def work(self, tx: Tx) -> Work:
        """Return what a handler is given in the transaction `tx`."""
        now = self.clock.now()
        return Work(
            tx,
            self.vault,
            Outbox(tx, now),
            Due(tx),
            self.texts,
            now,
            self.dice,
            self.operator,
            self.deck,
            self.decks,
            self.registry.cogs,
            self.tries,
        )
