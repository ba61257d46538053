"""What came of changes that were tried: a line of JSON each, added at once. A run that is cut loses none.

A change that was noticed is not tried again while its file is the same. One that was not is: tests may have come.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from mutation.changes import Change


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one change.

    Attributes:
        change: as it is shown to people.
        digest: of its file, without the change.
        noticed: the test that failed first; ``None`` where none did.
        tests: how many ran.
        seconds: how long that took.
    """

    seed: int
    room: str
    change: str
    digest: str
    noticed: str | None
    tests: int
    seconds: float

    def __str__(self) -> str:
        told = f"noticed by {self.noticed}" if self.noticed else "NOT NOTICED"
        return f"{self.change}: {told} ({self.tests} tests, {self.seconds:.0f} s)"


class Results:
    """The file of results."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        told = [Result(**json.loads(line)) for line in lines]
        self._noticed = {(result.change, result.digest): result for result in told if result.noticed}
        self._noticing: dict[str, dict[str, None]] = {}
        for result in told:
            self._remember(result)

    def noticed(self, shown: str, digest: str) -> Result | None:
        """Returns what is known of a change that was noticed."""
        return self._noticed.get((shown, digest))

    def noticing(self, path: str) -> list[str]:
        """Returns the tests that noticed changes of a file, the last first."""
        return [*reversed(self._noticing.get(path, {}))]

    def add(self, result: Result) -> None:
        """Adds a result."""
        self._remember(result)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")

    def _remember(self, result: Result) -> None:
        if result.noticed:
            tests = self._noticing.setdefault(result.change.partition(":")[0], {})
            tests.pop(result.noticed, None)
            tests[result.noticed] = None


def digest(source: bytes) -> str:
    """Returns what a file is known by."""
    return sha256(source).hexdigest()[:16]


def difference(change: Change, source: bytes) -> str:
    """Returns a change as lines, with one line around them."""
    old, new = (text.decode().splitlines() for text in (source, change.applied(source)))
    return "\n".join(difflib.unified_diff(old, new, change.path, change.path, lineterm="", n=1))
