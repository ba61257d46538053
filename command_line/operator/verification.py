"""``scrip verify``: verifies one wallet, or all of them.

It reports and repairs nothing. What is compared is in ``services.verification``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from command_line.mistakes import Mistake
from command_line.output import print_json
from scrip import runtime
from scrip.domain.credits.errors import NotFound
from scrip.http.edge.parameters import check_identifier, format_instant
from scrip.services.verification import survey as surveying
from scrip.services.verification import wallets
from scrip.services.verification.survey import Progress, Survey

EITHER: Final = "name an account, or --all, and not both"
PROGRESS_SECONDS: Final = 2.0
"""Seconds between two reports of how far a long verification is."""


def verify(account: str | None, unit: str) -> int:
    """Verifies a wallet and prints the discrepancies; returns 1 where there are any.

    Raises:
        InvalidRequest: no account or unit can be called so.
        NotFound: there is no such unit, or no entry of such a wallet.
    """
    if account is None:
        raise Mistake(EITHER)
    account, unit = check_identifier(account, "account"), check_identifier(unit, "unit")
    count, found = wallets.verify(runtime.executor(), account, unit)
    if not count and not found:
        raise NotFound(
            f"{account} has no entries in {unit}, so there is nothing to verify: check the account and --unit",
            unit=unit,
        )
    findings = [{"seq": finding.seq, "entry_id": finding.entry_id, "what": finding.what} for finding in found]
    print_json({"account": account, "unit": unit, "entries": count, "findings": findings})
    return 1 if found else 0


def verify_all(account: str | None, workers: int, resume: str | None, segment: tuple[int, int]) -> int:
    """Verifies every wallet and payment, or one share of them, or goes on with a pass that was interrupted.

    Raises:
        Mistake: an account is named too, or the file is not of such a verification.
    """
    if account is not None:
        raise Mistake(EITHER)
    share, shares = segment
    file = Path(resume) if resume else None
    survey = Survey(runtime.now(), share, shares)
    if file and file.exists():
        try:
            survey = Survey.from_body(json.loads(file.read_text()))
        except (ValueError, TypeError, KeyError):
            raise Mistake(f"{file} is not of a verification") from None
        if (survey.share, survey.shares) != (share, shares):
            raise Mistake(f"{file} is of --segment {survey.share + 1}/{survey.shares}: give that too")
    started = time.monotonic()
    run = surveying.SurveyRun(
        runtime.tables(),
        survey,
        lambda survey: _save(file, survey) if file else None,
        progress=Progress(_Ticker(started)),
    )
    run.go(workers)
    print_json(_surveyed(survey, time.monotonic() - started))
    return 1 if survey.total("found") else 0


class _Ticker:
    """Prints how far a verification is, every two seconds, to the standard error.

    The standard output has the report alone.
    """

    def __init__(self, started: float) -> None:
        self._started, self._next = started, started + PROGRESS_SECONDS

    def __call__(self, done: Progress) -> None:
        """Prints the progress if two seconds are over since the last time."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PROGRESS_SECONDS
            seconds = now - self._started
            print(f"{done.wallets} wallets, {done.entries} entries, {seconds:.0f} s", file=sys.stderr)


def _save(file: Path, survey: Survey) -> None:
    """Replaces the file by renaming, so that it is complete whenever the command is interrupted."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(survey.to_body()))
    draft.replace(file)


def _surveyed(survey: Survey, seconds: float) -> Mapping[str, Any]:
    """Returns the report of a survey."""
    return {
        "begun_at": format_instant(survey.begun_at),
        "seconds": round(seconds, 1),
        "segment": f"{survey.share + 1}/{survey.shares}",
        "done": survey.done,
        **{name: survey.total(name) for name in ("wallets", "entries", "payments")},
        "parked": {"count": survey.total("parked"), "payments": survey.listed("parked_names")},
        "left_out": {"count": survey.total("left"), "wallets": survey.listed("left_names")},
        "findings": {"count": survey.total("found"), "items": [*map(_dated, survey.listed("findings"))]},
    }


def _dated(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a finding with its instants as RFC 3339 texts, as the API writes them."""
    said = dict(finding)
    if "since" in said:
        said["since"] = format_instant(said["since"])
    if "surplus" in said:
        said["surplus"] = [{**entry, "at": format_instant(entry["at"])} for entry in said["surplus"]]
    return said
