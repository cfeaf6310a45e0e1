#!/bin/bash
# Makes .venv from a lock with hashes and puts the project in it. Arguments: the interpreter, the lock.
set -euo pipefail
python=$1 lock=$2
if ! "$python" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 13)))' 2>/dev/null; then
  echo "Probe Patrol needs Python 3.11 or 3.12; '$python' is not one. Say: make setup PYTHON=/path/to/python3.12" >&2
  echo "需要 Python 3.11 或 3.12，请指定：make setup PYTHON=/path/to/python3.12" >&2
  exit 2
fi
if ! .venv/bin/python -c '' 2>/dev/null; then
  if ! "$python" -m venv .venv; then
    echo "Making .venv failed: on Debian and Ubuntu install the package python3-venv." >&2
    exit 1
  fi
fi
echo "Python packages from $lock …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
# The project itself is a path file: no build, nothing fetched outside the lock.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/probe_patrol.pth"
cat > .venv/bin/probe <<END
#!$PWD/.venv/bin/python
from probe.cli import main

raise SystemExit(main())
END
chmod 755 .venv/bin/probe
