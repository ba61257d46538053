"""Scrip: prepaid billing credits with atomic burns, lots and a tamper-evident ledger."""
