"""Workspaces: SQL over objects of the archive, by DuckDB in this process.

Objects are brought into a folder and read there. DuckDB itself fetches nothing: it loads no extension and asks no
network. Several processes may have one folder: each has a place of its own in it for what it writes.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from scrip.store.archive import Archive

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE: Final = 8
"""Objects that are brought side by side: one alone does not use what a function may receive."""
KEPT_BYTES: Final = 2 * 1024**3
"""Bytes of objects that stay for the next request of this process."""
THREADS: Final = 2
MEMORY: Final = "1200MB"
"""What DuckDB may use before it writes to the folder: the function has 2 GB."""
FETCHED: Final = 1000
"""Rows that are taken from DuckDB at a time."""
AND_MORE: Final = " UNION ALL BY NAME"
"""Stands between a query's text and another one that has the same columns."""
AGAIN_SECONDS: Final = 0.05
"""How soon a statement is interrupted once more: one that had not begun yet would not notice."""
PARQUET: Final = "FORMAT parquet, COMPRESSION zstd"
LINES: Final = "FORMAT json, COMPRESSION gzip"
Row = tuple[Any, ...]
Query = Sequence[str]
"""Statements that are run one after the other."""


class OutOfTime(Exception):
    """What was asked takes longer than whoever asks waits."""


