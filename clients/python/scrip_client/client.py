"""The two clients: one that waits for each answer, and one whose answers are awaited."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from scrip_client.awaited import AsyncOperations
from scrip_client.coalescers import AsyncCoalescer
from scrip_client.leases import AsyncLease
from scrip_client.operations import Operations
from scrip_client.settings import CoalescerSettings, LeaseSettings
from scrip_client.threads import Coalescer, Lease

Path = str | os.PathLike[str]


class Scrip(Operations):
    """Scrip, asked one call at a time: ``with Scrip() as scrip: scrip.burn("acme", amount="1")``."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    def coalescer(
        self,
        account: str,
        *,
        unit: str | None = None,
        member: str | None = None,
        tags: Mapping[str, str] | None = None,
        journal: Path | None = None,
        fsync: bool = False,
        page: int = 500,
        linger: float = 0.005,
        room: int = 10_000,
        patience: float = 30.0,
    ) -> Coalescer:
        """Returns what gathers burns of one wallet into pages, for threads. Its arguments are those of
        ``AsyncScrip.coalescer``."""
        return Coalescer(
            self,
            account,
            CoalescerSettings(
                unit=unit,
                member=member,
                tags=tags,
                journal=journal,
                fsync=fsync,
                page=page,
                linger=linger,
                room=room,
                patience=patience,
            ),
        )

    def lease(
        self,
        account: str,
        *,
        renew: str,
        unit: str | None = None,
        member: str | None = None,
        tags: Mapping[str, str] | None = None,
        expires_in: str = "PT15M",
        every: float = 5.0,
        journal: Path | None = None,
        fsync: bool = False,
        patience: float = 30.0,
    ) -> Lease:
        """Returns credits of one wallet that threads spend in memory. Its arguments are those of
        ``AsyncScrip.lease``."""
        return Lease(
            self,
            account,
            LeaseSettings(
                renew=renew,
                unit=unit,
                member=member,
                tags=tags,
                expires_in=expires_in,
                every=every,
                journal=journal,
                fsync=fsync,
                patience=patience,
            ),
        )


class AsyncScrip(AsyncOperations):
    """Scrip, awaited: ``async with AsyncScrip() as scrip: await scrip.burn("acme", amount="1")``."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()

    def coalescer(
        self,
        account: str,
        *,
        unit: str | None = None,
        member: str | None = None,
        tags: Mapping[str, str] | None = None,
        journal: Path | None = None,
        fsync: bool = False,
        page: int = 500,
        linger: float = 0.005,
        room: int = 10_000,
        patience: float = 30.0,
    ) -> AsyncCoalescer:
        """Returns what gathers burns of one wallet into pages: as many as wait while another page is under way.

        Args:
            account: whose the wallet is.
            unit: the wallet's unit. Left out: ``credits``.
            member: who uses the credits, in all entries of it.
            tags: what for, in all entries of it.
            journal: a file. What was not answered when a process ends is sent when the next one opens it.
            fsync: whether the disk is waited for, so that the journal outlives the machine's power too.
            page: records of a page, 1 000 at most.
            linger: seconds to wait for others before a page that is not full is sent, about.
            room: records that may wait; further burns wait for room.
            patience: seconds that the end may take.
        """
        return AsyncCoalescer(
            self,
            account,
            CoalescerSettings(
                unit=unit,
                member=member,
                tags=tags,
                journal=journal,
                fsync=fsync,
                page=page,
                linger=linger,
                room=room,
                patience=patience,
            ),
        )

    def lease(
        self,
        account: str,
        *,
        renew: str,
        unit: str | None = None,
        member: str | None = None,
        tags: Mapping[str, str] | None = None,
        expires_in: str = "PT15M",
        every: float = 5.0,
        journal: Path | None = None,
        fsync: bool = False,
        patience: float = 30.0,
    ) -> AsyncLease:
        """Returns credits of one wallet that this process spends in memory.

        Args:
            account: whose the wallet is.
            renew: the credits that it is filled up to, before it runs dry.
            unit: the wallet's unit. Left out: ``credits``.
            member: who uses the credits, in all entries of it.
            tags: what for, in all entries of it.
            expires_in: how long it lasts when nobody moves its deadline, ISO 8601: as long are credits held for a
                process that is gone.
            every: seconds between settlements, about. Without a journal a process that is killed loses what it has
                spent since the last one.
            journal: a file. What was not settled when a process ends is settled when the next one opens it.
            fsync: whether the disk is waited for, so that the journal outlives the machine's power too.
            patience: seconds that the end may take.
        """
        return AsyncLease(
            self,
            account,
            LeaseSettings(
                renew=renew,
                unit=unit,
                member=member,
                tags=tags,
                expires_in=expires_in,
                every=every,
                journal=journal,
                fsync=fsync,
                patience=patience,
            ),
        )
