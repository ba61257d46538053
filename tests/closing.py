"""Months that tests close: a deployment with an archive, the worked month played in it, and what its books said."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.aws import Deployment, function
from tests.month import Month
from tests.month.played import PlayedMonth


@dataclass(slots=True)
class Closing(PlayedMonth):
    """A deployment in this process whose months are closed."""

    scrip: Deployment


@contextmanager
def closing(scrip: Deployment, folder: Path) -> Iterator[Closing]:
    """The deployment with an empty archive; what functions keep in files is in a folder of its own.

    Whoever asks is answered however slow this machine is: a test that wants the limits of time sets them.
    """
    scrip.fresh()
    scrip.make_tables()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        for limit in ("WAIT_SECONDS", "ANSWER_SECONDS"):
            patch.setattr(function("reports"), limit, 600.0)
        yield Closing(scrip, Month("m-"))


def frozen_amounts(
    period: Mapping[str, Any], report: str, *names: str, by: str | None = None
) -> dict[str, dict[str, int]]:
    """The rows of a frozen report, by currency: its amounts by these members."""
    (found,) = (one for one in period["close"]["reports"] if (one["report"], one["by"]) == (report, by))
    return {
        one["currency"]: {
            ".".join(row[name] or "(none)" for name in names): row["amount"] for row in one["rows"]
        }
        for one in found["currencies"]
    }
