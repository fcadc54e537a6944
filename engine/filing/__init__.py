"""Drafts of reports to an authority: its rules, its clocks, the text, and what it still lacks."""
