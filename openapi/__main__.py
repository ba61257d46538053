"""``python -m openapi``: writes docs/openapi.json, the table of docs/errors.md, and samples of new routes."""

from openapi import problems, samples
from openapi.document import FILE, scopes_of_routes, text
from openapi.routes import OPERATIONS

FILE.write_text(text(), encoding="utf-8")
problems.PAGE.write_text(problems.page(), encoding="utf-8")
for path, sample in samples.missing(OPERATIONS, scopes_of_routes()).items():
    path.write_text(sample, encoding="utf-8")
