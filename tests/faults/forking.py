"""Starts `unsent` again and again without importing it each time: for a line of JSON, a process.

Whoever wants some connects to the socket that is named when this is started. A line has `env`, `cwd`, `log`, `first`
(Python that is run before it) and `words` (what is typed after `unsent`). Its process's id is told at once, and how it
ended later. All ends with what started this.
"""

import importlib
import json
import os
import select
import signal
import socket
import sys
from functools import cache
from typing import Any, NoReturn

from bot import cli, registry, texts

PLATFORMS = ("bot.adapters.discord", "bot.adapters.telegram")


def becomes(wanted: dict[str, Any]) -> NoReturn:
    """Be `unsent`, with what it would have had from its start."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(wanted["env"])
    os.chdir(wanted["cwd"])
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    os.closerange(3, 64)
    status = 1
    try:
        exec(wanted["first"], {})  # a test's own
        sys.argv = ["unsent", *wanted["words"]]
        cli.main()
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException as error:  # noqa: BLE001 # as an interpreter would at its end
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def serves(line: socket.socket) -> None:
    """Start one process after the other for whoever has connected."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for asked in line.makefile():
        pid = os.fork()
        if pid == 0:
            becomes(json.loads(asked))
        line.sendall(f"{pid}\n".encode())
        line.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n".encode())


def main() -> None:
    """Listen until standard input ends."""
    for name in PLATFORMS:
        importlib.import_module(name)
    registry.discover()
    texts._bundle = cache(texts._bundle)  # pyright: ignore[reportPrivateUsage] # the words are parsed once, not each time
    texts.Texts()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([sys.stdin, listening], [], [])
            if sys.stdin in ready:
                return
            line, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                serves(line)
                os._exit(0)
            line.close()


if __name__ == "__main__":
    main()
