"""Memory that a crowd took is given back to the machine: Python and the C library would keep it for the next one."""

import ctypes
import gc

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGE = 128 * 1024
"""Bytes from which a piece is a mapping of its own, gone when freed. It is the C library's own number to begin with,
but it raises it whenever a larger piece is freed, up to 32 MB. Without this 30 MB of 60 stayed after a flood."""


def keep_large_pieces_apart() -> None:
    """Ask the C library, where it is glibc, to keep that number."""
    library = ctypes.CDLL(None)
    if hasattr(library, 'mallopt'):
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
        library.mallopt(M_TRIM_THRESHOLD, LARGE)


def give_back() -> None:
    """Collect what refers to itself and return free memory; takes about a tenth of a second, so only after a crowd."""
    gc.collect()
    library = ctypes.CDLL(None)
    if hasattr(library, 'malloc_trim'):
        library.malloc_trim(0)
