"""Scrip: prepaid billing credits with atomic burns, lots and a tamper-evident ledger."""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # What a cold start makes, stays. Looking for garbage in it, again and again, takes 6 to 8 % of its time
    # (decision 0024); ``runtime.started`` begins to look.
    gc.disable()
