"""Scrip: prepaid billing credits with atomic burns, lots and a tamper-evident ledger.

http       what may come in, and what an answer looks like
services   load, decide, commit, try again
domain     what credits are and what may happen to them
providers  what payment providers say
store      DynamoDB
runtime    settings, clients, clock, metrics
invocation how long this invocation lasts, and what may yet begin in it
cli        the command ``scrip``
"""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # What a cold start makes, stays. Looking for garbage in it, again and again, takes 6 to 8 % of its time
    # (decision 0024); ``runtime.started`` begins to look.
    gc.disable()
