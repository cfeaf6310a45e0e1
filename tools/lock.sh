#!/bin/bash
# Resolves the dependencies into locks with hashes and no addresses.
set -euo pipefail
compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate "$@"; }
compile pyproject.toml -o requirements.lock
compile --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
compile --group node -o requirements-node.lock
