"""What reconciliation stores is as it always was (documents of commit 0234e66), and a report counts a finding once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from scrip.domain.payments.comparison import Finding
from scrip.domain.payments.reconciliation import SHOWN, Pass, Report, date_of, day_named, day_of

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "reconciliation.json").read_text())
NOON: Final = 1_795_953_600_000
"""29 November 2026, 12:00 UTC."""


@pytest.mark.parametrize("name", ["report", "empty report"])
def test_a_stored_report_is_read_and_written_back_byte_for_byte(name: str) -> None:
    report = Report.from_json(json.loads(STORED[name]))
    assert json.dumps(report.to_json(), ensure_ascii=False) == STORED[name]


def test_a_stored_pass_is_read_and_written_back_byte_for_byte() -> None:
    assert json.dumps(Pass.from_json(json.loads(STORED["progress"])).to_json()) == STORED["progress"]


def test_a_pass_in_the_middle_of_a_day_keeps_its_report() -> None:
    begun = Pass(phase="judge", cursor="c_2", report=Report.from_json(json.loads(STORED["report"])))
    assert Pass.from_json(json.loads(json.dumps(begun.to_json()))) == begun


def test_the_run_since_which_a_pass_stands_is_stored_only_where_it_does() -> None:
    assert Pass(stopped_at=7).to_json()["stopped_at"] == 7
    assert Pass.from_json(Pass(stopped_at=7).to_json()).stopped_at == 7
    assert "stopped_at" not in Pass().to_json()


def test_a_provider_that_was_never_looked_at_has_a_pass_that_is_done() -> None:
    assert Pass.from_json({}) == Pass(phase="done", done_until=0)


def test_the_same_finding_counts_once_and_a_report_shows_only_so_many() -> None:
    report = Report("dodo", "2026-11-29")
    for _ in range(2):
        for number in range(SHOWN + 1):
            report.note("missed", Finding(f"pay_{number}", "payment", ("paid 1 USD",)))
    # The one that is not shown any more cannot be told from another.
    assert (report.found["missed"].count, len(report.found["missed"].items)) == (SHOWN + 2, SHOWN)


def test_a_person_has_to_look_at_all_but_what_was_missed() -> None:
    report = Report("dodo", "2026-11-29")
    report.note("missed", Finding("pay_1", "payment", ("paid 1 USD",)))
    report.note("amounts_differ", Finding("pay_2", "payment", ("paid 1 USD there, paid 2 USD here",)))
    assert report.findings == 1
    assert (report.begun_again().findings, report.begun_again().found["missed"].count) == (0, 1)


def test_a_day_has_a_number_and_a_date() -> None:
    assert (day_of(NOON), date_of(day_of(NOON)), day_named("2026-11-29")) == (20786, "2026-11-29", 20786)
