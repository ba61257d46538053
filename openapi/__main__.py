"""``python -m openapi``: writes docs/openapi.json, the document that a deployment answers with, the table of
docs/errors.md, samples of new routes, what the clients in Python and TypeScript have of them, the schemas of events,
and examples of new ones.

With ``--keep``, the document also becomes what tests/contract/test_unchanged.py compares the next one with.
"""

import gzip
import json
import sys

from openapi import events, problems, samples, typescript
from openapi.document import DEPLOYED, FILE, KEPT, deployed, document, scopes_of_routes, text
from openapi.python.files import files
from openapi.routes import OPERATIONS

if sys.argv[1:] not in ([], ["--keep"]):
    sys.exit("usage: python -m openapi [--keep]")
FILE.write_text(text(), encoding="utf-8")
DEPLOYED.write_text(deployed(), encoding="utf-8")
problems.PAGE.write_text(problems.page(), encoding="utf-8")
for path, sample in samples.missing(OPERATIONS, scopes_of_routes()).items():
    path.write_text(sample, encoding="utf-8")
for path, schema in events.schemas().items():
    path.write_text(schema, encoding="utf-8")
for path, example in events.missing().items():
    path.write_text(example, encoding="utf-8")
for path, module in files(json.loads(FILE.read_text(encoding="utf-8"))).items():
    path.write_text(module, encoding="utf-8")
typescript.OPERATIONS.write_text(typescript.operations(document()), encoding="utf-8")
if not typescript.is_current(text()):
    if program := typescript.missing():
        sys.stderr.write(
            f"{typescript.SCHEMA} is out of date: {program}, which makes it again, is not installed\n"
        )
    else:
        typescript.SCHEMA.write_text(typescript.schema(text()), encoding="utf-8")
if sys.argv[1:]:
    KEPT.write_bytes(gzip.compress(FILE.read_bytes(), mtime=0))
