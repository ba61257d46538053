"""Of what somebody wants to hear, and where it is sent: bodies and answers.

notices     notices that lots are to end
alerts      a unit's alerts and an account's own
endpoints   webhook endpoints, their rotation and tests
dispatches  what was sent to one, and replays
"""
