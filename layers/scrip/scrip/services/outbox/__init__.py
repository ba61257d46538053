"""What the ledger's stream adds becomes whatever is derived from it, step by step; and how far that is.

The ledger is the record and its stream the outbox: nothing that is derived from an entry is written in its transaction,
nor by whoever asked for it. A record comes once or more, in the order of its shard; a step does the same thing again.

    reader  a batch of records through every step, and the mark behind it
    looks   looks whether shards have anything unread, so that marks move where nothing comes
"""
