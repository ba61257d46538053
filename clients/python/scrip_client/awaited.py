"""Every operation of Scrip, to be awaited. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, Literal

from scrip_client import given, models
from scrip_client.calls import OMITTED, Call, Omitted, segment
from scrip_client.pages import AsyncPages
from scrip_client.sending import AsyncSender


class AsyncOperations(AsyncSender):
    """A method for each operation of the API, to be awaited."""

    async def burn(
        self,
        account: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        member: str | Omitted | None = OMITTED,
        tags: Mapping[str, str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        meter: str | Omitted | None = OMITTED,
        quantity: str | int | Omitted | None = OMITTED,
        dimensions: Mapping[str, str] | Omitted | None = OMITTED,
        items: Sequence[models.ItemBody | given.ItemBodyDict] | Omitted | None = OMITTED,
        quote: str | Omitted | None = OMITTED,
        mode: models.BurnMode | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Burned:
        """Spend credits now.

        An amount, or so much of a meter as its rate card prices it. `exact` is all or nothing (and may run up debt where the unit's policy allows it); `up_to` takes what is there and is never refused for lack of credits.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/burns",
                models.Burned,
                body=models.BurnBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "member": member,
                    "tags": tags,
                    "amount": amount,
                    "meter": meter,
                    "quantity": quantity,
                    "dimensions": dimensions,
                    "items": items,
                    "quote": quote,
                    "mode": mode,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def find_record(
        self, account: str, *, unit: str | None = None, stream: str, offset: int
    ) -> models.FoundRecord:
        """One record, by its stream and offset.

        And the entry that booked it. An offset that was not used yet is not found; one that was skipped or given up is. Of a lease the stream is the hold's id.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/burns",
                models.FoundRecord,
                query={"unit": unit, "stream": stream, "offset": offset},
            )
        )

    async def burn_batch(
        self,
        account: str,
        *,
        burns: Sequence[models.BatchedBurnBody | given.BatchedBurnBodyDict],
        test_clock: datetime | str | None = None,
    ) -> models.Batch:
        """Spend credits many times at once.

        Burns of one wallet, each with its own key and carried out in order, in as few commits as fit. One that cannot be paid is refused alone; one whose key is known is replayed. A batch that was cut short goes on where it ended when it is sent again.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/burns/batch",
                models.Batch,
                body=models.BatchBody,
                members={"burns": burns},
                clocked=True,
                clock=test_clock,
            )
        )

    async def quote(
        self,
        account: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        member: str | Omitted | None = OMITTED,
        tags: Mapping[str, str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        meter: str | Omitted | None = OMITTED,
        quantity: str | int | Omitted | None = OMITTED,
        dimensions: Mapping[str, str] | Omitted | None = OMITTED,
        items: Sequence[models.ItemBody | given.ItemBodyDict] | Omitted | None = OMITTED,
        mode: models.BurnMode | Omitted = OMITTED,
        for_: models.QuotedOperation | Omitted = OMITTED,
        hold_id: str | Omitted | None = OMITTED,
        final: bool | Omitted = OMITTED,
        lock_for: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Quote:
        """Ask what a burn, a hold or a capture would do.

        Takes a burn's body, or what a hold or a capture says of its amount, and moves nothing.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/quotes",
                models.Quote,
                body=models.QuoteBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "member": member,
                    "tags": tags,
                    "amount": amount,
                    "meter": meter,
                    "quantity": quantity,
                    "dimensions": dimensions,
                    "items": items,
                    "mode": mode,
                    "for": for_,
                    "hold_id": hold_id,
                    "final": final,
                    "lock_for": lock_for,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def hold(
        self,
        account: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        member: str | Omitted | None = OMITTED,
        tags: Mapping[str, str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        expires_in: str | Omitted = OMITTED,
        over_capture: models.OverCapture | Omitted | None = OMITTED,
        meter: str | Omitted | None = OMITTED,
        quantity: str | int | Omitted | None = OMITTED,
        dimensions: Mapping[str, str] | Omitted | None = OMITTED,
        items: Sequence[models.ItemBody | given.ItemBodyDict] | Omitted | None = OMITTED,
        quote: str | Omitted | None = OMITTED,
        lease: bool | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Held:
        """Set credits aside.

        They stay capturable until the deadline, even if their lot expires meanwhile. At the deadline what is held is given back.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/holds",
                models.Held,
                body=models.HoldBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "member": member,
                    "tags": tags,
                    "amount": amount,
                    "expires_in": expires_in,
                    "over_capture": over_capture,
                    "meter": meter,
                    "quantity": quantity,
                    "dimensions": dimensions,
                    "items": items,
                    "quote": quote,
                    "lease": lease,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    def list_holds(
        self,
        account: str,
        *,
        unit: str | None = None,
        status: models.HoldStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.Hold, models.HoldPage]:
        """Holds.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/holds",
                models.HoldPage,
                query={"unit": unit, "status": status, "limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    async def capture(
        self,
        account: str,
        hold_id: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        quantity: str | int | Omitted | None = OMITTED,
        dimensions: Mapping[str, str] | Omitted | None = OMITTED,
        items: Sequence[models.ItemBody | given.ItemBodyDict] | Omitted | None = OMITTED,
        quote: str | Omitted | None = OMITTED,
        final: bool | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Held:
        """Spend held credits.

        All of them, or a part; with `final` the rest is given back. More than is held where the hold was made so.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/holds/{segment('hold_id', hold_id)}/capture",
                models.Held,
                body=models.CaptureBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "amount": amount,
                    "quantity": quantity,
                    "dimensions": dimensions,
                    "items": items,
                    "quote": quote,
                    "final": final,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def release(
        self,
        account: str,
        hold_id: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Held:
        """Give held credits back.

        What goes back to a lot that has expired expires at once.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/holds/{segment('hold_id', hold_id)}/release",
                models.Held,
                body=models.ReleaseBody,
                members={"unit": unit, "reference": reference, "reason": reason, "metadata": metadata},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def extend(
        self,
        account: str,
        hold_id: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        expires_in: str | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Held:
        """Move a hold's deadline.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/holds/{segment('hold_id', hold_id)}/extend",
                models.Held,
                body=models.ExtendBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "expires_in": expires_in,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_hold(
        self, account: str, hold_id: str, *, unit: str | None = None, test_clock: datetime | str | None = None
    ) -> models.Hold:
        """A hold.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/holds/{segment('hold_id', hold_id)}",
                models.Hold,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def burn_page(
        self,
        account: str,
        *,
        stream: str,
        first: int,
        records: Sequence[Sequence[Any] | None],
        unit: str | Omitted = OMITTED,
        member: str | Omitted | None = OMITTED,
        tags: Mapping[str, str] | Omitted = OMITTED,
        gap: models.Gap | Omitted = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.BookedPage:
        """Spend credits up to 1 000 times in one entry.

        For a wallet that is burned from hundreds of times a second. Each record is burned once for ever by its stream and offset: the same page sent again burns nothing, pages that overlap burn what is new. What can be paid is taken in order; a record that cannot is refused alone, and its offset is used up.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/burns/pages",
                models.BookedPage,
                body=models.BurnPageBody,
                members={
                    "stream": stream,
                    "first": first,
                    "records": records,
                    "unit": unit,
                    "member": member,
                    "tags": tags,
                    "gap": gap,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def settle(
        self,
        account: str,
        hold_id: str,
        *,
        unit: str | Omitted = OMITTED,
        first: int | Omitted = OMITTED,
        records: Sequence[Sequence[Any] | None] | Omitted = OMITTED,
        renew: str | Omitted | None = OMITTED,
        expires_in: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Settled:
        """Settle a lease.

        Books what the holder has spent in memory, as records whose stream is the lease, and fills the lease up again, in one commit. Each record is burned once for ever by its offset. One beyond what the lease has is refused alone. To be filled up is never refused: there may be less.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/holds/{segment('hold_id', hold_id)}/settle",
                models.Settled,
                body=models.SettleBody,
                members={
                    "unit": unit,
                    "first": first,
                    "records": records,
                    "renew": renew,
                    "expires_in": expires_in,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def report_usage(
        self,
        *,
        events: Sequence[models.UsageEventBody | given.UsageEventBodyDict],
        quantity: str | None = None,
        dimensions: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.UsageAccepted:
        """Report usage as CloudEvents, of any accounts.

        Up to 1 000 events, 1 MB: `type` is the meter, `subject` the account; `source` with `id` names the event for ever: it is burned once, however often it comes. In CloudEvents' structured, batch and binary mode, or as `events` of JSON. What cannot be right is rejected here, each by its place; the others are queued and burned within seconds, by the price of their `time`. What cannot be burned then is told by the event `scrip.usage.rejected`, and listed.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/usage",
                models.UsageAccepted,
                body=models.UsageBody,
                members={"events": events},
                query={"quantity": quantity, "dimensions": dimensions},
                clocked=True,
                clock=test_clock,
            )
        )

    def list_rejected_usage(
        self,
        *,
        account: str | None = None,
        reason: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.RejectedUsage, models.RejectedUsagePage]:
        """Events of usage that were accepted and could not be burned.

        Those that came last first, each with the reason, for 35 days or until it is brought back.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/usage/rejected",
                models.RejectedUsagePage,
                query={"account": account, "reason": reason, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    async def redrive_usage(
        self,
        *,
        ids: Sequence[str] | Omitted | None = OMITTED,
        all: bool | Omitted = OMITTED,
        account: str | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
    ) -> models.Redriven:
        """Bring rejected events of usage back.

        Once what stood in their way is gone: a wallet is unfrozen, a budget raised. They are queued again, and leave the list; what is rejected once more is in it again. How late one is goes by when it came first.

        Needs the scope `burn`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/usage/rejected/redrive",
                models.Redriven,
                body=models.RedriveBody,
                members={"ids": ids, "all": all, "account": account, "reason": reason},
            )
        )

    async def dismiss_usage(
        self,
        *,
        ids: Sequence[str] | Omitted | None = OMITTED,
        all: bool | Omitted = OMITTED,
        account: str | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
    ) -> models.Dismissed:
        """Take rejected events of usage out of the list.

        Those that nobody is to pay for: a test, a sender's mistake. They are burned no more, unless they are sent again.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/usage/rejected/dismissals",
                models.Dismissed,
                body=models.RedriveBody,
                members={"ids": ids, "all": all, "account": account, "reason": reason},
            )
        )

    def list_records(
        self,
        account: str,
        entry_id: str,
        *,
        unit: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.StreamRecord, models.RecordPage]:
        """The records of an entry, in the order of their offsets.

        Those of a page of burns, or of a settlement of a lease. Another entry has none.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/entries/{segment('entry_id', entry_id)}/records",
                models.RecordPage,
                query={"unit": unit, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    def usage(
        self,
        account: str,
        *,
        unit: str | None = None,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        every: Literal["P1D", "PT1H"] | None = None,
        time_zone: str | None = None,
        by: str | None = None,
        meter: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.Used, models.UsedPage]:
        """What was used, by day or hour.

        Credits that were burned and captured, how much was counted for them, and their money; all of it, or by meter, member, tag or dimension. What was undone is given back in the period in which it was used. Up to date with the wallet: `through_seq` says up to which entry.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/usage",
                models.UsedPage,
                query={
                    "unit": unit,
                    "from": from_,
                    "to": to,
                    "every": every,
                    "time_zone": time_zone,
                    "by": by,
                    "meter": meter,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
            lambda page: page.items,
            True,
        )

    async def forecast(
        self, account: str, *, unit: str | None = None, test_clock: datetime | str | None = None
    ) -> models.Forecast:
        """When credits run out, and what will be left of them at their ends.

        If they are used as they were: burned and captured, in the last 28 days. It is the rate by which a run-out is told.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/forecast",
                models.Forecast,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def grant(
        self,
        account: str,
        *,
        amount: str,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        priority: int | Omitted = OMITTED,
        effective_at: datetime | str | Omitted | None = OMITTED,
        expires_at: datetime | str | Omitted | None = OMITTED,
        scope: Sequence[str] | Omitted = OMITTED,
        kind: models.GrantKind | Omitted = OMITTED,
        cost_basis: models.MoneyBody | given.MoneyBodyDict | Omitted | None = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.GrantMade:
        """Add credits.

        They become one lot, on terms that never change. What the wallet owes is repaid out of it first, where the unit's policy says so.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/grants",
                models.GrantMade,
                body=models.GrantBody,
                members={
                    "amount": amount,
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "priority": priority,
                    "effective_at": effective_at,
                    "expires_at": expires_at,
                    "scope": scope,
                    "kind": kind,
                    "cost_basis": cost_basis,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def refund(
        self,
        account: str,
        *,
        source: models.SourceBody | given.SourceBodyDict,
        value: models.MoneyBody | given.MoneyBodyDict,
        paid: models.MoneyBody | given.MoneyBodyDict,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        amount: str | Omitted | None = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Granted:
        """Turn money that is kept into credits.

        The value, or a part, of an invoice or a payment becomes a lot of kind `refund` whose cost basis is that money. All refunds of one source together are never above what was paid for it.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/refunds",
                models.Granted,
                body=models.RefundBody,
                members={
                    "source": source,
                    "value": value,
                    "paid": paid,
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "amount": amount,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def transfer(
        self,
        account: str,
        *,
        to_account: str,
        amount: str,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Transferred:
        """Move credits to another account.

        Where the unit's policy allows it. Lots move in burn order and keep their cost basis, tax point and expiry. Both wallets change in one transaction.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/transfers",
                models.Transferred,
                body=models.TransferBody,
                members={
                    "to_account": to_account,
                    "amount": amount,
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    def list_compensations(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Incident, models.IncidentPage]:
        """Incidents that accounts are compensated for.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/compensations", models.IncidentPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def compensate(
        self,
        *,
        incident: str,
        accounts: Sequence[models.CompensatedBody | given.CompensatedBodyDict],
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        priority: int | Omitted = OMITTED,
        effective_at: datetime | str | Omitted | None = OMITTED,
        expires_at: datetime | str | Omitted | None = OMITTED,
        scope: Sequence[str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Compensation:
        """Make good an incident to many accounts.

        Each account gets its credits once for an incident, for ever: the incident is the key. An account that is refused does not keep the others. Where time was too short for all, the same request goes on where this one ended.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/compensations",
                models.Compensation,
                body=models.CompensationBody,
                members={
                    "incident": incident,
                    "accounts": accounts,
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "priority": priority,
                    "effective_at": effective_at,
                    "expires_at": expires_at,
                    "scope": scope,
                    "amount": amount,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def extend_lots(
        self,
        *,
        incident: str,
        by: str,
        accounts: Sequence[str | Mapping[str, Any]] | Omitted = OMITTED,
        all: Literal[True] | Omitted = OMITTED,
        unit: str | Omitted = OMITTED,
        reason: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Extension:
        """Let lots end later after an outage.

        Every lot that ends some day and of which something is left ends later, once for an incident, for ever: the incident is the key. Lots that have not begun, are held or are frozen are among them; a rollover happens at the new end. Of `all` accounts it goes on by itself, and the same request again says how far it is.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/extensions",
                models.Extension,
                body=models.ExtensionBody,
                members={
                    "incident": incident,
                    "by": by,
                    "accounts": accounts,
                    "all": all,
                    "unit": unit,
                    "reason": reason,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def redeem(
        self,
        account: str,
        *,
        code: str,
        unit: str | Omitted | None = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        identities: models.IdentitiesBody | given.IdentitiesBodyDict | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Granted:
        """Redeem a promotion.

        Once to an account, and once to each identity that the promotion asks for, within its window, its budget and its number of redemptions.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/redemptions",
                models.Granted,
                body=models.RedemptionBody,
                members={
                    "code": code,
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "identities": identities,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def put_allowance(
        self,
        account: str,
        allowance_id: str,
        *,
        amount: str,
        every: str,
        unit: str | Omitted = OMITTED,
        anchor: datetime | str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        expires: str | Omitted = OMITTED,
        rollover: models.RolloverBody | given.RolloverBodyDict | Omitted | None = OMITTED,
        starts_at: datetime | str | Omitted | None = OMITTED,
        ends_at: datetime | str | Omitted | None = OMITTED,
        paused: bool | Omitted = OMITTED,
        priority: int | Omitted = OMITTED,
        catch_up: bool | Omitted = OMITTED,
        overage: models.Overage | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Allowance:
        """Give an allowance, or change it.

        Each period grants its amount once. A change in the middle of a period grants the difference for the part that is left, and takes nothing back. The same again changes nothing.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/accounts/{segment('account', account)}/allowances/{segment('allowance_id', allowance_id)}",
                models.Allowance,
                body=models.AllowanceBody,
                members={
                    "amount": amount,
                    "every": every,
                    "unit": unit,
                    "anchor": anchor,
                    "time_zone": time_zone,
                    "expires": expires,
                    "rollover": rollover,
                    "starts_at": starts_at,
                    "ends_at": ends_at,
                    "paused": paused,
                    "priority": priority,
                    "catch_up": catch_up,
                    "overage": overage,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_allowance(
        self,
        account: str,
        allowance_id: str,
        *,
        unit: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Allowance:
        """An allowance.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/allowances/{segment('allowance_id', allowance_id)}",
                models.Allowance,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def delete_allowance(
        self,
        account: str,
        allowance_id: str,
        *,
        unit: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> None:
        """End an allowance.

        What it granted stays.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/accounts/{segment('account', account)}/allowances/{segment('allowance_id', allowance_id)}",
                NoneType,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    def list_allowances(
        self,
        account: str,
        *,
        unit: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.Allowance, models.AllowancePage]:
        """Allowances.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/allowances",
                models.AllowancePage,
                query={"unit": unit, "limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    async def put_budget(
        self,
        account: str,
        budget_id: str,
        *,
        limit: str,
        every: str,
        unit: str | Omitted = OMITTED,
        anchor: datetime | str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        member: str | Omitted | None = OMITTED,
        meter: str | Omitted | None = OMITTED,
        warn_at: Sequence[str] | Omitted = OMITTED,
        action: models.BudgetAction | Omitted = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Budget:
        """Bound what is spent in each period, or change that.

        Counts what is spent from now on, exactly, however many spend at once. Holds and leases count when they are placed, and take off what they give back in the same period; so does a reversal. A changed limit counts on; a budget that counts other spending, or in other periods, than before begins with nothing. The same again changes nothing.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/accounts/{segment('account', account)}/budgets/{segment('budget_id', budget_id)}",
                models.Budget,
                body=models.BudgetBody,
                members={
                    "limit": limit,
                    "every": every,
                    "unit": unit,
                    "anchor": anchor,
                    "time_zone": time_zone,
                    "member": member,
                    "meter": meter,
                    "warn_at": warn_at,
                    "action": action,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_budget(
        self,
        account: str,
        budget_id: str,
        *,
        unit: str | None = None,
        member: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Budget:
        """A budget, and what is spent of it.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/budgets/{segment('budget_id', budget_id)}",
                models.Budget,
                query={"unit": unit, "member": member},
                clocked=True,
                clock=test_clock,
            )
        )

    async def delete_budget(
        self,
        account: str,
        budget_id: str,
        *,
        unit: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> None:
        """Take a budget away.

        What was counted in it is forgotten.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/accounts/{segment('account', account)}/budgets/{segment('budget_id', budget_id)}",
                NoneType,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    def list_budgets(
        self,
        account: str,
        *,
        unit: str | None = None,
        member: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.Budget, models.BudgetPage]:
        """Budgets.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/budgets",
                models.BudgetPage,
                query={"unit": unit, "member": member, "limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    async def void_lot(
        self,
        account: str,
        lot_id: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        as_: Literal["mistake"] | Omitted | None = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Voided:
        """Take back what is left of a lot.

        What is held of it stays, and so does what is frozen. The money of what is taken back is earned, as breakage. Not where the lot was a mistake and nothing has left it (`as`): then it was never paid.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/lots/{segment('lot_id', lot_id)}/void",
                models.Voided,
                body=models.VoidBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "amount": amount,
                    "as": as_,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def change_expiry(
        self,
        account: str,
        lot_id: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        expires_at: datetime | str | Omitted | None = OMITTED,
        expires_in: str | Omitted | None = OMITTED,
        never: Literal[True] | Omitted = OMITTED,
        force: bool | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.ExpiryChanged:
        """Give a lot another end.

        Later, earlier or never: an instant, a duration from now on, or `never`, exactly one of them. The lot takes its new place in the order of burning, and what is held of it stays held. An end that comes earlier needs scope `admin`, and of a lot that was paid for `force` besides. What has ended stays so: grant a new lot.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/lots/{segment('lot_id', lot_id)}/expiry",
                models.ExpiryChanged,
                body=models.ExpiryBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "expires_at": expires_at,
                    "expires_in": expires_in,
                    "never": never,
                    "force": force,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def reverse(
        self,
        account: str,
        entry_id: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        amount: str | Omitted | None = OMITTED,
        offset: int | Omitted | None = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Reversed:
        """Undo a burn, whole or in part.

        The credits go back to the lots they came from, the last drawn first, with their money. What goes back to a lot that has expired expires at once. A capture can be reversed too. Of a page of burns, or a lease's settlement, one record is undone by its `offset`: it goes back to the lots that paid for it.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/burns/{segment('entry_id', entry_id)}/reversal",
                models.Reversed,
                body=models.ReversalBody,
                members={
                    "unit": unit,
                    "reference": reference,
                    "reason": reason,
                    "metadata": metadata,
                    "amount": amount,
                    "offset": offset,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def adjust(
        self,
        account: str,
        *,
        reason: str,
        direction: models.AdjustmentDirection,
        amount: str,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        priority: int | Omitted = OMITTED,
        effective_at: datetime | str | Omitted | None = OMITTED,
        expires_at: datetime | str | Omitted | None = OMITTED,
        scope: Sequence[str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Adjusted:
        """Set a balance right.

        For what nothing else fits: a `credit` makes a lot, a `debit` takes credits in burn order.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/adjustments",
                models.Adjusted,
                body=models.AdjustmentBody,
                members={
                    "reason": reason,
                    "direction": direction,
                    "amount": amount,
                    "unit": unit,
                    "reference": reference,
                    "metadata": metadata,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "priority": priority,
                    "effective_at": effective_at,
                    "expires_at": expires_at,
                    "scope": scope,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def freeze(
        self,
        account: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Moved:
        """Freeze a wallet.

        No burn, no hold, no transfer until it is unfrozen. Grants, expiry, clawbacks and captures go on.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/freeze",
                models.Moved,
                body=models.StatusBody,
                members={"unit": unit, "reference": reference, "reason": reason, "metadata": metadata},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def unfreeze(
        self,
        account: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Moved:
        """Unfreeze a wallet.

        Credits may leave it again.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/unfreeze",
                models.Moved,
                body=models.StatusBody,
                members={"unit": unit, "reference": reference, "reason": reason, "metadata": metadata},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def close(
        self,
        account: str,
        *,
        unit: str | Omitted = OMITTED,
        reference: models.ReferenceBody | given.ReferenceBodyDict | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Moved:
        """Close a wallet.

        For ever. It must have nothing in it.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/close",
                models.Moved,
                body=models.StatusBody,
                members={"unit": unit, "reference": reference, "reason": reason, "metadata": metadata},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_balance(
        self,
        account: str,
        *,
        unit: str | None = None,
        at: datetime | str | None = None,
        meter: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Balance:
        """What is there, now or at a past instant.

        An account never seen has zeros.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/balance",
                models.Balance,
                query={"unit": unit, "at": at, "meter": meter},
                clocked=True,
                clock=test_clock,
            )
        )

    def list_accounts(
        self,
        *,
        prefix: str | None = None,
        email: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.Account, models.AccountPage]:
        """Accounts.

        Those that have a wallet or an order, or have or had a profile. By `email` those whose profile has an address of the same mailbox, however it is spelled. A key of one account sees that one.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/accounts",
                models.AccountPage,
                query={"prefix": prefix, "email": email, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    def list_wallets(
        self,
        account: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.Balance, models.WalletPage]:
        """An account's wallets, each with its balance.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/wallets",
                models.WalletPage,
                query={"limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    def list_lots(
        self,
        account: str,
        *,
        unit: str | None = None,
        status: Literal["open", "all"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.ListedLot, models.LotPage]:
        """Lots in burn order.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/lots",
                models.LotPage,
                query={"unit": unit, "status": status, "limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    def list_entries(
        self,
        account: str,
        *,
        unit: str | None = None,
        kind: models.EntryKind | None = None,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        meter: str | None = None,
        reference: str | None = None,
        lot: str | None = None,
        actor: str | None = None,
        metadata: Mapping[str, str] | None = None,
        member: str | None = None,
        tags: Mapping[str, str] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.ListedEntry, models.EntryPage]:
        """The ledger, newest first.

        What is due and not booked is shown as if it were, before all others. A filter beside `from` and `to` reads on from entry to entry, 1 000 of them and a second at most.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/entries",
                models.EntryPage,
                query={
                    "unit": unit,
                    "kind": kind,
                    "from": from_,
                    "to": to,
                    "meter": meter,
                    "reference": reference,
                    "lot": lot,
                    "actor": actor,
                    "metadata": metadata,
                    "member": member,
                    "tags": tags,
                    "limit": limit,
                    "cursor": cursor,
                },
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    async def get_entry(self, account: str, entry_id: str, *, unit: str | None = None) -> models.Entry:
        """One entry.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/entries/{segment('entry_id', entry_id)}",
                models.Entry,
                query={"unit": unit},
            )
        )

    def explain(
        self,
        account: str,
        *,
        unit: str | None = None,
        at: datetime | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.ExplainedEntry, models.Explanation]:
        """Why the balance is what it is.

        Each lot with its place in the order and why, the entries that made the number, and the number computed again from the ledger to prove it. Entries come in their order, a thousand to a page.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/explain",
                models.Explanation,
                query={"unit": unit, "at": at, "limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.entries,
            False,
        )

    async def put_profile(
        self,
        account: str,
        *,
        name: str | Omitted | None = OMITTED,
        email: str | Omitted | None = OMITTED,
        country: str | Omitted | None = OMITTED,
        time_zone: str | Omitted | None = OMITTED,
        locale: str | Omitted | None = OMITTED,
        currency: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Profile:
        """Say who an account is of.

        The one place for personal data: whatever else you send is kept for ever. It replaces all of the profile before; the same again changes nothing.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/accounts/{segment('account', account)}/profile",
                models.Profile,
                body=models.ProfileBody,
                members={
                    "name": name,
                    "email": email,
                    "country": country,
                    "time_zone": time_zone,
                    "locale": locale,
                    "currency": currency,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_profile(self, account: str) -> models.Profile:
        """An account's profile.

        Needs the scope `read`.
        """
        return await self._send(
            Call("GET", f"/v1/accounts/{segment('account', account)}/profile", models.Profile)
        )

    async def delete_profile(self, account: str, *, test_clock: datetime | str | None = None) -> None:
        """Erase an account's profile.

        For good, and with it what payment providers sent that names the customer. The ledger stays as it is, and so does since when the account was of which country. Where there is too much for one request, the profile is gone and the answer is 503: send it again, and it goes on.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/accounts/{segment('account', account)}/profile",
                NoneType,
                clocked=True,
                clock=test_clock,
            )
        )

    def search(
        self,
        *,
        reference: str | None = None,
        payment: str | None = None,
        topup: str | None = None,
        key: str | None = None,
        lot: str | None = None,
        account: str | None = None,
        unit: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.FoundEntry, models.FoundPage]:
        """Entries by reference, payment, order, key or lot.

        By exactly one of them. `reference` is found within seconds of the commit, and `complete_through` says up to when nothing is missing; the others lack nothing. A key of one account finds that account's entries.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/search",
                models.FoundPage,
                query={
                    "reference": reference,
                    "payment": payment,
                    "topup": topup,
                    "key": key,
                    "lot": lot,
                    "account": account,
                    "unit": unit,
                    "limit": limit,
                    "cursor": cursor,
                },
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    def list_overages(
        self, *, month: str, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.BilledOverage, models.BilledOveragePage]:
        """What is to be billed of a month.

        What accounts owed as periods of allowances with `overage` `invoice` ended in this month (UTC). It is found within seconds of the commit, and `complete_through` says up to when nothing is missing.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/overages",
                models.BilledOveragePage,
                query={"month": month, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    def list_changes(
        self,
        *,
        actor: str | None = None,
        action: models.AuditAction | None = None,
        target: str | None = None,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.AuditedChange, models.AuditPage]:
        """Who changed what, when, and what there was before.

        Changes of the catalogue, of keys, and decisions about payments, newest first. Of credits, the ledger's own entries tell it.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/audit",
                models.AuditPage,
                query={
                    "actor": actor,
                    "action": action,
                    "target": target,
                    "from": from_,
                    "to": to,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
            lambda page: page.items,
            True,
        )

    async def put_alerts(
        self,
        account: str,
        *,
        low_balance: Sequence[str] | Omitted | None = OMITTED,
        run_out_days: Sequence[int] | Omitted | None = OMITTED,
        expiry_notices: Sequence[str] | Omitted | None = OMITTED,
        expiry_requires_notice: bool | Omitted | None = OMITTED,
        unit: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Alerts:
        """Give an account alerts of its own.

        They take the place of the unit's, member by member, from this answer on. What is left out is the unit's; an empty list is none. A changed threshold tells nothing by itself.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/accounts/{segment('account', account)}/alerts",
                models.Alerts,
                body=models.AlertsBody,
                members={
                    "low_balance": low_balance,
                    "run_out_days": run_out_days,
                    "expiry_notices": expiry_notices,
                    "expiry_requires_notice": expiry_requires_notice,
                },
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_alerts(self, account: str, *, unit: str | None = None) -> models.Alerts:
        """An account's own alerts.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/alerts",
                models.Alerts,
                query={"unit": unit},
            )
        )

    async def delete_alerts(
        self, account: str, *, unit: str | None = None, test_clock: datetime | str | None = None
    ) -> None:
        """Take an account's own alerts away.

        From this answer on the unit's count.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/accounts/{segment('account', account)}/alerts",
                NoneType,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    def list_notices(
        self, account: str, *, unit: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Notice, models.NoticePage]:
        """Notices that lots are to end.

        Each is given once, so long before its lot's end as the lot's terms say, and tells where it has arrived. Without `unit` those of all units.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/notices",
                models.NoticePage,
                query={"unit": unit, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    async def put_unit(
        self,
        unit: str,
        *,
        precision: int,
        name: str | Omitted = OMITTED,
        policy: models.PolicyBody | given.PolicyBodyDict | Omitted = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Unit:
        """Define a unit, or change it.

        A change binds what is granted later. Precision and order are fixed once the unit is used.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/units/{segment('unit', unit)}",
                models.Unit,
                body=models.UnitBody,
                members={"precision": precision, "name": name, "policy": policy},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_unit(self, unit: str) -> models.Unit:
        """A unit.

        Needs the scope `read`.
        """
        return await self._send(Call("GET", f"/v1/units/{segment('unit', unit)}", models.Unit))

    def list_units(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Unit, models.UnitPage]:
        """Units.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/units", models.UnitPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def put_pack(
        self,
        pack: str,
        *,
        credits: str,
        price: models.MoneyBody | given.MoneyBodyDict,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        unit: str | Omitted = OMITTED,
        prices: Sequence[models.MoneyBody | given.MoneyBodyDict] | Omitted = OMITTED,
        recurring: models.RecurringBody | given.RecurringBodyDict | Omitted | None = OMITTED,
        bonus: Sequence[models.BonusBody | given.BonusBodyDict] | Omitted = OMITTED,
        priority: int | Omitted = OMITTED,
        tax_point: models.TaxPoint | Omitted = OMITTED,
        terms: str | Omitted | None = OMITTED,
        order_expires_in: str | Omitted = OMITTED,
        provider_refs: models.ProviderRefsBody | given.ProviderRefsBodyDict | Omitted = OMITTED,
        rollover: models.RolloverBody | given.RolloverBodyDict | Omitted | None = OMITTED,
        breakage_rate: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Pack:
        """Define a pack, or change it.

        A change touches no order that was made before.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/packs/{segment('pack', pack)}",
                models.Pack,
                body=models.PackBody,
                members={
                    "credits": credits,
                    "price": price,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "unit": unit,
                    "prices": prices,
                    "recurring": recurring,
                    "bonus": bonus,
                    "priority": priority,
                    "tax_point": tax_point,
                    "terms": terms,
                    "order_expires_in": order_expires_in,
                    "provider_refs": provider_refs,
                    "rollover": rollover,
                    "breakage_rate": breakage_rate,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_pack(self, pack: str) -> models.Pack:
        """A pack.

        Needs the scope `read`.
        """
        return await self._send(Call("GET", f"/v1/packs/{segment('pack', pack)}", models.Pack))

    def list_packs(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Pack, models.PackPage]:
        """Packs.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/packs", models.PackPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def put_rate(
        self,
        meter: str,
        *,
        price: models.Price | given.PriceDict,
        effective_at: datetime | str | Omitted | None = OMITTED,
        minimum: str | Omitted = OMITTED,
        unit: str | Omitted = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.RateCard:
        """Price a meter.

        Each PUT is a version, in force from its `effective_at` on. What was burned keeps its price.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/rates/{segment('meter', meter)}",
                models.RateCard,
                body=models.RateBody,
                members={"price": price, "effective_at": effective_at, "minimum": minimum, "unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_rate(self, meter: str) -> models.RateCard:
        """A meter's rate card.

        Needs the scope `read`.
        """
        return await self._send(Call("GET", f"/v1/rates/{segment('meter', meter)}", models.RateCard))

    def list_rates(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.RateCard, models.RateCardPage]:
        """Rate cards.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/rates", models.RateCardPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def put_own_rate(
        self,
        account: str,
        meter: str,
        *,
        price: models.Price | given.PriceDict,
        effective_at: datetime | str | Omitted | None = OMITTED,
        minimum: str | Omitted = OMITTED,
        unit: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.OwnRateCard:
        """Price a meter for one account.

        It comes before the meter's own card, from its `effective_at` on: left out, from now on, and whatever is burned after the answer is priced by it. The same again changes nothing.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/accounts/{segment('account', account)}/rates/{segment('meter', meter)}",
                models.OwnRateCard,
                body=models.OwnRateBody,
                members={"price": price, "effective_at": effective_at, "minimum": minimum, "unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_own_rate(self, account: str, meter: str) -> models.OwnRateCard:
        """An account's own rate card.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/rates/{segment('meter', meter)}",
                models.OwnRateCard,
            )
        )

    async def delete_own_rate(
        self, account: str, meter: str, *, test_clock: datetime | str | None = None
    ) -> None:
        """End an account's own rate card.

        The meter's own card counts from now on; what was used before keeps its price.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/accounts/{segment('account', account)}/rates/{segment('meter', meter)}",
                NoneType,
                clocked=True,
                clock=test_clock,
            )
        )

    def list_own_rates(
        self, account: str, *, unit: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.OwnRateCard, models.OwnRateCardPage]:
        """An account's own rate cards.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/rates",
                models.OwnRateCardPage,
                query={"unit": unit, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    async def put_promotion(
        self,
        code: str,
        *,
        amount: str,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        unit: str | Omitted = OMITTED,
        kind: models.PromotionKind | Omitted = OMITTED,
        starts_at: datetime | str | Omitted | None = OMITTED,
        ends_at: datetime | str | Omitted | None = OMITTED,
        max_redemptions: int | Omitted | None = OMITTED,
        budget: str | Omitted | None = OMITTED,
        identities: Sequence[models.IdentityKind] | Omitted = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Promotion:
        """Define a promotion, or change it.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/promotions/{segment('code', code)}",
                models.Promotion,
                body=models.PromotionBody,
                members={
                    "amount": amount,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "unit": unit,
                    "kind": kind,
                    "starts_at": starts_at,
                    "ends_at": ends_at,
                    "max_redemptions": max_redemptions,
                    "budget": budget,
                    "identities": identities,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_promotion(self, code: str) -> models.Promotion:
        """A promotion.

        Needs the scope `read`.
        """
        return await self._send(Call("GET", f"/v1/promotions/{segment('code', code)}", models.Promotion))

    def list_promotions(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Promotion, models.PromotionPage]:
        """Promotions.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/promotions", models.PromotionPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def create_key(
        self,
        *,
        scope: models.KeyScope | Omitted | None = OMITTED,
        scopes: Sequence[models.KeyScopeWord] | Omitted | None = OMITTED,
        account: str | Omitted | None = OMITTED,
        name: str | Omitted | None = OMITTED,
        expires_at: datetime | str | Omitted | None = OMITTED,
        rate_limit: int | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> models.ApiKey:
        """Make an API key.

        The key itself is stored nowhere. Under an `Idempotency-Key` there is one key, however often it is asked for, and whoever asked is shown it each time.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/keys",
                models.ApiKey,
                body=models.KeyBody,
                members={
                    "scope": scope,
                    "scopes": scopes,
                    "account": account,
                    "name": name,
                    "expires_at": expires_at,
                    "rate_limit": rate_limit,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    def list_keys(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Key, models.KeyPage]:
        """API keys.

        Newest first. The keys themselves are shown by nobody.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/keys", models.KeyPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def rotate_key(
        self, key_id: str, *, test_clock: datetime | str | None = None, idempotency_key: str | None = None
    ) -> models.ApiKey:
        """Give an API key a new secret.

        The `key_id` stays. The key of before works for another 24 h; where that was rotated within them, the one before it ends at once.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/keys/{segment('key_id', key_id)}/rotation",
                models.ApiKey,
                body=models.RotationBody,
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def delete_key(self, key_id: str, *, test_clock: datetime | str | None = None) -> None:
        """Delete an API key.

        Needs the scope `admin`.
        """
        return await self._send(
            Call("DELETE", f"/v1/keys/{segment('key_id', key_id)}", NoneType, clocked=True, clock=test_clock)
        )

    async def create_portal_session(
        self,
        *,
        account: str,
        expires_in: str | Omitted = OMITTED,
        may: Sequence[models.SessionScope] | Omitted = OMITTED,
        return_url: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> models.PortalSession:
        """Let a customer in for a while.

        The token is a key of one account, for a browser. It lives for a day at most, and is in no list.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/portal-sessions",
                models.PortalSession,
                body=models.PortalSessionBody,
                members={"account": account, "expires_in": expires_in, "may": may, "return_url": return_url},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def pack_terms(
        self,
        pack: str,
        *,
        quantity: int | None = None,
        currency: str | None = None,
        provider: models.Provider | None = None,
    ) -> models.Terms:
        """What an order would agree to now.

        Show `terms` before the order, and order with `accept_terms` the `terms_version`: what changed in between is then refused (409 `terms_changed`), not agreed to.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/packs/{segment('pack', pack)}/terms",
                models.Terms,
                query={"quantity": quantity, "currency": currency, "provider": provider},
            )
        )

    async def order(
        self,
        *,
        account: str,
        pack: str,
        return_url: str,
        accept_terms: Literal[True] | str,
        quantity: int | Omitted = OMITTED,
        provider: models.Provider | Omitted = OMITTED,
        currency: str | Omitted | None = OMITTED,
        save_payment_method: bool | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Topup:
        """Order packs.

        Send the buyer to `checkout_url`. The credits are granted once the provider's webhook says that they are paid; of a subscription each time. Where the provider does not answer (503), the same key goes on with the same order. Where it has no checkout here (`standard`, `paddle`), your app opens its own and names `topup_id` in it.

        Needs the scope `top_up`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/topups",
                models.Topup,
                body=models.TopupBody,
                members={
                    "account": account,
                    "pack": pack,
                    "return_url": return_url,
                    "accept_terms": accept_terms,
                    "quantity": quantity,
                    "provider": provider,
                    "currency": currency,
                    "save_payment_method": save_payment_method,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    def list_topups(
        self,
        *,
        account: str | None = None,
        status: models.TopupStatus | None = None,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.Topup, models.TopupPage]:
        """Orders, newest first.

        A key of one account sees the orders of that account.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/topups",
                models.TopupPage,
                query={
                    "account": account,
                    "status": status,
                    "from": from_,
                    "to": to,
                    "limit": limit,
                    "cursor": cursor,
                },
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    async def get_order(self, topup_id: str, *, test_clock: datetime | str | None = None) -> models.Topup:
        """An order.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/topups/{segment('topup_id', topup_id)}",
                models.Topup,
                clocked=True,
                clock=test_clock,
            )
        )

    async def cancel_order(self, topup_id: str, *, test_clock: datetime | str | None = None) -> models.Topup:
        """Cancel an order that is not paid.

        Again, it answers the same. The provider is not asked: if the buyer pays at its checkout all the same, the credits are granted.

        Needs the scope `top_up`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/topups/{segment('topup_id', topup_id)}/cancel",
                models.Topup,
                body=models.CancelBody,
                clocked=True,
                clock=test_clock,
            )
        )

    async def webhook(
        self,
        provider: models.Provider,
        content: bytes | str,
        *,
        test_clock: datetime | str | None = None,
        webhook_id: str | None = None,
        webhook_timestamp: str | None = None,
        webhook_signature: str | None = None,
        stripe_signature: str | None = None,
        paddle_signature: str | None = None,
    ) -> models.Received:
        """Take what a payment provider says.

        For the provider. The signature, over the raw body, is the authentication. 200 once it is stored; any order and any number of times ends in the same credits.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/webhooks/{segment('provider', provider)}",
                models.Received,
                content=content,
                clocked=True,
                clock=test_clock,
                headers={
                    "webhook-id": webhook_id,
                    "webhook-timestamp": webhook_timestamp,
                    "webhook-signature": webhook_signature,
                    "stripe-signature": stripe_signature,
                    "paddle-signature": paddle_signature,
                },
            )
        )

    async def put_auto_topup(
        self,
        account: str,
        *,
        threshold: str,
        pack: str,
        quantity: int | Omitted | None = OMITTED,
        target: str | Omitted | None = OMITTED,
        provider: models.Provider | Omitted = OMITTED,
        cap: models.CapBody | given.CapBodyDict | Omitted | None = OMITTED,
        enabled: bool | Omitted = OMITTED,
        unit: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.AutoTopup:
        """Top up a wallet by itself.

        Needs `auto_top_up`, which `grant` includes. Where so many credits are available, or fewer, one order is made and charged with the payment method that the buyer let you keep (`save_payment_method` of an order); without one it waits for that (`needs_action`, `method_missing`). There are never two charges in flight for a wallet, and the cap holds. To put it again, with `enabled` true, forgets failures.

        Needs the scope `auto_top_up`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/accounts/{segment('account', account)}/auto-topup",
                models.AutoTopup,
                body=models.AutoTopupBody,
                members={
                    "threshold": threshold,
                    "pack": pack,
                    "quantity": quantity,
                    "target": target,
                    "provider": provider,
                    "cap": cap,
                    "enabled": enabled,
                },
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_auto_topup(
        self, account: str, *, unit: str | None = None, test_clock: datetime | str | None = None
    ) -> models.AutoTopup:
        """A wallet's automatic top-up.

        Needs the scope `auto_top_up`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/auto-topup",
                models.AutoTopup,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def delete_auto_topup(
        self, account: str, *, unit: str | None = None, test_clock: datetime | str | None = None
    ) -> None:
        """Take a wallet's automatic top-up away.

        A charge that is in flight is followed to its end, and its credits are granted, all the same. What was charged counts for the cap if it is put again.

        Needs the scope `auto_top_up`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/accounts/{segment('account', account)}/auto-topup",
                NoneType,
                query={"unit": unit},
                clocked=True,
                clock=test_clock,
            )
        )

    async def put_dunning(
        self,
        *,
        prompts: Sequence[str] | Omitted = OMITTED,
        grace: models.GraceBody | given.GraceBodyDict | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Dunning:
        """Say what follows a renewal or an automatic top-up that fails.

        Each prompt makes an order of the same sale and tells of it as the event `scrip.topup.prompt`, with a page to pay on. Credits to go on with are granted once for each failure. It ends once any top-up of the wallet is paid. What has begun keeps what it began with.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                "/v1/dunning",
                models.Dunning,
                body=models.DunningBody,
                members={"prompts": prompts, "grace": grace},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_dunning(self) -> models.Dunning:
        """What follows a renewal or an automatic top-up that fails.

        Where nobody has said it: a prompt at once, after three days and after seven, and no grace.

        Needs the scope `admin`.
        """
        return await self._send(Call("GET", "/v1/dunning", models.Dunning))

    def list_dunning(
        self, account: str, *, unit: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.DunningRun, models.DunningPage]:
        """What followed an account's failures, newest first.

        One for each failure: of a renewal by its invoice, or by the period that is not paid where the provider gives each try another name; of an automatic top-up by its order.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/dunning",
                models.DunningPage,
                query={"unit": unit, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    def list_subscriptions(
        self, account: str, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.Subscription, models.SubscriptionPage]:
        """What renews of an account.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/subscriptions",
                models.SubscriptionPage,
                query={"limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    async def cancel_subscription(
        self,
        account: str,
        provider: models.Provider,
        subscription_id: str,
        *,
        at: models.CancelAt | Omitted = OMITTED,
    ) -> models.Subscription:
        """Cancel a subscription at its provider.

        Again, it answers the same. Nothing is refunded, and no credit is taken. Where Scrip does not call the provider's API (`standard`, `paddle`) it is 422 `policy_violation`.

        Needs the scope `top_up`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/subscriptions/{segment('provider', provider)}/{segment('subscription_id', subscription_id)}/cancel",
                models.Subscription,
                body=models.CancelSubscriptionBody,
                members={"at": at},
                repeatable=False,
            )
        )

    async def resume_subscription(
        self, account: str, provider: models.Provider, subscription_id: str
    ) -> models.Subscription:
        """Let a subscription go on that was to end.

        Again, it answers the same. One that is over is 422 `policy_violation`: order its pack anew.

        Needs the scope `top_up`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/accounts/{segment('account', account)}/subscriptions/{segment('provider', provider)}/{segment('subscription_id', subscription_id)}/resume",
                models.Subscription,
                body=models.ResumeSubscriptionBody,
                repeatable=False,
            )
        )

    def list_payments(
        self,
        *,
        status: Literal["parked", "unpaid", "paid", "partially_refunded", "refunded", "disputed"]
        | None = None,
        account: str | None = None,
        topup: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.Payment, models.PaymentPage]:
        """Payments.

        Those that Scrip heard of last come first. `parked`: something that their provider said could not be used, or fits no order. No credit moves on a guess, and nothing is lost. Those that wait longest come first. A key of one account sees the payments of that account.

        Needs the scope `read`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/payments",
                models.PaymentPage,
                query={
                    "status": status,
                    "account": account,
                    "topup": topup,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
            lambda page: page.items,
            True,
        )

    async def get_payment(self, provider: models.Provider, payment_id: str) -> models.Payment:
        """A payment.

        A key of one account sees the payments of that account; one that is nobody's yet needs scope `admin`.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/payments/{segment('provider', provider)}/{segment('payment_id', payment_id)}",
                models.Payment,
            )
        )

    async def quote_refund(
        self,
        provider: models.Provider,
        payment_id: str,
        *,
        amount: int | None = None,
        as_: models.RefundAs | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.RefundQuote:
        """What a refund would come to.

        As of now: what has expired is not unspent. Moves nothing.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/payments/{segment('provider', provider)}/{segment('payment_id', payment_id)}/refund-quote",
                models.RefundQuote,
                query={"amount": amount, "as": as_},
                clocked=True,
                clock=test_clock,
            )
        )

    async def refund_payment(
        self,
        provider: models.Provider,
        payment_id: str,
        *,
        as_: models.RefundAs,
        expires_in: str | Omitted | None = OMITTED,
        time_zone: str | Omitted = OMITTED,
        end_of: models.EndOf | Omitted | None = OMITTED,
        amount: int | Omitted | None = OMITTED,
        reason: str | Omitted | None = OMITTED,
        force: bool | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.PaymentRefunded:
        """Refund a payment.

        As money, the share of the credits is frozen, the provider is asked, and what it says is posted. Where it does not answer (503) the credits stay frozen, and the same key asks again for the same. Where it has no API here, your own gateway does the refund and names `request_id` in its webhook. As credit, the money is kept, and as many credits come back as a lot of kind `refund`.

        Needs the scope `grant`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/payments/{segment('provider', provider)}/{segment('payment_id', payment_id)}/refunds",
                models.PaymentRefunded,
                body=models.PaymentRefundBody,
                members={
                    "as": as_,
                    "expires_in": expires_in,
                    "time_zone": time_zone,
                    "end_of": end_of,
                    "amount": amount,
                    "reason": reason,
                    "force": force,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def resolve_payment(
        self,
        provider: models.Provider,
        payment_id: str,
        *,
        action: models.ResolutionAction,
        reason: str,
        topup_id: str | Omitted | None = OMITTED,
        about: str | Omitted | None = OMITTED,
        amount: int | Omitted | None = OMITTED,
        status: models.ResolutionStatus | Omitted | None = OMITTED,
        credits: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.Resolved:
        """Decide about a payment that waits.

        `accept`: it pays this order, whatever differs. `dismiss`: what it waits for now was looked at. `state`: a refund or dispute is of this amount. `settle`: it ended so. Needs no key: the same again changes nothing.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/payments/{segment('provider', provider)}/{segment('payment_id', payment_id)}/resolutions",
                models.Resolved,
                body=models.ResolutionBody,
                members={
                    "action": action,
                    "reason": reason,
                    "topup_id": topup_id,
                    "about": about,
                    "amount": amount,
                    "status": status,
                    "credits": credits,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_reconciliation(
        self,
        *,
        provider: Literal["dodo", "stripe"],
        date: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Reconciliation:
        """What a provider lists against what is here.

        For one day, as of the last comparison. There is one a day, over several days; reports are kept for 31.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                "/v1/reports/reconciliation",
                models.Reconciliation,
                query={"provider": provider, "date": date},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_reconciliation_csv(
        self,
        *,
        provider: Literal["dodo", "stripe"],
        date: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> str:
        """What a provider lists against what is here.

        As CSV.

        For one day, as of the last comparison. There is one a day, over several days; reports are kept for 31.

        Needs the scope `read`.
        """
        return await self._send(
            Call(
                "GET",
                "/v1/reports/reconciliation",
                str,
                query={"provider": provider, "date": date},
                clocked=True,
                clock=test_clock,
            )
        )

    def get_journal(
        self,
        *,
        period: str,
        currency: str | None = None,
        unit: str | None = None,
        format: Literal["json", "csv", "beancount"] | None = None,
        layout: Literal["quickbooks", "xero", "netsuite"] | None = None,
        group: Literal["day", "entry"] | None = None,
        part: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.JournalItem, models.JournalPage]:
        """What each entry posts.

        Of the entries that are booked in a month, in pages or as a file that another program imports. Amounts in tables and files have all decimals of their currency; a currency that a program cannot hold is refused, never rounded.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/reports/journal",
                models.JournalPage,
                query={
                    "period": period,
                    "currency": currency,
                    "unit": unit,
                    "format": format,
                    "layout": layout,
                    "group": group,
                    "part": part,
                    "limit": limit,
                    "cursor": cursor,
                },
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.items,
            True,
        )

    async def get_report(
        self,
        name: models.ReportName,
        *,
        period: str | None = None,
        currency: str | None = None,
        unit: str | None = None,
        format: Literal["json", "csv"] | None = None,
        by: Literal["day", "meter", "pack", "account"] | None = None,
        method: Literal["at_expiry", "proportional"] | None = None,
        at: datetime | str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.BooksReport:
        """What the books say of a month, or of an instant.

        By currency, in minor units, each adding up. It says what it has seen of the ledger. A table has amounts with all decimals of their currency.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/reports/{segment('name', name)}",
                models.BooksReport,
                query={
                    "period": period,
                    "currency": currency,
                    "unit": unit,
                    "format": format,
                    "by": by,
                    "method": method,
                    "at": at,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_report_csv(
        self,
        name: models.ReportName,
        *,
        period: str | None = None,
        currency: str | None = None,
        unit: str | None = None,
        format: Literal["json", "csv"] | None = None,
        by: Literal["day", "meter", "pack", "account"] | None = None,
        method: Literal["at_expiry", "proportional"] | None = None,
        at: datetime | str | None = None,
        test_clock: datetime | str | None = None,
    ) -> str:
        """What the books say of a month, or of an instant.

        As CSV.

        By currency, in minor units, each adding up. It says what it has seen of the ledger. A table has amounts with all decimals of their currency.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "GET",
                f"/v1/reports/{segment('name', name)}",
                str,
                query={
                    "period": period,
                    "currency": currency,
                    "unit": unit,
                    "format": format,
                    "by": by,
                    "method": method,
                    "at": at,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def put_chart_of_accounts(
        self,
        *,
        deferred_revenue: str | Omitted | None = OMITTED,
        tax_deferred: str | Omitted | None = OMITTED,
        tax_payable: str | Omitted | None = OMITTED,
        revenue: str | Omitted | None = OMITTED,
        breakage: str | Omitted | None = OMITTED,
        breakage_tax: str | Omitted | None = OMITTED,
        refunds: str | Omitted | None = OMITTED,
        bad_debt: str | Omitted | None = OMITTED,
        funding_manual: str | Omitted | None = OMITTED,
        funding_credit: str | Omitted | None = OMITTED,
        bank: str | Omitted | None = OMITTED,
        fees: str | Omitted | None = OMITTED,
        conversion: str | Omitted | None = OMITTED,
        adjustments: str | Omitted | None = OMITTED,
        receivable: str | Omitted | None = OMITTED,
        promotional_expense: str | Omitted | None = OMITTED,
        cash_dodo: str | Omitted | None = OMITTED,
        cash_paddle: str | Omitted | None = OMITTED,
        cash_standard: str | Omitted | None = OMITTED,
        cash_stripe: str | Omitted | None = OMITTED,
        xero_tax_rate: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.ChartOfAccounts:
        """Say what the accounts of the books are called.

        It replaces what was said before; an account that is left out has its own name again. Two accounts may have one name: they are one account of your books. A colon stands between an account and one under it. What a closed month was told under stays as it was.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                "/v1/chart-of-accounts",
                models.ChartOfAccounts,
                body=models.ChartOfAccountsBody,
                members={
                    "deferred_revenue": deferred_revenue,
                    "tax_deferred": tax_deferred,
                    "tax_payable": tax_payable,
                    "revenue": revenue,
                    "breakage": breakage,
                    "breakage_tax": breakage_tax,
                    "refunds": refunds,
                    "bad_debt": bad_debt,
                    "funding.manual": funding_manual,
                    "funding.credit": funding_credit,
                    "bank": bank,
                    "fees": fees,
                    "conversion": conversion,
                    "adjustments": adjustments,
                    "receivable": receivable,
                    "promotional_expense": promotional_expense,
                    "cash.dodo": cash_dodo,
                    "cash.paddle": cash_paddle,
                    "cash.standard": cash_standard,
                    "cash.stripe": cash_stripe,
                    "xero.tax_rate": xero_tax_rate,
                },
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_chart_of_accounts(self) -> models.ChartOfAccounts:
        """What the accounts of the books are called.

        Every account has a name where nobody said one, but `promotional_expense`: without a name nothing is booked to it.

        Needs the scope `admin`.
        """
        return await self._send(Call("GET", "/v1/chart-of-accounts", models.ChartOfAccounts))

    async def apply_to_invoice(
        self,
        invoice_id: str,
        *,
        account: str,
        currency: str,
        lines: Sequence[models.InvoiceLineBody | given.InvoiceLineBodyDict],
        tax: models.TaxMode,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        unit: str | Omitted = OMITTED,
        max: str | Omitted | None = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Applied:
        """Pay lines of an invoice with credits.

        As much of them as credits can pay, up to `max`, at the unit's `value`: less than a minor unit of credits is lost to rounding, and no debt is made. The credits are burned; the entry's reference is the invoice. No line is ever paid more than it says, by however many applications.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/invoices/{segment('invoice_id', invoice_id)}/applications",
                models.Applied,
                body=models.ApplicationBody,
                members={
                    "account": account,
                    "currency": currency,
                    "lines": lines,
                    "tax": tax,
                    "reason": reason,
                    "metadata": metadata,
                    "unit": unit,
                    "max": max,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def void_invoice(
        self,
        invoice_id: str,
        *,
        reason: str | Omitted | None = OMITTED,
        metadata: Mapping[str, str] | Omitted = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.VoidedInvoice:
        """Give back all credits that were applied to an invoice.

        To the lots that they came from, with their money. What goes back to a lot that has ended ends at once. Nothing is applied to a void invoice any more.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/invoices/{segment('invoice_id', invoice_id)}/void",
                models.VoidedInvoice,
                body=models.InvoiceVoidBody,
                members={"reason": reason, "metadata": metadata},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_invoice(self, invoice_id: str) -> models.Invoice:
        """Which credits paid which line of an invoice.

        Needs the scope `admin`.
        """
        return await self._send(
            Call("GET", f"/v1/invoices/{segment('invoice_id', invoice_id)}", models.Invoice)
        )

    def get_statement(
        self,
        account: str,
        month: str,
        *,
        unit: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> AsyncPages[models.StatementEntry, models.Statement]:
        """A month of a wallet, signed.

        Opening, every entry, closing, in credits and in money: whoever has it and the public key checks all of it without any access, see docs/statements.md. What is due is booked first. A month that runs is `provisional`, and so is one that is being closed. A month that was closed ends as its close has seen it. The first statement of a wallet with very many entries takes several requests: 503 with `Retry-After` until they are counted.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/accounts/{segment('account', account)}/statements/{segment('month', month)}",
                models.Statement,
                query={"unit": unit, "limit": limit, "cursor": cursor},
                clocked=True,
                clock=test_clock,
            ),
            lambda page: page.entries,
            True,
        )

    async def list_statement_keys(self) -> models.StatementKeyList:
        """The public keys of statements.

        Keep those that you trust: a statement is checked with keys that you have from before, not with ones that come along with it.
        """
        return await self._send(Call("GET", "/v1/statement-keys", models.StatementKeyList))

    async def close_period(self, period: str, *, test_clock: datetime | str | None = None) -> models.Period:
        """Close a month.

        From ten minutes after it is over. Books what was due in it, proves that the archive has all of it, and freezes its reports, and those of the open months right before it; then it answers the same for ever. What comes later for a closed month is booked in the first open one. A close that takes longer goes on by itself: the same request again says how far it is.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/periods/{segment('period', period)}/close",
                models.Period,
                body=models.CloseBody,
                clocked=True,
                clock=test_clock,
                repeatable=False,
            )
        )

    async def get_period(self, period: str) -> models.Period:
        """A month, and its close.

        Needs the scope `admin`.
        """
        return await self._send(Call("GET", f"/v1/periods/{segment('period', period)}", models.Period))

    def list_periods(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.PeriodSummary, models.PeriodPage]:
        """Closed months.

        The latest first.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call("GET", "/v1/periods", models.PeriodPage, query={"limit": limit, "cursor": cursor}),
            lambda page: page.items,
            True,
        )

    async def create_export(
        self,
        *,
        kind: models.ExportKind,
        from_: datetime | str,
        to: datetime | str,
        format: models.ExportFormat,
        account: str | Omitted | None = OMITTED,
        issuer: models.FocusIssuerBody | given.FocusIssuerBodyDict | Omitted | None = OMITTED,
        idempotency_key: str | None = None,
        test_clock: datetime | str | None = None,
    ) -> models.Export:
        """Have files written of entries, the journal, lots or usage.

        They are written in the background, of all that was committed before; ask for the export until it is `done`. The files are deleted after seven days.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                "/v1/exports",
                models.Export,
                body=models.ExportBody,
                members={
                    "kind": kind,
                    "from": from_,
                    "to": to,
                    "format": format,
                    "account": account,
                    "issuer": issuer,
                },
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_export(self, export_id: str) -> models.Export:
        """An export: how far it is, and its files.

        Needs the scope `admin`.
        """
        return await self._send(Call("GET", f"/v1/exports/{segment('export_id', export_id)}", models.Export))

    def list_webhook_endpoints(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AsyncPages[models.WebhookEndpoint, models.WebhookEndpointPage]:
        """Webhook endpoints.

        By id. Their secrets are shown by nobody.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                "/v1/webhook-endpoints",
                models.WebhookEndpointPage,
                query={"limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    async def put_webhook_endpoint(
        self,
        endpoint_id: str,
        *,
        url: str,
        types: Sequence[str],
        accounts: Sequence[str] | Omitted | None = OMITTED,
        enabled: bool | Omitted = OMITTED,
        test_clock: datetime | str | None = None,
    ) -> models.WebhookEndpoint:
        """Have events sent to a URL.

        All of it is replaced but the secret. A new one has a secret, which is shown this once.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "PUT",
                f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}",
                models.WebhookEndpoint,
                body=models.WebhookEndpointBody,
                members={"url": url, "types": types, "accounts": accounts, "enabled": enabled},
                clocked=True,
                clock=test_clock,
            )
        )

    async def get_webhook_endpoint(self, endpoint_id: str) -> models.WebhookEndpoint:
        """A webhook endpoint.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "GET", f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}", models.WebhookEndpoint
            )
        )

    async def delete_webhook_endpoint(
        self, endpoint_id: str, *, test_clock: datetime | str | None = None
    ) -> None:
        """Delete a webhook endpoint.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "DELETE",
                f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}",
                NoneType,
                clocked=True,
                clock=test_clock,
            )
        )

    async def rotate_webhook_endpoint(
        self,
        endpoint_id: str,
        *,
        test_clock: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> models.RotatedWebhookEndpoint:
        """Give a webhook endpoint a new secret.

        The secret of before signs beside it for another 24 h; where that was rotated within them, the one before it ends at once.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}/rotation",
                models.RotatedWebhookEndpoint,
                body=models.EndpointRotationBody,
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def send_test_webhook(
        self,
        endpoint_id: str,
        *,
        test_clock: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> models.EndpointTest:
        """Send a test to a webhook endpoint.

        An event of type `scrip.webhook.test`, whatever the endpoint's `types` say, and though it be disabled.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}/test",
                models.EndpointTest,
                body=models.EndpointTestBody,
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    async def replay_webhooks(
        self,
        endpoint_id: str,
        *,
        from_: datetime | str | Omitted | None = OMITTED,
        to: datetime | str | Omitted | None = OMITTED,
        event_id: str | Omitted | None = OMITTED,
        test_clock: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Replay:
        """Send events of before again.

        What the endpoint's `types` and `accounts` fit now, also from before it was made; with the ids of before. What follows from no entry is kept for 31 days.

        Needs the scope `admin`.
        """
        return await self._send(
            Call(
                "POST",
                f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}/replays",
                models.Replay,
                body=models.ReplayBody,
                members={"from": from_, "to": to, "event_id": event_id},
                keyed=True,
                key=idempotency_key,
                clocked=True,
                clock=test_clock,
            )
        )

    def list_webhook_deliveries(
        self,
        endpoint_id: str,
        *,
        status: models.DeliveryStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncPages[models.WebhookDelivery, models.WebhookDeliveryPage]:
        """What was sent to a webhook endpoint.

        Newest events first, of the last 35 days.

        Needs the scope `admin`.
        """
        return AsyncPages(
            self._send,
            Call(
                "GET",
                f"/v1/webhook-endpoints/{segment('endpoint_id', endpoint_id)}/deliveries",
                models.WebhookDeliveryPage,
                query={"status": status, "limit": limit, "cursor": cursor},
            ),
            lambda page: page.items,
            True,
        )

    async def get_openapi(self) -> models.Contract:
        """This document."""
        return await self._send(Call("GET", "/v1/openapi.json", models.Contract))

    async def get_version(self) -> models.Version:
        """What is deployed here."""
        return await self._send(Call("GET", "/v1/version", models.Version))

    async def get_health(self) -> models.Health:
        """Whether requests are answered."""
        return await self._send(Call("GET", "/v1/health", models.Health))
