"""Memory that a crowd took is given back to the machine: Python and the C library would keep it for the next one.

`make run` and the image start Python with PYTHONMALLOC=malloc: its own allocator hands memory back in pieces of 1 MB,
and one object that outlives a crowd keeps its piece (24 MB of 150 after 3,000 abandoned pages). It costs about a tenth
more time a page; whoever has memory to spare leaves the variable out.
"""

import ctypes
import gc

from services import runner

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
ARENAS = 1
"""Heaps of the C library: it would give nearly each of our twenty threads one, and each keeps gaps of its own."""
LARGE = 128 * 1024
"""Bytes from which a piece is a mapping of its own, gone when freed. It is the C library's own number to begin with,
but it raises it whenever a larger piece is freed, up to 32 MB. Without this 30 MB of 60 stayed after a flood."""

COLLECT_EVERY = 1.0
"""Seconds: a page that was taken down refers to itself, and Python looks for such only when the heap has grown by a
quarter. In a crowd that would be hundreds of dead pages."""
AFTER_A_CROWD = 35.0
"""Seconds after which the last page of a crowd is gone too, and with it the reason to keep its memory."""


def settle() -> None:
    """Set aside what the start made, once: it stays for ever, and collecting in a crowd need not look through it."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    _tell_the_library()


def _tell_the_library() -> None:
    """Ask the C library, where it is glibc, to keep these numbers."""
    library = ctypes.CDLL(None)
    if hasattr(library, 'mallopt'):
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
        library.mallopt(M_TRIM_THRESHOLD, LARGE)
        library.mallopt(M_ARENA_MAX, ARENAS)


class Memory:
    """Collects while a crowd is there, and gives back when it has gone."""

    def __init__(self) -> None:
        self._crowded_at: float | None = None
        self._collected_at = 0.0

    def look(self, moment: float, *, is_crowded: bool) -> None:
        """Do what is due at this moment of the monotonic clock."""
        if is_crowded:
            self._crowded_at = moment
            if moment - self._collected_at >= COLLECT_EVERY:
                self._collected_at = moment
                gc.collect()
        elif self._crowded_at is not None and moment - self._crowded_at > AFTER_A_CROWD:
            self._crowded_at = None
            give_back()


def give_back() -> None:
    """Collect what refers to itself and return free memory; takes a moment, so only after a crowd."""
    runner.close_idle()
    gc.collect()
    library = ctypes.CDLL(None)
    if hasattr(library, 'malloc_trim'):
        library.malloc_trim(0)
