"""Errors of the engine. Each message says what is wrong, where, and how to mend it."""


class EngineError(Exception):
    """Base of every error the engine raises on purpose."""


class InputError(EngineError):
    """The input, the mapping, or an argument is wrong; the command line exits with status 2."""


class SchemaError(InputError):
    """The columns of a file do not fit a schema."""


class RunError(EngineError):
    """A run cannot be read, resumed, or finished; the command line exits with status 1."""


class StoppedError(EngineError):
    """A run was told to stop; the same command goes on after its last finished stage."""
