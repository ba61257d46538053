"""Where Scrip is: what was typed, a profile that was named, the environment, the default profile. Keys stay with their
URLs."""

from __future__ import annotations

import os

import pytest

from command_line import connections, profiles, stacks
from command_line.connections import Invocation
from command_line.mistakes import Mistake
from command_line.profiles import Profile, Profiles
from command_line.stacks import StackInfo
from scrip_client import Retries
from tests.command_line.conftest import Line

pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture(autouse=True)
def known(bare: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes profiles ``a``, the default, and ``b``, and a stack whose API is at its name."""
    profiles.save(Profiles({"a": Profile("http://a", None, "ka"), "b": Profile(None, "sb", "kb")}, "a"))
    monkeypatch.setattr(stacks, "find", lambda name: StackInfo({"ApiUrl": f"http://{name}"}, {}))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.mark.parametrize(
    ("typed", "environment", "place"),
    [
        (Invocation(), {}, ("http://a", "ka")),
        (Invocation(profile="b"), {}, ("http://sb", "kb")),
        (Invocation(key="k"), {}, ("http://a", "k")),
        (Invocation(url="http://u"), {}, ("http://u", None)),
        (Invocation(url="http://u"), {"SCRIP_API_KEY": "ke"}, ("http://u", "ke")),
        (Invocation(stack="s", key="k"), {"SCRIP_API_KEY": "ke"}, ("http://s", "k")),
        (Invocation(), {"SCRIP_URL": "http://e", "SCRIP_API_KEY": "ke"}, ("http://e", "ke")),
        (Invocation(), {"SCRIP_URL": "http://e"}, ("http://e", None)),
        (Invocation(profile="a"), {"SCRIP_URL": "http://e", "SCRIP_API_KEY": "ke"}, ("http://a", "ka")),
        (Invocation(), {"SCRIP_URL": "http://e", "SCRIP_PROFILE": "b"}, ("http://sb", "kb")),
    ],
)
def test_what_is_typed_comes_before_what_is_set(
    typed: Invocation,
    environment: dict[str, str],
    place: tuple[str, str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert typed.place() == place


@pytest.mark.parametrize(
    ("typed", "environment", "place"),
    [
        (Invocation(profile="b", key="k"), {"SCRIP_API_KEY": "ke"}, ("http://sb", "k")),
        (Invocation(profile="c"), {"SCRIP_API_KEY": "ke"}, ("http://sc", "ke")),
        # A key of the environment is of its URL, and does not go to a profile's.
        (Invocation(profile="d"), {"SCRIP_API_KEY": "ke"}, ("http://d", None)),
        (Invocation(), {"SCRIP_PROFILE": "d", "SCRIP_API_KEY": "ke"}, ("http://d", None)),
        (Invocation(url="http://u", key="k"), {"SCRIP_API_KEY": "ke"}, ("http://u", "k")),
        (Invocation(url="http://u", profile="b"), {"SCRIP_API_KEY": ""}, ("http://u", None)),
        (Invocation(key="k"), {"SCRIP_URL": "http://e", "SCRIP_API_KEY": "ke"}, ("http://e", "k")),
        (Invocation(), {"SCRIP_URL": "http://e", "SCRIP_API_KEY": ""}, ("http://e", None)),
        (Invocation(profile="b"), {"SCRIP_PROFILE": "a"}, ("http://sb", "kb")),
    ],
    ids=str,
)
def test_a_key_goes_only_where_it_was_given_for(
    typed: Invocation,
    environment: dict[str, str],
    place: tuple[str, str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = profiles.load()
    known = known.put("c", Profile(None, "sc")).put("d", Profile("http://d"))
    profiles.save(known.use("a"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert typed.place() == place


def test_a_profile_of_no_place_is_a_mistake_and_so_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.save(Profiles({"e": Profile(None, None, "k")}))
    with pytest.raises(Mistake, match="profile e has neither url nor stack"):
        Invocation(profile="e").place()
    with pytest.raises(Mistake, match="where is Scrip"):
        Invocation().place()
    with pytest.raises(Mistake, match="there is no profile z; there are: e"):
        Invocation(profile="z").place()


def test_a_client_asks_so_often_within_half_a_minute_at_the_clock_that_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "ATTEMPTS", 4)
    with Invocation(url="http://u", key="k", test_clock="2030-01-01T00:00:00Z").client() as scrip:
        settings = scrip._settings
    assert (settings.url, settings.key, settings.test_clock) == ("http://u", "k", "2030-01-01T00:00:00Z")
    assert settings.retries == Retries(4, 30)


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(Mistake, match="there is no API key"):
        Invocation(url="http://u").client()


def test_an_operators_command_finds_the_tables_where_its_stack_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no stack is named, the environment is as it was."""
    monkeypatch.setattr(stacks, "find", lambda name: StackInfo({"WalletsTable": name}, {}))
    environment = {"SCRIP_WALLETS_TABLE": "mine"}
    monkeypatch.setattr("os.environ", environment)
    Invocation().enter_stack()
    assert environment["SCRIP_WALLETS_TABLE"] == "mine"
    Invocation(stack="s").enter_stack()
    assert environment["SCRIP_WALLETS_TABLE"] == "s"


def test_a_profile_that_is_named_says_the_stack_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "find", lambda name: StackInfo({"WalletsTable": name}, {}))
    monkeypatch.setenv("SCRIP_WALLETS_TABLE", "mine")
    Invocation(profile="a").enter_stack()
    assert os.environ["SCRIP_WALLETS_TABLE"] == "mine", "profile a has a URL, and no stack"
    monkeypatch.setenv("SCRIP_PROFILE", "b")
    Invocation().enter_stack()
    assert os.environ["SCRIP_WALLETS_TABLE"] == "sb"
