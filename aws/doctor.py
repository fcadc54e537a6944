"""``python -m aws.doctor``: whether the language models that are set up can write, and how long.

``--warm`` asks each of them for an empty narrative, which has Bedrock compile the answer's form
(the first time in a day that takes up to minutes): run it after a deployment, and daily.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from aws import names
from aws.bedrock.author import Author
from aws.bedrock.failures import Failure
from aws.bedrock.lifecycle import health
from aws.bedrock.settings import Settings
from engine.errors import EngineError

#: Seconds for the compiling of a form.
_WARMING = 600.0
_ASKED = (
    "This only checks that you can answer. Write the one sentence “Ready.” in the section "
    'introduction, with the fact F1, and advice low without reasons. {"facts":[]}'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a model; 0: all are right, 1: one is not, 2: the settings are wrong."""
    parser = argparse.ArgumentParser(prog="python -m aws.doctor", description=__doc__)
    parser.add_argument("--warm", action="store_true", help="have the answer's form compiled")
    given = parser.parse_args(arguments)
    try:
        settings = Settings.read()
        if not settings.models:
            print(f"no language model is set up ({names.BEDROCK_MODEL}): the template writes")
            return 0
        lines = [(one.is_right, one.told) for one in health(settings)]
        if given.warm:
            lines += warmed(settings)
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for is_right, line in lines:
        print(f"{'ok     ' if is_right else 'WRONG  '} {line}")
    return 0 if all(is_right for is_right, _ in lines) else 1


def warmed(settings: Settings) -> list[tuple[bool, str]]:
    """Have every model answer once, and return how that went and what it took."""
    told = []
    for model in settings.models:
        author = Author(replace(settings, seconds=_WARMING, silence=_WARMING))
        try:
            author.write(model, _ASKED)
        except Failure as failure:
            told.append((False, str(failure)))
            continue
        used = author.usage()
        told.append((True, f"{model.model_id} answers by {used.rung} in {used.seconds:.1f} s"))
    return told


if __name__ == "__main__":
    sys.exit(main())
