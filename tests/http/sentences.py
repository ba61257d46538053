"""``python -m tests.http.sentences [TEST ...]``: the sentences with which tests are refused, all of them or of these.

They are kept in ``data/sentences.json``, and a refusal in other words fails the test that met it: what people are told
changes only where somebody reads it. Words with a digit and ids of entries are other ones each time, and are all one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

FILE: Final = Path(__file__).parent / "data" / "sentences.json"
WRITTEN: Final = "SCRIP_TESTS_SENTENCES"
"""The environment's name of the file to which each process adds what it was told, while all is written anew."""
TESTS: Final = Path(__file__).resolve().parents[1]
_OWN: Final = re.compile(r"\S*\d\S*|\bk\.[\w-]+\.[\w-]+")
NAMED: Final = ("code", "policy", "scope", "field")
"""Facts whose values are Scrip's own names."""
_READER: Final = re.compile(
    r"^from tests\.(http\.(contract|sentences|usage\.reported)|peers\.runner) ", re.MULTILINE
)
"""A file of tests that is refused something."""
_KNOWN: Final = frozenset(json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else ())


def known(problem: Any) -> None:
    """Asserts that the sentences of a problem document are known."""
    lines = [f"{error['field']}: {error['message']}" for error in problem.get("errors", ())]
    said = {_OWN.sub("#", line) for line in lines or [_whole(problem)]}
    if place := os.environ.get(WRITTEN):
        with Path(place).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in said)
        return
    assert said <= _KNOWN, f"new sentences: read them, then python -m tests.http.sentences: {said - _KNOWN}"


def _whole(problem: Any) -> str:
    """What a refusal says beside its sentence: which facts it has, and what it names of Scrip's own."""
    facts = [
        f"{name} {problem[name]}" if name in NAMED else name
        for name in sorted(problem)
        if name not in ("type", "title", "status", "detail")
    ]
    return f"{problem['detail']} ({', '.join(facts)})"


def main(given: Sequence[str]) -> int:
    """Runs the tests that are refused something, and writes the sentences. 1: a test failed.

    Of tests that are ``given`` as pytest takes them, sentences are added to those that are known.
    """
    every = [
        str(path) for path in sorted(TESTS.rglob("test_*.py")) if _READER.search(path.read_text("utf-8"))
    ]
    with TemporaryDirectory() as folder:
        place = Path(folder) / "sentences.jsonl"
        place.touch()
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", *(given or every)]
        done = subprocess.run(command, env={**os.environ, WRITTEN: str(place)}, check=False)
        said = {json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()}
    said |= _KNOWN if given else set()
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(sorted(said), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
