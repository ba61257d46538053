"""Of what somebody wants to hear: bodies and answers.

alerts  a unit's alerts and an account's own
"""
