"""`python -m patrol_console.openapi`: the API as JSON, without database or Redis; the page's client is made of it."""

from __future__ import annotations

import json
import sys

from patrol_console.app import bare_app


def document() -> str:
    """OpenAPI 3.1, keys sorted, so that two runs give the same bytes."""
    return json.dumps(bare_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
