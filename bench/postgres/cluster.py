"""A PostgreSQL server of this benchmark's own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

PACKAGES: Final = ("postgresql", "postgresql-contrib")
DEBIAN: Final = Path("/usr/lib/postgresql")
VERSION: Final = "15"
"""That is taken where there are several."""
USER: Final = "postgres"
"""Runs the server where this process is root, whom ``initdb`` refuses."""
STARTED_SECONDS, STOPPED_SECONDS = 30.0, 20.0
SETTINGS: Final = ("shared_buffers=256MB", "max_connections=100", "max_wal_size=4GB")
"""All others are as they come."""


class NotMeasured(Exception):
    """There is no PostgreSQL on this machine, and it cannot be installed. The text says why."""


def programs() -> Path:
    """Returns the folder with ``initdb`` and ``postgres``; Debian's packages are installed where they are not there.

    Raises:
        NotMeasured: they are not there and cannot be installed.
    """
    found = _installed()
    if not found:
        _install()
        found = _installed()
    if not found:
        raise NotMeasured(f"{' and '.join(PACKAGES)} are installed, but have no initdb in {DEBIAN}")
    return found


def _installed() -> Path | None:
    """Returns version 15's programs where there are any, else those of the newest."""
    versions = sorted((one.parent.parent for one in DEBIAN.glob("*/bin/initdb")), key=_number)
    preferred = [one for one in versions if one.name == VERSION] or versions
    if preferred:
        return preferred[-1] / "bin"
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def _number(folder: Path) -> float:
    try:
        return float(folder.name)
    except ValueError:
        return 0.0


def _install() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NotMeasured(
            "PostgreSQL is not installed, and only root can install Debian's packages with apt-get"
        )
    command = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise NotMeasured(f"apt-get cannot install {' and '.join(PACKAGES)}: {said}")


class Cluster:
    """A server that runs.

    Attributes:
        server: the process of its postmaster.
        port: on 127.0.0.1.
    """

    def __init__(self, server: subprocess.Popen[bytes], port: int) -> None:
        self.server, self.port = server, port

    def connect(self) -> psycopg.Connection[Any]:
        """A connection on which each statement commits by itself until a transaction begins, and is prepared."""
        where = f"host=127.0.0.1 port={self.port} user={USER} dbname=postgres"
        return psycopg.connect(where, autocommit=True, prepare_threshold=0)

    def set_fsync(self, *, on: bool) -> None:
        with self.connect() as connection:
            connection.execute(f"alter system set fsync = {'on' if on else 'off'}")
            connection.execute("select pg_reload_conf()")
            wanted, until = "on" if on else "off", time.monotonic() + STARTED_SECONDS
            while connection.execute("show fsync").fetchone() != (wanted,):
                if time.monotonic() > until:
                    raise RuntimeError(f"fsync does not become {wanted}")
                time.sleep(0.05)

    def version(self) -> str:
        with self.connect() as connection:
            row = connection.execute("show server_version").fetchone()
        assert row
        return str(row[0])

    def processor_seconds(self) -> float:
        """Returns what the server's processes took, user and system: those that live, and those that ended."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except OSError:
                continue
            # After the name, which may have spaces: state, parent, …, utime, stime, cutime, cstime (proc(5)).
            fields = text[text.rindex(")") + 2 :].split()
            if int(stat.parent.name) == self.server.pid:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == self.server.pid:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def stored_bytes(self) -> int:
        """Returns the bytes of all tables with their indexes, once what is dead has been taken out of them."""
        with self.connect() as connection:
            connection.execute("vacuum")
            row = connection.execute(
                "select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class"
                " where relkind = 'r' and relnamespace = 'public'::regnamespace"
            ).fetchone()
        assert row
        return int(row[0])

    def logged_bytes(self) -> int:
        """Returns the bytes that were ever written to the write-ahead log."""
        with self.connect() as connection:
            row = connection.execute("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()
        assert row
        return int(row[0])


@contextmanager
def running() -> Iterator[Cluster]:
    """A server in a temporary folder, stopped by its id at the end.

    Raises:
        NotMeasured: there is no PostgreSQL.
    """
    found, root = programs(), os.geteuid() == 0
    # As root: in a folder that the other user may enter, which a TemporaryDirectory inside of another is not.
    folder = Path(tempfile.mkdtemp(prefix="scrip-postgres-"))
    try:
        if root:
            try:
                owner = pwd.getpwnam(USER)
            except KeyError:
                raise NotMeasured(
                    f"there is no user {USER!r} to run PostgreSQL, which root may not"
                ) from None
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield from _served(found, folder, USER if root else None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _served(found: Path, folder: Path, user: str | None) -> Iterator[Cluster]:
    data, log, port = folder / "data", folder / "log", _free_port()
    as_user: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    made: list[str | Path] = [
        found / "initdb",
        "-D",
        data,
        "-U",
        USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(made, check=True, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, **as_user)
    command: list[str | Path] = [
        found / "postgres",
        "-D",
        data,
        "-k",
        folder,
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    command += [word for setting in SETTINGS for word in ("-c", setting)]
    with log.open("wb") as lines:
        server = subprocess.Popen[bytes](
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=lines, stderr=lines, **as_user
        )
    try:
        cluster = Cluster(server, port)
        _wait(cluster, log)
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)  # a fast shutdown: connections are closed
        try:
            server.wait(STOPPED_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(cluster: Cluster, log: Path) -> None:
    until = time.monotonic() + STARTED_SECONDS
    while True:
        try:
            cluster.connect().close()
        except psycopg.OperationalError:
            if cluster.server.poll() is not None or time.monotonic() > until:
                said = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
                raise RuntimeError(f"PostgreSQL does not start: {said}") from None
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
