"""Narratives: frozen ledgers, attacks, and how both are judged."""
