"""What a run does when the device's memory runs out: smaller parts, then the CPU if allowed."""

from __future__ import annotations

from engine.backend import Backend, CpuBackend, EngineChoice
from engine.errors import RunError

_SHOWN = 120


def next_backend(
    backend: Backend, asked: EngineChoice, stage: str, message: str
) -> tuple[Backend, str]:
    """Return the engine to try a stage on again, and a note for people.

    Parameters
    ----------
    asked
        The engine that was asked for: the CPU takes over only where the choice was left to us.
    message
        What the library said.

    Raises
    ------
    RunError
        If only the CPU is left and the GPU was asked for.
    """
    ran_out = f"the GPU's memory ran out in the stage {stage} ({message[:_SHOWN]})"
    thrifty = backend.thriftier()
    if thrifty is not None:
        return thrifty, f"{ran_out}: it goes on in smaller parts"
    if asked == "gpu":
        raise RunError(
            f"{ran_out}, in smaller parts too; use a GPU with more memory, or "
            "--engine auto, which lets the CPU take over"
        )
    return CpuBackend("the GPU's memory ran out"), f"{ran_out}: the CPU takes over"
