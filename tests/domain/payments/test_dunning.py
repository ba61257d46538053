"""Runs of dunning: when there is a prompt, what is left to do, and how a run ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.payments.dunning import DunningRun, Grace, Prompt, Schedule, Status, dunning_id

DAY = 86_400_000
SINCE = 1_800_000_000_000
RUN = DunningRun(
    dunning_id="dun_1",
    account="acme",
    unit="credits",
    reason="renewal_failed",
    topup_id="top_1",
    failed_at=SINCE - 5000,
    since=SINCE,
    times=(SINCE, SINCE + 3 * DAY, SINCE + 7 * DAY),
)


def prompt(at: int) -> Prompt:
    return Prompt(at, "top_2", None)


def test_a_schedules_instants_are_counted_from_the_failure_in_their_order_each_once() -> None:
    schedule = Schedule(("P7D", "PT0S", "P1W", "PT36H"))
    assert schedule.times(SINCE) == (SINCE, SINCE + 36 * 3_600_000, SINCE + 7 * DAY)


@pytest.mark.parametrize(
    ("passed", "now", "due"),
    [
        (0, SINCE - 1, None),
        (0, SINCE, 1),
        (0, SINCE + 3 * DAY - 1, 1),
        (0, SINCE + 3 * DAY, 2),
        (0, SINCE + 99 * DAY, 3),
        (1, SINCE + 3 * DAY - 1, None),
        (1, SINCE + 7 * DAY, 3),
        (3, SINCE + 99 * DAY, None),
    ],
)
def test_of_prompts_that_are_due_together_the_last_counts(passed: int, now: int, due: int | None) -> None:
    assert replace(RUN, passed=passed).due(now) == due


@pytest.mark.parametrize("status", ["paid", "ended"])
def test_a_run_that_is_over_has_no_prompt_to_come(status: Status) -> None:
    over = replace(RUN, status=status)
    assert (over.next_prompt_at, over.due(SINCE + 99 * DAY)) == (None, None)


def test_a_run_ends_with_its_last_prompt_and_one_without_prompts_at_once() -> None:
    two = RUN.prompted(1, prompt(SINCE)).prompted(2, prompt(SINCE + 3 * DAY))
    assert (two.status, two.next_prompt_at) == ("open", SINCE + 7 * DAY)
    assert two.prompted(3, prompt(SINCE + 7 * DAY)).status == "ended"
    assert replace(RUN, times=()).over().status == "ended"


def test_grace_is_wanted_until_it_is_granted_refused_or_nothing_is_owed_any_more() -> None:
    """Meanwhile the run is due at its beginning; also one without prompts, that has ended."""
    wanting = replace(RUN, grace=Grace("50", "P7D"), passed=1)
    assert (wanting.wants_grace, wanting.next_at) == (True, SINCE)
    assert replace(wanting, times=(), status="ended").next_at == SINCE
    for answered in (
        replace(wanting, grace_entry_id="k.1"),
        replace(wanting, grace_refused="wallet_closed"),
    ):
        assert (answered.wants_grace, answered.next_at) == (False, SINCE + 3 * DAY)
    assert not replace(wanting, status="paid").wants_grace
    assert not RUN.wants_grace


def test_a_run_and_a_schedule_are_read_as_they_were_written() -> None:
    whole = replace(
        RUN, grace=Grace("50", "P7D"), prompts=(prompt(SINCE),), passed=1, subscription_id="sub_1"
    )
    assert DunningRun.from_json(whole.to_json()) == whole
    assert DunningRun.from_json(RUN.to_json()) == RUN
    for schedule in (Schedule(), Schedule((), Grace("1", "P1D"))):
        assert Schedule.from_json(schedule.to_json()) == schedule


def test_an_id_is_of_all_words_that_name_a_failure() -> None:
    assert dunning_id("renewal", "a", "bc") == dunning_id("renewal", "a", "bc")
    assert (
        len({dunning_id("renewal", "a", "bc"), dunning_id("renewal", "ab", "c"), dunning_id("a", "bc")}) == 3
    )
