"""Which counts of people may be shown, and how wide a hidden count is protected."""

SMALLEST_SHOWN = 5
"""The smallest count of people that is shown; 0 is shown too."""

INTERVAL_WIDTH = SMALLEST_SHOWN - 1
"""The least width of a protection interval: highest less lowest value a hidden count may have."""


def is_small(count: int) -> bool:
    """Whether a count is from 1 to 4."""
    return 0 < count < SMALLEST_SHOWN
