"""Whom accounts are of: profiles, which are erased without a trace, and what outlives them and names nobody.

countries  the country of an account at an instant
profiles   profiles put and read, and found by their addresses
erasure    a profile erased, and with it what providers sent of its customer
"""
