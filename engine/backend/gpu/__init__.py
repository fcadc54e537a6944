"""The GPU engine: RAPIDS 26.10. Nothing outside this package imports CuPy or a RAPIDS library."""
