"""Of what somebody wants to hear: bodies and answers.

notices  notices that lots are to end
alerts  a unit's alerts and an account's own
"""
