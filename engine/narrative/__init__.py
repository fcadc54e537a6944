"""Narratives: facts that code computed, text about them, and the proof that the text holds."""
