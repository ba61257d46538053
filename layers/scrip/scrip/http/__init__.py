"""The HTTP edge: what may come in, and what an answer looks like.

    door       one event in, one answer out: access, body, key, clock, refusals
    schemas    bodies; catalogue_schemas and rate_schemas those of the catalogue
    fields     path and query parameters, instants, cursors
    problems   refusals as problem documents (RFC 9457)
    views      entries, balances, lots and the rest as JSON

Law of the room: no rule about credits lives here, and no attribute name of a table.
"""
