"""Countries of accounts: as of any instant, whatever became of the profile, and whatever the clocks said."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.services.accounts import countries
from scrip.services.accounts.countries import Countries
from scrip.store import keys
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

DAY = 86_400_000
NEW_YEAR_MS = 1_893_456_000_000  # 2030-01-01T00:00:00Z


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history is read in pages of two."""
    monkeypatch.setattr(countries, "PAGE", 2)


def on(day: int) -> str:
    return f"2030-01-{day:02d}T00:00:00.000Z"


def at(day: int) -> int:
    return NEW_YEAR_MS + (day - 1) * DAY


def country(account: str, instant: int) -> str | None:
    return Countries(runtime.tables()).at(account, instant)


def history(account: str) -> list[str]:
    found = runtime.tables().client.query(
        TableName="wallets",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": keys.countries(account)}},
    )
    return [item["sk"]["S"] for item in found["Items"]]


def test_the_country_of_an_account_is_that_of_the_instant_and_outlives_the_profile(
    scrip: Deployment, account: str
) -> None:
    """DE from the 2nd, AT from the 4th, none said from the 6th; erased on the 8th; FR from the 10th."""
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"country": "DE", "name": "Ann"}, clock=on(2))
    scrip.put(path, {"country": "DE", "name": "Bob"}, clock=on(3))
    scrip.put(path, {"country": "AT"}, clock=on(4))
    scrip.put(path, {}, clock=on(6))
    scrip.send("DELETE", path, clock=on(8))
    assert [country(account, at(day)) for day in range(1, 10)] == [
        None, "DE", "DE", "AT", "AT", None, None, None, None,
    ]  # fmt: skip
    scrip.put(path, {"country": "FR"}, clock=on(10))
    assert country(account, at(4) - 1) == "DE"
    assert country(account, at(10)) == "FR"
    assert len(history(account)) == 4, "a change that leaves the country as it is is none of its history"


def test_an_erased_account_stays_of_its_country(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"country": "DE"}, clock=on(2))
    scrip.send("DELETE", path, clock=on(3))
    assert country(account, at(9)) == "DE"
    scrip.put(path, {"country": "DE"}, clock=on(5))
    assert len(history(account)) == 1


def test_a_clock_that_is_behind_makes_no_hole_in_the_history(scrip: Deployment, account: str) -> None:
    """DE on the 5th; then AT by a clock of the 4th: the millisecond after, so that the newest is the profile's."""
    path = f"/v1/accounts/{account}/profile"
    scrip.put(path, {"country": "DE"}, clock=on(5))
    scrip.put(path, {"country": "AT"}, clock=on(4))
    scrip.put(path, {"country": "CH"}, clock=on(5))
    assert [country(account, at(5) + ms) for ms in (-1, 0, 1, 2)] == [None, "DE", "AT", "CH"]


def test_a_report_goes_by_one_history_of_an_account_which_it_reads_once(
    scrip: Deployment, account: str
) -> None:
    """What is said meanwhile is for the next report."""
    path, known = f"/v1/accounts/{account}/profile", Countries(runtime.tables())
    scrip.put(path, {"country": "DE"}, clock=on(2))
    assert known.at(account, at(5)) == "DE"
    scrip.put(path, {"country": "AT"}, clock=on(4))
    assert [known.at(account, at(5)), country(account, at(5))] == ["DE", "AT"]


def test_accounts_whose_ids_begin_alike_have_histories_of_their_own(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/accounts/{account}/profile", {"country": "DE"}, clock=on(2))
    scrip.put(f"/v1/accounts/{account}.b/profile", {"country": "AT"}, clock=on(2))
    assert (country(account, at(2)), country(f"{account}.b", at(2))) == ("DE", "AT")
