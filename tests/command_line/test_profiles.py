"""Profiles: the file is its owner's alone, and nothing in it makes a traceback."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from command_line import profiles
from command_line.mistakes import Mistake
from command_line.profiles import Profile, Profiles
from tests.command_line.conftest import Line


def test_what_was_saved_is_loaded_and_only_its_owner_reads_it(bare: Line) -> None:
    odd = Profile("https://x.test/\"'\\\n\u00e9", None, "k\x1f")
    made = Profiles({}).put("prod", odd).put("dev-2", Profile(stack="scrip-dev"))
    path = profiles.save(made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert profiles.load() == made
    assert made.default == "prod"
    assert made.use("dev-2").default == "dev-2"
    assert made.delete("prod") == Profiles({"dev-2": Profile(stack="scrip-dev")})
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("name", ["", "a b", "a.b", "é", "x" * 65, "a\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Mistake, match="is no name of a profile"):
        Profiles({}).put(name, Profile())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[profiles", "is not TOML"),
        ("\xff", "is not TOML"),
        ("profiles = 3", "is no file of profiles"),
        ("default = 3", "is no file of profiles"),
        ("[profiles.a]\nurl = 3", "profile a has url or stack, and key"),
        ("[profiles.a]\npassword = 'x'", "profile a has url or stack, and key"),
        ("profiles.a = 1", "profile a has url or stack, and key"),
        ("default = 'gone'", "there is no profile gone"),
        ("default = 'a'\n[profiles.a]", "profile a has neither url nor stack"),
    ],
)
def test_a_file_that_is_none_of_profiles_is_named(bare: Line, text: str, told: str) -> None:
    path = profiles.file()
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    assert told in bare.sentence(2, "balance", "acme")


def test_a_file_that_others_read_or_that_nobody_can_is_refused(bare: Line) -> None:
    path = profiles.save(Profiles({"a": Profile("https://x.test", None, "k")}, "a"))
    path.chmod(0o640)
    assert bare.sentence(2, "balance", "acme").endswith(f"others can read it: chmod 600 {path}")
    path.unlink()
    path.mkdir(mode=0o700)
    assert bare.sentence(2, "balance", "acme") == f"{path}: Is a directory"
    if os.getuid():
        path.rmdir()
        path.touch(mode=0o000)
        assert bare.sentence(2, "balance", "acme") == f"{path}: Permission denied"


def test_a_profile_is_added_used_listed_without_its_key_and_deleted(
    bare: Line, url: str, line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, account: str
) -> None:
    key = os.environ["SCRIP_API_KEY"]
    monkeypatch.delenv("SCRIP_URL")
    monkeypatch.delenv("SCRIP_API_KEY")
    assert bare.sentence(2, "profile", "add", "x").startswith("where is it?")
    assert bare.run("--url", "http://127.0.0.1:9", "--key", "k", "profile", "add", "nowhere")[0] == 0
    said = tmp_path / "key"
    said.write_text(f"{key}\n")
    with said.open() as opened:
        monkeypatch.setattr("sys.stdin", opened)
        assert bare.run("--url", url, "profile", "add", "here")[0] == 0
    assert bare.json("--profile", "here", "balance", account)["total"] == "0"
    bare.run("profile", "use", "here")
    assert bare.json("balance", account)["total"] == "0"
    out = "\n".join(bare.table("profile", "list"))
    assert url in out
    assert key not in out
    monkeypatch.setenv("SCRIP_PROFILE", "nowhere")
    assert "127.0.0.1:9" in bare.sentence(3, "balance", account)
    bare.run("profile", "delete", "nowhere")
    assert bare.sentence(2, "balance", account) == "there is no profile nowhere; there are: here"


def test_profiles_are_in_the_folder_of_settings_or_in_the_home_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "x"))
    assert profiles.file() == tmp_path / "x" / "scrip" / "config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert profiles.file() == tmp_path / ".config" / "scrip" / "config.toml"


def test_the_first_profile_is_the_default_until_another_is_used_or_it_is_deleted() -> None:
    one = Profiles({}).put("a", Profile("http://a"))
    two = one.put("b", Profile("http://b"))
    assert (one.default, two.default, two.use("b").default) == ("a", "a", "b")
    assert two.delete("b") == one
    assert two.delete("a") == Profiles({"b": Profile("http://b")}, None)
    assert two.put("a", Profile("http://c")) == Profiles(
        {"a": Profile("http://c"), "b": Profile("http://b")}, "a"
    )
    for change in ("use", "delete", "find"):
        with pytest.raises(Mistake, match="there is no profile c; there are: a, b"):
            getattr(two, change)("c")


def test_a_file_says_its_profiles_in_the_order_of_their_names(bare: Line) -> None:
    known = Profiles({"b": Profile("http://b", None, "k"), "a": Profile(None, "s")}, "b")
    text = profiles.save(known).read_text(encoding="utf-8")
    assert text == (
        'default = "b"\n\n[profiles.a]\nstack = "s"\n\n[profiles.b]\nurl = "http://b"\nkey = "k"\n'
    )
    assert profiles.save(Profiles({})).read_text(encoding="utf-8") == ""
    assert profiles.load() == Profiles({})
