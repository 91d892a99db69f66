"""Starts `unsent run` again and again without importing it each time: for a line of JSON, a process.

A line has `env`, `cwd`, `log`, `first` and `options`. Its process's id is printed at once, and how it ended later.
"""

import importlib
import json
import os
import sys
from functools import cache
from typing import Any, NoReturn

from bot import cli, registry, texts

PLATFORMS = ("bot.adapters.discord", "bot.adapters.telegram")


def becomes(wanted: dict[str, Any]) -> NoReturn:
    """Be `unsent run`, with what it would have had from its start."""
    os.environ.clear()
    os.environ.update(wanted["env"])
    os.chdir(wanted["cwd"])
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    exec(wanted["first"], {})  # a test's own
    sys.argv = ["unsent", "run", *wanted["options"]]
    status = 1
    try:
        cli.main()
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException as error:  # noqa: BLE001 # as an interpreter would at its end
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stderr.flush()
        os._exit(status)


def tell(number: int) -> None:
    """Say a number to whoever asked."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    """Start one for each line, and wait until it has ended."""
    for name in PLATFORMS:
        importlib.import_module(name)
    registry.discover()
    texts._bundle = cache(texts._bundle)  # pyright: ignore[reportPrivateUsage] # the words are parsed once, not each time
    texts.Texts()
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            becomes(wanted)
        tell(pid)
        tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()
