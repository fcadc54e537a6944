"""What the code asks of RAPIDS, and what RAPIDS 26.10 offers."""
