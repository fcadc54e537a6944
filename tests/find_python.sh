#!/bin/sh
# Runs the first Python 3.12 or 3.11 on this machine with the arguments given.
for name in python3.12 python3.11 python3; do
    if "$name" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 12)))' 2>/dev/null
    then
        exec "$name" "$@"
    fi
done
echo "Ringleader needs Python 3.11 or 3.12; none was found (python3.12, python3.11, python3)." >&2
echo "On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2
exit 1
