"""Of what somebody wants to hear, and how it reaches them.

notices     notices of lots' ends: found, told, put once; and what their delivery changes
alerts      a unit's alerts and an account's own, their versions, and those that count for an entry
calls       one call of an endpoint: the address that was checked, 15 seconds, 64 KB
dispatches  who wants to hear of an event, and what is due to be tried
endpoints   webhook endpoints are put, read, rotated, tested, deleted
mail        letters to customers, in their language
past        events of a time that is over
replays     what was, sent again
tries       one try of one dispatch, at most five of an endpoint at a time

What providers send us are deliveries (``services.payments.deliveries``).
"""
