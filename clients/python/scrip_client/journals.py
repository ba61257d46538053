"""A journal: a file to which lines are added, and which a program that was killed reads when it starts again."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

fcntl: Any
try:
    fcntl = importlib.import_module("fcntl")
except ImportError:  # pragma: no cover - Windows: that nobody else has the file is left to its user
    fcntl = None

Line = list[Any]
"""A word that says what happened, and what it happened to."""
LARGE: Final = 4_000_000
"""Bytes after which a journal is written anew, where little of it is still wanted."""


class JournalDamaged(ValueError):
    """A line of a journal before its last is none: something else has written to the file, or a disk lost it. What
    stands after it cannot be told; a person has to look."""


class JournalInUse(RuntimeError):
    """Another process, or another object of this one, has the journal."""


class Journal:
    """Lines in a file. A line is there once ``write`` returns: a process that is killed then loses nothing. A machine
    that loses its power keeps what was there when ``safe`` returned, if the journal is to ``fsync``.

    Attributes:
        lines: what the file had when it was opened. A last line that is torn is none: whoever wrote it did not go on.
    """

    def __init__(self, path: str | os.PathLike[str], *, fsync: bool) -> None:
        """Opens the file, or makes it, and holds it alone.

        Raises:
            JournalInUse: somebody else has it.
            JournalDamaged: it cannot be read.
        """
        self._path, self._fsync = Path(path), fsync
        self._file = _held(self._path)
        try:
            raw = self._path.read_bytes()
            self.lines, self._size = read(raw)
            os.ftruncate(self._file, self._size)
        except BaseException:
            os.close(self._file)
            raise
        self._written = self._kept = 0
        self._keeping: asyncio.Future[None] | None = None

    @property
    def is_large(self) -> bool:
        """Whether it is time to write it anew."""
        return self._size > LARGE

    def write(self, *line: Any) -> None:
        """Adds a line."""
        self._add(_bytes(line))

    async def safe(self) -> None:
        """Waits until what was written is on the disk, where that is wanted. Who waits together waits for one
        ``fsync``."""
        if not self._fsync:
            return
        wanted = self._written
        while self._kept < wanted:
            if self._keeping is None:
                self._keeping = asyncio.ensure_future(self._keep())
            await asyncio.shield(self._keeping)

    def rewrite(self, lines: Iterable[Line]) -> None:
        """Puts other lines in the place of all: a file beside it is written first, and then takes its name."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        file = _held(fresh)
        before, self._file, self._size = self._file, file, 0
        self._add(b"".join(map(_bytes, lines)))
        if self._fsync:
            os.fsync(file)
        fresh.replace(self._path)
        if self._fsync:
            _sync_directory(self._path.parent)
        os.close(before)

    def close(self) -> None:
        """Lets go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _add(self, raw: bytes) -> None:
        rest = memoryview(raw)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self._size)  # the disk is full: half a line would end the journal here
            raise
        self._size += len(raw)
        self._written += 1

    async def _keep(self) -> None:
        wanted = self._written
        # The number may become another file's while the disk is at work.
        file = os.dup(self._file)
        try:
            await asyncio.get_running_loop().run_in_executor(None, os.fsync, file)
            self._kept = max(self._kept, wanted)
        finally:
            os.close(file)
            self._keeping = None


def read(raw: bytes) -> tuple[list[Line], int]:
    """Returns a journal's lines, and how many bytes they take. A last line that is torn is left out.

    Raises:
        JournalDamaged: a line before the last cannot be read.
    """
    lines: list[Line] = []
    end = 0
    while (after := raw.find(b"\n", end) + 1) > 0:
        line = _line(raw[end : after - 1])
        if line is None:
            if raw[after:].strip(b"\0\n"):
                raise JournalDamaged(f"line {len(lines) + 1} is damaged, and others follow it")
            break
        lines.append(line)
        end = after
    return lines, end


def _bytes(line: Iterable[Any]) -> bytes:
    said = json.dumps(list(line), separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %s\n" % (zlib.crc32(said), said)


def _line(raw: bytes) -> Line | None:
    sum_, _, said = raw.partition(b" ")
    try:
        if int(sum_, 16) != zlib.crc32(said):
            return None
        found = json.loads(said)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _held(path: Path) -> int:
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            if fcntl is None:  # pragma: no cover
                return file
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(os.fstat(file), path.stat()):
                return file
        except BlockingIOError:
            os.close(file)
            raise JournalInUse(
                f"{path}: another process has this journal open: give each a file of its own"
            ) from None
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # It was written anew between the two: the file of this name is another now.


def _sync_directory(path: Path) -> None:
    if os.name == "posix":
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
