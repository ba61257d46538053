"""What keeps a command from being done that is not Scrip's own fault, said in a sentence."""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from scrip.domain.credits.errors import Refusal
from scrip.providers.clients import ProviderError


def outside(error: BaseException) -> str | None:
    """Returns what is wrong outside of Scrip and what to do about it; None where the error is Scrip's own.

    What AWS said is told of an error that something else was raised from.
    """
    if isinstance(error, Refusal):
        cause = error.__cause__
        said = outside(cause) if isinstance(cause, (BotoCoreError, ClientError)) else None
        return f"{error.detail}: {said}" if said else error.detail
    if isinstance(error, NoRegionError) or "AWS_AUTH_SIGNING_INVALID_CONFIGURATION" in str(error):
        # The second is what signing says of a region that is set, and empty.
        return "AWS has no region to go to: set AWS_DEFAULT_REGION, or AWS_PROFILE to a profile that has one"
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return "there are no AWS credentials: sign in, or set AWS_PROFILE"
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, (BotoCoreError, ProviderError)):
        return str(error)
    if isinstance(error, ValueError) and str(error).startswith("Invalid endpoint: "):
        return f"{error}: set AWS_ENDPOINT_URL to a URL, or not at all"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    if isinstance(error, KeyError) and re.fullmatch(r"SCRIP_[A-Z_]+", str(error.args[0])):
        return f"set {error.args[0]}: it is an output of the stack, or stands in .local/env"
    return None


def _answered(error: ClientError) -> str:
    """Returns what a service of AWS refused, with the names of the tables where one is not there."""
    said = error.response.get("Error", {})
    code, message = said.get("Code", "unknown"), said.get("Message", "")
    if code == "ResourceNotFoundException":
        return (
            f"AWS knows no such table or secret here ({error.operation_name}): check the region, and the names in "
            "SCRIP_WALLETS_TABLE, SCRIP_LEDGER_TABLE and the like"
        )
    return f"AWS refused {error.operation_name}: {code}: {message}"
