"""Files that arrive under ``raw/``: cleaned by a function, and sent on to the jobs."""
