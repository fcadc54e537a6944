#!/bin/sh
# Starts a function as Lambda wants it; numba's compiled kernels come along to where it may write.
[ -d "$NUMBA_CACHE_DIR" ] || cp -r /opt/numba "$NUMBA_CACHE_DIR"
exec python -m awslambdaric "$@"
