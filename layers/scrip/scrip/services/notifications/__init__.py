"""Of what somebody wants to hear, and how it reaches them.

alerts  a unit's alerts and an account's own, their versions, and those that count for an entry
"""
