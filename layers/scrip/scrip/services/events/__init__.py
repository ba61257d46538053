"""Events out: what somebody may want to hear of goes onto the bus, once or more, with an id that is the same for ever.

    bus      publishes events
    entries  the step of the stream's reader by which each entry is told

Nobody publishes from a request: what was refused or rolled back must never have been told. What an event says is
``scrip.http.events``'; the functions hand it to what is here.
"""