class Workspace:
    """A DuckDB database in memory, and a folder with objects that were brought for it. Use ``with``.

    After ``seconds`` whatever is asked of it raises ``OutOfTime``, and so does what it is at; None: it takes its time.
    """

    def __init__(self, archive: Archive, folder: Path, seconds: float | None = None) -> None:
        self.archive, self.folder = archive, folder
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._closed = threading.Event()
        self._files = folder / "objects"
        self._files.mkdir(parents=True, exist_ok=True)
        self._free_room()
        self.spill = folder / "spill" / str(os.getpid())
        self._empty_spill()

    @cached_property
    def sql(self) -> DuckDBPyConnection:
        """Opens the database when something is asked of it: that takes as long as many a small report."""
        return connect(self.spill)

    def __enter__(self) -> Self:
        if self._ends is not None:
            threading.Thread(target=self._watch, args=(self._ends,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if "sql" in self.__dict__:
            self.sql.close()
        self._empty_spill()

    def bring(self, keys: Iterable[str]) -> list[str]:
        """Brings objects, those that are not here yet. Returns the paths of their files, in the order of the keys.

        An object never changes under its key.

        Raises:
            Unavailable: the archive does not answer, or has no such object.
            OutOfTime: the time is up.
        """
        self._check()
        paths = {key: self._path(key) for key in keys}
        lacking = [key for key, path in paths.items() if not _touched(path)]

        def fetch(key: str) -> None:
            part = paths[key].with_suffix(f".{os.getpid()}.part")
            self.archive.fetch(key, part)
            part.rename(paths[key])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(fetch, lacking):
                pass
        return [str(path) for path in paths.values()]

    def union(self, keys: Iterable[str], columns: str = "*") -> str:
        """Brings objects; returns the text of a query over them, to be continued by another. Of none it is empty."""
        paths = self.bring(keys)
        # Paths are our own: names of hexadecimal digits in a folder of ours.
        return f"SELECT {columns} FROM read_parquet({paths!r}){AND_MORE}" if paths else ""  # noqa: S608

    def run(self, query: Query, **values: Any) -> None:
        """Runs each statement of a query; a statement is given those of the values that it names.

        Raises:
            OutOfTime: the time is up.
        """
        for statement in query:
            with self._in_time():
                self.sql.execute(statement, _named(statement, values))

    def rows(self, query: Query, **values: Any) -> list[Row]:
        """Runs a query and returns all rows of its last statement."""
        self.run(query, **values)
        with self._in_time():
            return self.sql.fetchall()

    def each(self, query: Query, **values: Any) -> Iterator[Row]:
        """Yields the rows of a query's last statement, some at a time."""
        self.run(query, **values)
        while rows := self._fetched():
            yield from rows

    def one(self, query: Query, **values: Any) -> Any:
        """Runs a query and returns the first value of its first row; None where there is none."""
        found = self.rows(query, **values)
        return found[0][0] if found else None

    def write(self, query: Query, path: Path, form: str = PARQUET, **values: Any) -> int:
        """Writes what a query gives into a file, in a form of DuckDB. Returns how many rows."""
        *before, last = query
        self.run(before, **values)
        self.run([f"COPY ({last}) TO '{path}' ({form})"], **values)
        written: Any = self.sql.fetchone()
        return int(written[0])

    def file(self, name: str) -> Path:
        """Returns the path of a file of this name in the folder, for what is to be written."""
        self.spill.mkdir(parents=True, exist_ok=True)
        return self.spill / name

    def _fetched(self) -> list[Row]:
        with self._in_time():
            return self.sql.fetchmany(FETCHED)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Raises ``OutOfTime`` where the time is up before, or while something is asked of the database."""
        self._check()
        try:
            yield
        except Exception as error:
            if self._over and type(error).__name__ == "InterruptException":
                raise OutOfTime from error
            raise

    @property
    def _over(self) -> bool:
        return self._ends is not None and time.monotonic() >= self._ends

    def _check(self) -> None:
        if self._over:
            raise OutOfTime

    def _watch(self, ends: float) -> None:
        """Interrupts what the database is at once the time is up, until nothing is asked of it any more."""
        self._closed.wait(ends - time.monotonic())
        while not self._closed.is_set():
            if "sql" in self.__dict__:
                with suppress(Exception):  # it may be closed at this moment
                    self.sql.interrupt()
            self._closed.wait(AGAIN_SECONDS)

    def _empty_spill(self) -> None:
        """Deletes what this process wrote, and what others did that are gone; those that run have theirs."""
        if not self.spill.parent.exists():
            return
        for path in self.spill.parent.iterdir():
            if path == self.spill or not _runs(int(path.name)):
                shutil.rmtree(path, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self._files / (sha256(key.encode()).hexdigest() + "".join(Path(key).suffixes[-2:]))

    def _free_room(self) -> None:
        """Deletes objects that were not asked for lately, until the others are no more than may stay."""
        found: list[tuple[float, int, Path]] = []
        for path in self._files.iterdir():
            with suppress(FileNotFoundError):  # another process may free room too
                known = path.stat()
                found.append((known.st_mtime, known.st_size, path))
        total = 0
        for _, size, path in sorted(found, reverse=True):
            total += size
            if total > KEPT_BYTES:
                path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Tells whether a process of this id runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _touched(path: Path) -> bool:
    """Tells whether a file is there, and notes that it was asked for."""
    if not path.exists():
        return False
    path.touch()
    return True


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@cache
def queries(name: str) -> dict[str, Query]:
    """Reads the queries of a file beside this one, by the names that ``-- name:`` gives them in it."""
    found: dict[str, Query] = {}
    for part in (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").split("-- name: ")[1:]:
        title, _, text = part.partition("\n")
        lines = [line for line in text.splitlines() if not line.startswith("--")]
        found[title.strip()] = [one for one in map(str.strip, "\n".join(lines).split(";")) if one]
    return found


def filled(query: Query, texts: Mapping[str, str]) -> Query:
    """Returns a query with texts in the place of their names in braces."""
    found = []
    for statement in query:
        for name, text in texts.items():
            statement = statement.replace("{" + name + "}", text)
        found.append(statement)
    return found


def _named(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    """Returns those of the values that a statement names with a dollar before them."""
    return {name: value for name, value in values.items() if re.search(rf"\${name}\b", statement)}


def connect(spill: Path) -> DuckDBPyConnection:
    """Opens a database in memory that fetches nothing; ``spill`` is the folder that it may use."""
    # Imported where it is used: no other function has its layer.
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": str(spill),
            "memory_limit": MEMORY,
            "threads": str(THREADS),
            "preserve_insertion_order": "true",
        },
    )
