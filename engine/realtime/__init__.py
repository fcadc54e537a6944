"""One transaction at a time: profiles of accounts, and a scorer that needs NumPy alone.

``publish`` and ``export`` read what a run left and need the engine's other libraries; nothing else
here imports them.
"""
