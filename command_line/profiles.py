"""Profiles: where a Scrip is, and the key for it, under a name.

They are in ``scrip/config.toml`` under XDG_CONFIG_HOME, which is ``~/.config`` where it is not set. The file holds
keys, so it is written for its owner alone, and not read where others can.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from command_line.mistakes import Mistake

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MEMBERS: Final = ("url", "stack", "key")


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a Scrip is: at a URL, or where a stack says; and the API key for it."""

    url: str | None = None
    stack: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles, and which of them is used where none is named."""

    profiles: dict[str, Profile]
    default: str | None = None

    def find(self, name: str) -> Profile:
        """Returns the profile of this name. Raises ``Mistake`` where there is none."""
        if name not in self.profiles:
            known = ", ".join(sorted(self.profiles)) or "none yet: scrip profile add makes one"
            raise Mistake(f"there is no profile {name}; there are: {known}")
        return self.profiles[name]

    def put(self, name: str, profile: Profile) -> Profiles:
        """Returns them with one more, or another of this name. The first is the default."""
        check_name(name)
        return Profiles({**self.profiles, name: profile}, self.default or name)

    def use(self, name: str) -> Profiles:
        """Returns them with another default. Raises ``Mistake`` where there is no such profile."""
        self.find(name)
        return replace(self, default=name)

    def delete(self, name: str) -> Profiles:
        """Returns them without one. Raises ``Mistake`` where there is no such profile."""
        self.find(name)
        left = {other: profile for other, profile in self.profiles.items() if other != name}
        return Profiles(left, None if self.default == name else self.default)


def check_name(name: str) -> None:
    """Checks that a profile may be called so. Raises ``Mistake``."""
    if not _NAME.fullmatch(name):
        raise Mistake(f"{name!r} is no name of a profile: 1 to 64 letters, digits, _ or -")


def file() -> Path:
    """Returns where the profiles are."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "scrip" / "config.toml"


def load() -> Profiles:
    """Reads all profiles; there are none where there is no file.

    Raises:
        Mistake: the file is not to be read, or others can read it too, or it is no file of profiles.
    """
    path = file()
    try:
        with path.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and mode & 0o077:
                raise Mistake(f"{path} holds keys and others can read it: chmod 600 {path}")
            said = tomllib.load(opened)
    except FileNotFoundError:
        return Profiles({})
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Mistake(f"{path} is not TOML: {error}") from error
    return _parsed(said, path)


def save(profiles: Profiles) -> Path:
    """Writes all profiles, so that only the owner can read them, and returns where.

    The file is complete at any moment. Raises ``OSError`` where it cannot be written.
    """
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"default = {json.dumps(profiles.default)}\n"] if profiles.default else []
    for name, profile in sorted(profiles.profiles.items()):
        lines.append(f"\n[profiles.{name}]\n")
        for member in _MEMBERS:
            value = getattr(profile, member)
            if value is not None:
                lines.append(f"{member} = {json.dumps(value)}\n")
    handle, draft = tempfile.mkstemp(dir=path.parent)  # which is 600
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.writelines(lines)
    Path(draft).replace(path)
    return path


def _parsed(said: dict[str, Any], path: Path) -> Profiles:
    """Returns the profiles that a file says. Raises ``Mistake`` where something else stands there."""
    named = said.get("profiles", {})
    default = said.get("default")
    if not isinstance(named, dict) or not (default is None or isinstance(default, str)):
        raise Mistake(
            f"{path} is no file of profiles: it has [profiles.NAME], each with url or stack, and key"
        )
    found: dict[str, Profile] = {}
    for name, members in named.items():
        if not isinstance(members, dict) or not all(
            key in _MEMBERS and isinstance(value, str) for key, value in members.items()
        ):
            raise Mistake(f"{path}: profile {name} has url or stack, and key, each a text, and nothing else")
        found[name] = Profile(**members)
    return Profiles(found, default)
