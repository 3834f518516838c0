"""How often Python looks for garbage that references itself."""

import gc

ALLOCATIONS = 20_000  # more containers than before, until the youngest are looked through


def collect_seldom() -> None:
    """Leave alone what is loaded by now, and look through the rest less often than Python does by itself.

    Next to all that a poll makes dies by its reference count. Looking through everything that was imported
    every few hundred allocations found nothing and cost a quarter of a poll.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
