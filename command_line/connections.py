"""Where Scrip is, this time: what was typed, then a profile that was named, then the environment, then the default
profile. A key goes nowhere but to the URL that it was given with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from command_line import profiles, stacks
from command_line.mistakes import Mistake
from command_line.output import Output

if TYPE_CHECKING:
    from scrip_client import Scrip


ATTEMPTS: Final = 4
"""How often a request is sent that was not answered."""


@dataclass(slots=True)
class Invocation:
    """What was typed before the command, and how answers are printed."""

    url: str | None = None
    key: str | None = None
    stack: str | None = None
    profile: str | None = None
    test_clock: str | None = None
    as_json: bool = False

    @property
    def output(self) -> Output:
        """How answers are printed."""
        return Output(self.as_json)

    def place(self) -> tuple[str, str | None]:
        """Returns the URL of Scrip and the API key for it.

        Raises:
            Mistake: nobody says where it is.
        """
        environment = os.environ.get("SCRIP_API_KEY") or None
        if self.url or self.stack:
            found = self.url or stacks.find(str(self.stack)).url
            return found, self.key or environment
        name = self.profile or os.environ.get("SCRIP_PROFILE")
        if name:
            return self._of(profiles.load().find(name), name)
        if os.environ.get("SCRIP_URL"):
            return os.environ["SCRIP_URL"], self.key or environment
        known = profiles.load()
        if known.default:
            return self._of(known.find(known.default), known.default)
        raise Mistake(
            "where is Scrip? Give --url or --stack, set SCRIP_URL, or make a profile: scrip profile add"
        )

    def _of(self, profile: profiles.Profile, name: str) -> tuple[str, str | None]:
        """Returns the URL and the key of a profile."""
        if profile.url:
            return profile.url, self.key or profile.key
        if profile.stack:
            return stacks.find(profile.stack).url, self.key or profile.key or os.environ.get("SCRIP_API_KEY")
        raise Mistake(f"profile {name} has neither url nor stack: scrip profile add {name} makes it anew")

    def client(self) -> Scrip:
        """Returns the client that asks Scrip. Raises ``Mistake`` where nobody says where it is."""
        from scrip_client import Retries, Scrip

        url, key = self.place()
        if key is None:
            raise Mistake("there is no API key: give --key, set SCRIP_API_KEY, or use a profile that has one")
        return Scrip(url, key, retries=Retries(ATTEMPTS, 30), test_clock=self.test_clock)

    def enter_stack(self) -> None:
        """Sets what the operator's commands need to find the tables, where a stack says it: --stack, or the profile's.

        What --stack names is used whatever the environment says; otherwise the environment is.
        """
        stack, name = self.stack, self.profile or os.environ.get("SCRIP_PROFILE")
        if stack is None and name:
            stack = profiles.load().find(name).stack
        if stack is not None:
            os.environ.update(stacks.find(stack).settings())
