"""Settings: read from the environment and .env, and everything wrong with them named at once."""

import re
from pathlib import Path

import pytest

from bot import settings
from bot.errors import SetupError
from bot.settings import Settings, decks_in, load
from bot.vault import new_key

MEANT = "Ann (ann@example.org)"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"UNSENT_{name.upper()}", raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Set variables."""
    for name, value in values.items():
        monkeypatch.setenv(f"UNSENT_{name.upper()}", value)


def refused(*names: str) -> str:
    """Load, and see that exactly these variables are named as missing or wrong. Returns the message."""
    with pytest.raises(SetupError) as error:
        load()
    named = re.findall(r"^UNSENT_([A-Z_]+):", str(error.value), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in names)
    return str(error.value)


def test_nothing_has_to_be_set_for_the_preview() -> None:
    found = load()
    assert found.platforms == ("preview",)
    assert found.web_address == ("127.0.0.1", 8420)
    assert found.database == "sqlite+aiosqlite:///data/unsent.sqlite"


def test_the_names_that_are_promised_are_there() -> None:
    promised = """DISCORD_TOKEN DISCORD_API_URL DISCORD_GATEWAY_URL TELEGRAM_TOKEN TELEGRAM_API_URL OPERATOR
        DATABASE_URL DATA_DIR KEY KEY_FILE WEB LOG_LEVEL"""
    assert {name.lower() for name in promised.split()} <= set(Settings.model_fields)
    assert Settings.model_config["env_prefix"] == "UNSENT_"


def test_every_wrong_value_is_named_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    given(
        monkeypatch,
        web="here",
        database_url="postgresql://zuzu-name",
        key="zuzu-key",
        log_level="LOUD",
        log_format="xml",
        operator="x" * 201,
        web_open_to_anyone_who_can_connect="perhaps",
        discord_token="zuzu-token",
        telegram_webhook_url="https://example.org/hook",
    )
    text = refused(
        "web",
        "database_url",
        "key",
        "log_level",
        "log_format",
        "operator",
        "web_open_to_anyone_who_can_connect",
        "operator",
        "telegram_webhook_secret",
    )
    assert "zuzu" not in text


@pytest.mark.parametrize("name", ["database_url", "key", "web", "log_level", "log_format"])
def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given(monkeypatch, **{name: "zuzu:1"})
    assert "zuzu" not in refused(name)


def test_what_communities_set_up_for_themselves_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, coaches="nonsense", posts="nonsense", posts_hour="24", zone="Mars/Base")
    assert {"coaches", "posts", "posts_hour", "zone"}.isdisjoint(load().model_dump())


@pytest.mark.parametrize("web", ["0.0.0.0:8420", "[::]:8420", "192.168.1.5:80", "example.org:80"])
def test_the_preview_listens_on_this_machine_alone_unless_the_risk_is_taken(
    monkeypatch: pytest.MonkeyPatch, web: str
) -> None:
    given(monkeypatch, web=web)
    assert "UNSENT_WEB_OPEN_TO_ANYONE_WHO_CAN_CONNECT=true" in refused("web")
    given(monkeypatch, web_open_to_anyone_who_can_connect="true")
    assert load().web == web


@pytest.mark.parametrize(
    ("web", "address"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("[::1]:8420", ("::1", 8420)),
        ("localhost:80", ("localhost", 80)),
    ],
)
def test_loopback_has_three_names(monkeypatch: pytest.MonkeyPatch, web: str, address: tuple[str, int]) -> None:
    given(monkeypatch, web=web)
    assert load().web_address == address


@pytest.mark.parametrize("web", ["8420", ":8420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1"])
def test_an_address_is_host_and_port(monkeypatch: pytest.MonkeyPatch, web: str) -> None:
    given(monkeypatch, web=web)
    refused("web")


@pytest.mark.parametrize("platform", ["discord", "telegram"])
def test_no_platform_starts_without_who_is_responsible(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    given(monkeypatch, **{f"{platform}_token": "t"})
    refused("operator")
    given(monkeypatch, operator="  ")
    refused("operator")
    given(monkeypatch, operator=MEANT)
    assert load().platforms == (platform,)


def test_beyond_the_preview_any_address_may_be_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, web="0.0.0.0:8420", telegram_token="t", operator=MEANT)
    assert load().web_address == ("0.0.0.0", 8420)


def test_both_platforms_run_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, discord_token="d", telegram_token="t", operator=MEANT)
    assert load().platforms == ("discord", "telegram")


def test_a_webhook_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, telegram_token="t", operator=MEANT, telegram_webhook_url="https://example.org/hook")
    refused("telegram_webhook_secret")
    given(monkeypatch, telegram_webhook_secret="s")
    assert load().telegram_webhook_url == "https://example.org/hook"


def test_a_dotenv_file_is_read_and_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(
        f'UNSENT_OPERATOR="{MEANT}"\nUNSENT_LOG_FORMAT=json\nUNSENT_TELEGRAM_TOKEN=t\nOTHER=1\n'
    )
    assert (load().operator, load().log_format, load().platforms) == (MEANT, "json", ("telegram",))
    given(monkeypatch, log_format="human")
    assert load().log_format == "human"
    (tmp_path / ".env").write_text("UNSENT_WEB=nowhere\n")
    refused("web")


def test_a_deck_is_a_folder_that_says_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().deck is None
    given(monkeypatch, deck=str(tmp_path))
    assert "a deck is a folder with a deck.toml" in refused("deck")
    (tmp_path / "deck.toml").write_text("")
    assert load().deck == tmp_path


def test_a_folder_of_decks_has_a_folder_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().decks is None
    given(monkeypatch, decks=str(tmp_path))
    assert f"in {tmp_path} there is no such folder" in refused("decks")
    for name in ("harbour", "2nd-wind", "x" * 32, "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ("deck.toml" if name != "notes" else "a.txt")).write_text("")
    assert load().decks == tmp_path
    assert list(decks_in(tmp_path)) == ["2nd-wind", "harbour", "x" * 32]


@pytest.mark.parametrize("name", ["Harbour", "har bour", "har:bour", "-harbour", "x" * 33, "höhe", ".harbour"])
def test_a_deck_whose_name_no_button_could_carry_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "deck.toml").write_text("")
    given(monkeypatch, decks=str(tmp_path))
    assert f"at most 32 of a-z, 0-9 and -, the first of them no -, and {name} is not" in refused("decks")


def test_more_decks_than_a_menu_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, decks=str(tmp_path))
    for number in range(25):
        (tmp_path / f"deck-{number}").mkdir()
        (tmp_path / f"deck-{number}" / "deck.toml").write_text("")
    assert "24 decks fit into the menu of /setup" in refused("decks")
    (tmp_path / "deck-0" / "deck.toml").unlink()
    assert load().decks == tmp_path


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **dict.fromkeys(Settings.model_fields, ""))
    assert load() == Settings.model_construct(**{name: f.default for name, f in Settings.model_fields.items()})


def test_the_key_file_is_in_the_users_folder_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "user_config_path", lambda name: tmp_path / name)  # pyright: ignore
    assert load().key_path == tmp_path / "unsent" / "key"
    given(monkeypatch, key_file=str(tmp_path / "elsewhere"))
    assert load().key_path == tmp_path / "elsewhere"


def test_no_secret_shows_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("discord_token", "telegram_token", "telegram_webhook_secret")
    key = new_key()
    given(monkeypatch, operator=MEANT, key=key, **dict.fromkeys(secrets, "zuzu"))
    assert "zuzu" not in repr(load())
    assert key not in repr(load())


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_an_env_file_in_another_encoding_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("UNSENT_OPERATOR=Zoë".encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SetupError, match="save it anew, as UTF-8"):
        load()


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///x.sqlite", "postgresql://localhost/unsent"])
def test_a_database_that_is_not_supported_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("UNSENT_DATABASE_URL", url)
    with pytest.raises(SetupError, match="UNSENT_DATABASE_URL: write sqlite"):
        load()


def test_postgresql_without_its_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+asyncpg://localhost/unsent"
    monkeypatch.setenv("UNSENT_DATABASE_URL", url)
    assert load().database == url
    monkeypatch.setattr("bot.settings.find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"UNSENT_DATABASE_URL: .*unsent\[postgresql\]"):
        load()


def test_a_wrong_key_is_named_with_all_else_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSENT_KEY", "bm90IGEga2V5")
    monkeypatch.setenv("UNSENT_WEB", "here")
    with pytest.raises(SetupError, match="UNSENT_WEB") as error:
        load()
    assert "UNSENT_KEY: a key is 32 bytes" in str(error.value)
    assert "bm90" not in str(error.value)
