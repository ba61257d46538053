"""Whom accounts are of: profiles, which are erased without a trace, and what outlives them and names nobody.

countries  the country of an account at an instant
opt_outs   who wants no letters, and the link by which somebody says so
profiles   profiles put and read, and found by their addresses
erasure    a profile erased, and with it what providers sent of its customer
"""
