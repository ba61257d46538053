"""Scrip: prepaid billing credits with atomic burns, lots and a tamper-evident ledger."""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # A cold start makes some 200 000 objects that stay. Looking for garbage among them, again and again, is an eighth
    # of its time; ``runtime.started`` begins to look.
    gc.disable()
