"""``scrip verify``: verifies one wallet, or all of them.

It reports and repairs nothing. What is compared is in ``services.verification``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from scrip import runtime
from scrip.cli.output import print_json
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.parameters import check_identifier, format_instant
from scrip.services.verification import survey as surveying
from scrip.services.verification import wallets
from scrip.services.verification.survey import Progress, Survey

MOST_SHARES: Final = 1000
"""Shares that a verification is cut into: more machines than anybody would give to it."""
PROGRESS_SECONDS: Final = 2.0
"""Seconds between two reports of how far a long verification is."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``verify``."""
    verify = commands.add_parser(
        "verify", help="check a wallet's ledger, its chain and its sums, or all of them"
    )
    verify.add_argument("account", nargs="?")
    verify.add_argument("--unit", default=DEFAULT_UNIT)
    verify.add_argument("--all", action="store_true", help="every wallet and every payment")
    verify.add_argument("--workers", type=int, choices=range(1, 17), default=4, metavar="1..16")
    verify.add_argument("--resume", metavar="FILE", help="keep there how far it came, and go on from there")
    verify.add_argument("--segment", type=_segment, default=(0, 1), metavar="1/8", help="one share of all")
    verify.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    """Verifies a wallet, or all of them, and prints the discrepancies; returns 1 where there are any.

    Raises:
        InvalidRequest: no account or unit can be called so.
        NotFound: there is no such unit, or no entry of such a wallet.
    """
    if options.all is (options.account is not None):
        print("scrip: name an account, or --all, and not both", file=sys.stderr)
        return 2
    if options.all:
        return _verify_all(options)
    account, unit = check_identifier(options.account, "account"), check_identifier(options.unit, "unit")
    count, found = wallets.verify(runtime.executor(), account, unit)
    if not count and not found:
        raise NotFound(
            f"{account} has no entries in {unit}, so there is nothing to verify: check the account and --unit",
            unit=unit,
        )
    findings = [{"seq": finding.seq, "entry_id": finding.entry_id, "what": finding.what} for finding in found]
    print_json({"account": options.account, "unit": options.unit, "entries": count, "findings": findings})
    return 1 if found else 0


def _verify_all(options: argparse.Namespace) -> int:
    """Verifies every wallet and payment, or one share of them, or goes on with a pass that was interrupted."""
    share, shares = options.segment
    file = Path(options.resume) if options.resume else None
    survey = Survey(runtime.now(), share, shares)
    if file and file.exists():
        try:
            survey = Survey.from_body(json.loads(file.read_text()))
        except (ValueError, TypeError, KeyError):
            print(f"scrip: {file} is not of a verification", file=sys.stderr)
            return 2
        if (survey.share, survey.shares) != (share, shares):
            print(
                f"scrip: {file} is of --segment {survey.share + 1}/{survey.shares}: give that too",
                file=sys.stderr,
            )
            return 2
    started = time.monotonic()
    run = surveying.SurveyRun(
        runtime.tables(),
        survey,
        lambda survey: _save(file, survey) if file else None,
        progress=Progress(_Ticker(started)),
    )
    run.go(options.workers)
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


def _segment(text: str) -> tuple[int, int]:
    """Parses ``3/8``, the third of eight shares, as (2, 8). Raises ``ArgumentTypeError`` for anything else."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST_SHARES):
        raise argparse.ArgumentTypeError(f"is like 1/8, with at most {MOST_SHARES} shares")
    return int(number) - 1, int(of)
