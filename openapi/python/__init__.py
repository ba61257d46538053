"""The Python client's generated modules: ``make openapi`` writes them beside the document, out of which alone they are
made. Never deployed.

    names        names of Python for what the document names
    rendering    types of Python for schemas, in answers and as an argument
    models       components as pydantic models, and as dictionaries that may be given in a model's place
    refusals     problems as classes of exceptions
    operations   a method for each operation, to be called at once or to be awaited
    files        the modules as text, formatted

Law of the room: it reads the document and nothing else, so what it makes is what anybody could make of it.
"""
