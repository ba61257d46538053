"""Scrip's client: ``Scrip`` waits for each answer, ``AsyncScrip`` is awaited.

    client       the two clients
    operations   a method for each operation (generated, as are the next four)
    awaited      the same, to be awaited
    models       what requests and answers are made of
    given        dictionaries that may be given in a model's place
    refusals     refusals, each with its facts
    errors       what a call can end with instead of an answer
    pages        lists, page by page
    coalescers   burns of one wallet, as many in a page as wait
    leases       credits that one process spends in memory
    threads      the two of these for programs that wait
    records      what pages and settlements are made of
    funds        what a lease has, and until when
    metrics      what both have done, and have before them
    settings     how both work
    streams      what is not answered yet, each record at its offset
    journals     a file that outlives its process
    amounts      credits as whole numbers
    retries      whether, and when, a call is sent again
    sending      sends calls over HTTP, and reads what comes back
    calls        a call: what is to be sent, and what comes back
    bases        what every model is

What is generated is written by ``make openapi``, from docs/openapi.json alone.
"""

from scrip_client import refusals
from scrip_client.bases import Answer, Http
from scrip_client.calls import OMITTED, Omitted
from scrip_client.client import AsyncScrip, Scrip
from scrip_client.coalescers import AsyncCoalescer
from scrip_client.errors import (
    GatewayRefused,
    InExport,
    NotReached,
    NotUnderstood,
    Refused,
    ScripError,
    Unsendable,
)
from scrip_client.journals import JournalDamaged, JournalInUse
from scrip_client.leases import AsyncLease
from scrip_client.metrics import CoalescerMetrics, LeaseMetrics
from scrip_client.pages import AsyncPages, Pages
from scrip_client.refusals import *  # noqa: F403
from scrip_client.retries import Retries
from scrip_client.streams import Recorded
from scrip_client.threads import Coalescer, Lease

__all__ = [
    "OMITTED",
    "Answer",
    "AsyncCoalescer",
    "AsyncLease",
    "AsyncPages",
    "AsyncScrip",
    "Coalescer",
    "CoalescerMetrics",
    "GatewayRefused",
    "Http",
    "InExport",
    "JournalDamaged",
    "JournalInUse",
    "Lease",
    "LeaseMetrics",
    "NotReached",
    "NotUnderstood",
    "Omitted",
    "Pages",
    "Recorded",
    "Refused",
    "Retries",
    "Scrip",
    "ScripError",
    "Unsendable",
]
__all__ += refusals.__all__
