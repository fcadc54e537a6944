"""The network round a ring or some accounts, opened step by step within a budget."""
