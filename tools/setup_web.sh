#!/bin/bash
# Builds the page and puts the Chinese font where evidence is drawn.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
web=$here/patrol_console/web
echo "The page …"
"$here/tools/with_node.sh" npm --prefix "$web" ci --loglevel=error --no-audit --no-fund
"$here/tools/with_node.sh" npm --prefix "$web" run build --loglevel=error
mkdir -p "$here/hub/fonts"
font=$web/node_modules/@expo-google-fonts/noto-sans-sc
cp "$font/400Regular/NotoSansSC_400Regular.ttf" "$here/hub/fonts/NotoSansSC-Regular.ttf"
