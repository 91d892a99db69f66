"""Settings, from the environment and a .env file, prefix UNSENT_. docs/running.md says what each does."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_config_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SetupError
from bot.vault import parse_keys

DECK_FILE = "deck.toml"
DECK_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")  # with a community's id it goes through the 64 bytes of a button
DECKS = 24  # a menu holds 25, and the one that is usual is among them
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("write host:port, for example 127.0.0.1:8420")
    return text


def _database(url: str) -> str:
    try:
        driver = make_url(url).drivername
    except ArgumentError:
        driver = ""
    if driver not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise ValueError(
            "write sqlite+aiosqlite:///folder/file.sqlite or postgresql+asyncpg://user:password@host/database"
        )
    if driver == "postgresql+asyncpg" and find_spec("asyncpg") is None:
        raise ValueError("PostgreSQL needs its driver: pip install 'unsent[postgresql]'")
    return url


def _deck(folder: Path) -> Path:
    if not (folder / DECK_FILE).is_file():
        raise ValueError(f"a deck is a folder with a {DECK_FILE}, and there is none at {folder}")
    return folder


def decks_in(folder: Path) -> dict[str, Path]:
    """Return the decks in a folder, by the name of theirs: each folder in it that has a deck.toml."""
    return {file.parent.name: file.parent for file in sorted(folder.glob(f"*/{DECK_FILE}"))}


def _decks(folder: Path) -> Path:
    found = decks_in(folder)
    if not found:
        raise ValueError(f"a deck is a folder with a {DECK_FILE}, and in {folder} there is no such folder")
    if odd := [name for name in found if not DECK_NAME.fullmatch(name)]:
        raise ValueError(
            f"a deck's folder is named with at most 32 of a-z, 0-9 and -, the first of them no -, and {odd[0]} is not"
        )
    if len(found) > DECKS:
        raise ValueError(f"{DECKS} decks fit into the menu of /setup, and in {folder} there are {len(found)}")
    return folder


def _key(key: SecretStr) -> SecretStr:
    try:
        parse_keys(key.get_secret_value())
    except SetupError:
        raise ValueError("a key is 32 bytes in base64; several have white space between them") from None
    return key


class Settings(BaseSettings):
    """Everything an operator can set. A value that is wrong is named together with all others that are."""

    model_config = SettingsConfigDict(
        env_prefix="UNSENT_", env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    operator: str = Field("", max_length=200, description="Who is responsible, and how to reach them: one line.")
    discord_token: SecretStr | None = Field(None, description="Turns Discord on.")
    discord_api_url: str = Field("https://discord.com/api/v10", description="Where Discord's API is, with its version.")
    discord_gateway_url: str | None = Field(None, description="Where Discord's gateway is; normally Discord says.")
    telegram_token: SecretStr | None = Field(None, description="Turns Telegram on.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Where the Bot API is, without /bot.")
    telegram_webhook_url: str | None = Field(None, description="Public address for updates; without it Unsent polls.")
    telegram_webhook_secret: SecretStr | None = Field(None, description="What Telegram must show with each update.")
    telegram_rate: int = Field(
        30, ge=1, le=1000, description="Messages a second at most; of more than 30 Telegram charges each, in Stars."
    )
    database_url: Annotated[str, AfterValidator(_database)] | None = Field(
        None, description="Default: SQLite in the data folder."
    )
    data_dir: Path = Field(Path("data"), description="Where the database is kept.")
    key: Annotated[SecretStr, AfterValidator(_key)] | None = Field(
        None, description="The key ring itself, in base64; before the key file."
    )
    key_file: Path | None = Field(None, description="Where the key ring is; default: the user's config folder.")
    deck: Annotated[Path, AfterValidator(_deck)] | None = Field(
        None, description="Another deck of advice than the one that comes with Unsent: a folder with a deck.toml."
    )
    decks: Annotated[Path, AfterValidator(_decks)] | None = Field(
        None, description="More decks, of which a community may choose one in /setup: a folder with a folder for each."
    )
    web: Annotated[str, AfterValidator(_address)] = Field(
        "127.0.0.1:8420", description="host:port of the page, health and metrics."
    )
    web_open_to_anyone_who_can_connect: bool = Field(
        False, description="Let the preview page listen beyond this machine: whoever reaches it can be anybody in it."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    log_format: Literal["human", "json"] = Field("human", description="For people to read, or JSON lines.")

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that are turned on; without any, the preview page is."""
        found = {"discord": self.discord_token, "telegram": self.telegram_token}
        return tuple(name for name, token in found.items() if token) or ("preview",)

    @property
    def database(self) -> str:
        """The address of the database, for SQLAlchemy."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'unsent.sqlite'}"

    @property
    def key_path(self) -> Path:
        """Where the key ring is, when it is in a file."""
        return self.key_file or user_config_path("unsent") / "key"

    @property
    def web_address(self) -> tuple[str, int]:
        """Host and port of the page, health and metrics."""
        host, _, port = self.web.rpartition(":")
        return host.strip("[]"), int(port)


def load() -> Settings:
    """Return the settings. Raises SetupError that names everything missing or wrong, and how to mend it."""
    wrong: list[str] = []
    try:
        settings = Settings()  # pyright: ignore[reportCallIssue] # every field comes from the environment
    except UnicodeDecodeError:
        raise SetupError("The file .env is not text in UTF-8: save it anew, as UTF-8.") from None
    except ValidationError as error:
        named = {
            str(item["loc"][0]): item["msg"].removeprefix("Value error, ") for item in error.errors(include_input=False)
        }
        wrong = [f"UNSENT_{name.upper()}: {why}" for name, why in named.items()]
        settings = Settings(**{name: Settings.model_fields[name].default for name in named})  # what else is wrong?
    if settings.platforms != ("preview",) and not settings.operator.strip():
        wrong.append("UNSENT_OPERATOR: say in one line who is responsible and how to reach them; members see it first")
    if settings.telegram_webhook_url and not settings.telegram_webhook_secret:
        wrong.append("UNSENT_TELEGRAM_WEBHOOK_SECRET: needed with UNSENT_TELEGRAM_WEBHOOK_URL")
    if (
        "preview" in settings.platforms
        and settings.web_address[0] not in LOOPBACK
        and not settings.web_open_to_anyone_who_can_connect
    ):
        wrong.append(
            "UNSENT_WEB: the preview page lets its visitor be anybody, so it listens on this machine alone. Use "
            "127.0.0.1:8420, or accept the risk with UNSENT_WEB_OPEN_TO_ANYONE_WHO_CAN_CONNECT=true"
        )
    if wrong:
        raise SetupError("\n".join(["These settings are missing or wrong:", *wrong]))
    return settings
