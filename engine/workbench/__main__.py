"""``python -m engine.workbench``."""

import sys

from engine.workbench.cli import main

if __name__ == "__main__":
    sys.exit(main())
