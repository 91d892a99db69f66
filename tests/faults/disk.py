"""A disk of a few megabytes that can be full to the last byte (ENOSPC): a tmpfs, which ends with whoever mounted it.

It is mounted where nobody else sees it, in a mount namespace of its own; without root's rights that takes a user
namespace as well. A process enters it before it is Unsent, and we look into it through /proc.
"""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

FILE = "unsent.sqlite"
BLOCK = b"\xff" * 4096
MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec cat'
ENTER = """
import ctypes, os
libc, here = ctypes.CDLL(None, use_errno=True), os.getcwd()
for kind in ("user", "mnt"):
    with open("/proc/{pid}/ns/" + kind) as theirs:
        if not os.path.sameopenfile(theirs.fileno(), os.open("/proc/self/ns/" + kind, os.O_RDONLY)):
            if libc.setns(theirs.fileno(), 0):
                raise OSError(ctypes.get_errno(), kind)
os.chdir(here)
"""


@dataclass(frozen=True)
class Disk:
    """`path` is where a process has it that has run `enter`, `seen` where we have it."""

    path: Path
    seen: Path
    enter: str

    def takes(self, folder: Path) -> None:
        """Copy the database there from a folder, in the place of what is there."""
        for each in self.seen.glob(f"{FILE}*"):
            each.unlink()
        for each in folder.glob(f"{FILE}*"):
            shutil.copy(each, self.seen)

    def gives(self, folder: Path) -> Path:
        """Copy the database to a folder, which is made, and return that."""
        folder.mkdir()
        for each in self.seen.glob(f"{FILE}*"):
            shutil.copy(each, folder)
        return folder

    def size(self, name: str) -> int:
        """Return the bytes of a file there, 0 where there is none."""
        file = self.seen / name
        return file.stat().st_size if file.exists() else 0

    @property
    def free(self) -> int:
        """Return the bytes that are left."""
        found = os.statvfs(self.seen)
        return found.f_bfree * found.f_bsize

    @contextmanager
    def full(self) -> Generator[None]:
        """Leave no room there, nor any that becomes free later, until this ends."""
        ballast = self.seen / "ballast"

        async def stays() -> None:
            while True:
                self._fill(ballast)
                await asyncio.sleep(0.01)

        self._fill(ballast)
        staying = asyncio.create_task(stays())
        try:
            yield
        finally:
            staying.cancel()
            ballast.unlink()

    def _fill(self, ballast: Path) -> None:
        with ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(BLOCK)


@asynccontextmanager
async def disk(folder: Path, megabytes: int = 8) -> AsyncGenerator[Disk]:
    """Give a disk that is mounted at a new folder in `folder`. The test is skipped where that may not be done."""
    if sys.platform != "linux":
        pytest.skip("mounts a disk as Linux does")
    if shutil.which("unshare") is None:
        pytest.skip("no disk can be mounted without the command unshare")
    path = folder / "disk"
    path.mkdir()
    also = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    words = ("--mount", "sh", "-c", MOUNT, "sh", f"{megabytes}m", str(path))
    holds = await asyncio.create_subprocess_exec("unshare", *also, *words, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    assert holds.stdin is not None
    assert holds.stdout is not None
    try:
        if await holds.stdout.readline() != b"mounted\n":
            pytest.skip("no disk can be mounted here: that takes root's rights, or user namespaces")
        yield Disk(path, Path(f"/proc/{holds.pid}/root{path}"), ENTER.format(pid=holds.pid))
    finally:
        holds.stdin.close()
        await holds.wait()
