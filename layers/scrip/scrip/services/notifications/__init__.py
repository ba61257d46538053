"""Of what somebody wants to hear, and how it reaches them.

notices  notices of lots' ends: found, told, put once; and what their delivery changes
alerts  a unit's alerts and an account's own, their versions, and those that count for an entry
"""
