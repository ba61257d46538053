"""A process that holds what tests import from elsewhere: ``python -m mutation.warm``, each run of tests a fork of it.

To start Python and to import the libraries takes longer than most tests. What the project itself holds is imported by
each run, for it is what changes. What is imported from elsewhere is learned from the runs before.

Asked in lines of JSON, ``{"arguments": of pytest, "seconds": at the most}``, it answers each with pytest's status, or
with ``null`` where the run took longer and was ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

import pytest

TOLD: Final = "told.txt"
"""What the last run printed, in the folder where the process runs."""
_LEARNED: Final = Path("imported.txt")
_ELSEWHERE: Final = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
_BROKEN: Final = 3
"""Pytest's own status of an error that is not a test's."""


class Warm:
    """The process, from outside."""

    def __init__(self, place: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mutation.warm"],
            cwd=place,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str], seconds: float) -> int | None:
        """Returns pytest's status of a run; ``None`` where it took longer than ``seconds``."""
        asks, answers = self._process.stdin, self._process.stdout
        assert asks
        assert answers
        asks.write(json.dumps({"arguments": arguments, "seconds": seconds}) + "\n")
        asks.flush()
        status: int | None = json.loads(answers.readline())
        return status

    def end(self) -> None:
        """Ends the process."""
        self._process.communicate()


def main() -> None:
    """Answers what it is asked until nothing more comes."""
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_run(asked["arguments"], asked["seconds"])), flush=True)
        _learn()


def _run(arguments: Sequence[str], seconds: float) -> int | None:
    """Runs pytest in a fork. Its end is known by that of a pipe, the asker's by that of the input."""
    ends, held = os.pipe()
    pid = os.fork()
    if not pid:
        _tests(arguments)
    os.close(held)
    ready, _, _ = select.select([ends, sys.stdin], [], [], seconds)
    late = ends not in ready
    if late:
        os.killpg(pid, signal.SIGKILL)
    os.close(ends)
    _, status = os.waitpid(pid, 0)
    return None if late else os.waitstatus_to_exitcode(status)


def _tests(arguments: Sequence[str]) -> NoReturn:
    status = _BROKEN
    try:
        os.setsid()
        out = os.open(TOLD, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for old, new in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (out, 2)):
            os.dup2(old, new)
        status = int(pytest.main([*arguments]))
        _LEARNED.write_text("\n".join(_imported()), encoding="utf-8")
    finally:
        sys.stdout.flush()
        os._exit(status)


def _imported() -> Iterator[str]:
    for name, module in sys.modules.items():
        if name != "__main__" and (getattr(module, "__file__", None) or "").startswith(_ELSEWHERE):
            yield name


def _learn() -> None:
    """Imports what the last run imported from elsewhere."""
    if _LEARNED.exists():
        for name in _LEARNED.read_text(encoding="utf-8").splitlines():
            if name not in sys.modules:
                with suppress(Exception):
                    importlib.import_module(name)
        gc.collect()
        gc.freeze()


if __name__ == "__main__":
    main()
