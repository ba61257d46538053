"""Where Scrip is: what was typed, a profile that was named, the environment, the default profile. Keys stay with their
URLs."""

from __future__ import annotations

import os

import pytest

from command_line import profiles, stacks
from command_line.connections import Invocation
from command_line.mistakes import Mistake
from command_line.profiles import Profile, Profiles
from command_line.stacks import StackInfo
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
