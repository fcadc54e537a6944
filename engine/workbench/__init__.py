"""The workbench: what people do with alerts, kept in a relational database.

Every function takes an open session first. What reads or changes case data takes the person who
asks next, and is guarded by :mod:`engine.workbench.permissions`; every change leaves an entry in
:mod:`engine.workbench.audit` in the same transaction.
"""
