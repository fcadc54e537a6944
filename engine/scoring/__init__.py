"""Scores of transactions: rules, isolation forest, gradient boosting, and their blend."""
