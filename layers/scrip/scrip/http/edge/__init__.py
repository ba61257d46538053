"""What every route has in common: how a request comes in, and how an answer or a refusal goes out.

request      one HTTP event: access, body, key, clock; calls what answers its route
access       who calls, and what a scope allows
answers      JSON answers, and parts that many answers share
bodies       forms and base classes of request bodies
customers    what a key of one account is shown of an answer
forms        forms of what answers hold, for types alone
mistakes     what is wrong with a body, in words
parameters   path and query parameters, instants, cursors
pages        pages of lists
problems     refusals as problem documents (RFC 9457)
schedule     events of a schedule
service      what a deployment says of itself
tables       lists and reports as CSV
"""
