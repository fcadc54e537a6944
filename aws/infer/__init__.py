"""Real-time scoring over HTTP: one handler for Lambda and for this machine."""
