"""One page of a long list."""

from __future__ import annotations

from engine.errors import InputError

#: Largest page that is handed to a browser.
MAX_PAGE_SIZE = 500


def check_page(page: int, page_size: int, what: str) -> None:
    """Refuse a page that cannot be meant.

    Parameters
    ----------
    page
        Number of the page, from 1.
    page_size
        Rows a page, 1 to ``MAX_PAGE_SIZE``.
    what
        What the rows are, for the message, e.g. ``alerts``.

    Raises
    ------
    InputError
        If one of them is out of its range.
    """
    if page < 1 or not 1 <= page_size <= MAX_PAGE_SIZE:
        raise InputError(
            f"page {page} of {page_size} {what}: pages count from 1, with 1 to {MAX_PAGE_SIZE} rows"
        )
