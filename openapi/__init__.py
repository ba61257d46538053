"""The OpenAPI document of Scrip's HTTP contract: ``make openapi`` writes docs/openapi.json, the
table of docs/errors.md, a sample in events/http of each route that has none, the Python client's generated
modules, and the schemas of events. Never deployed.

    document     the document, put together
    declare      what a route is declared with
    routes/      the declarations, one for each route of template.yaml
    bodies       request bodies, from the models in scrip.http
    docstrings   docstrings of members, from source
    rules        rules over several members of a request
    views        answers, from the types beside their views
    responses    an operation's answers, those of the gateway too
    problems     refusals, with the facts that belong to each
    parameters   path, query and header parameters
    samples      samples of requests, for events/http
    events       schemas of events, for events/schemas, and examples
    repetition   which operations may be sent again
    typescript   the TypeScript client's methods and types
    python/      the Python client's generated modules

A new route needs one ``Operation`` in routes/. It names the body's model, the answers' views and the codes of the
refusals that its operation raises. Its scope is taken from the function's own ROUTES, a refusal's status and facts from
its class. What every such request may be refused for is added. A declaration whose route is not in template.yaml is
left out.

Law of the room: nothing that is deployed imports it, and it says nothing that it could read from the code.
"""
