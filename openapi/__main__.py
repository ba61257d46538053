"""``python -m openapi``: writes docs/openapi.json, and the table of docs/errors.md."""

from openapi import problems
from openapi.document import FILE, text

FILE.write_text(text(), encoding="utf-8")
problems.PAGE.write_text(problems.page(), encoding="utf-8")
