"""The rows of the table of attacks: SECURITY §4.1 by its numbers, and all of §4.2 as X. Names of tests begin with them."""

import re

ROWS = {
    'P1': 'session fixation',
    'P2': 'clicks on what is hidden or disabled',
    'P3': 'forged values',
    'P4': 'ids of other people',
    'P5': 'twenty clicks at once',
    'P6': 'another tab after signing out',
    'P7': "events for somebody else's page",
    'P8': 'the address of a socket',
    'P8B': 'the id of a page alone',
    'P9': 'sockets without a page',
    'P10': 'malformed messages',
    'P11': "lines in the server's log",
    'P12': 'polling from another site',
    'P13': 'X-Forwarded-Prefix and its kin',
    'P14': 'X-Forwarded-For',
    'P15': 'pages past the door',
    'P16': 'uploads',
    'P17': 'huge messages',
    'P18': 'bursts of events',
    'P19': 'abandoned pages',
    'P20': 'files of strangers',
    'P21': 'connections of strangers',
    'P22': 'notes on tabs',
    'P23': 'a socket that reads nothing',
    'P24': 'slow work of others',
    'P25': 'three hundred open pages',
    'X': 'words that would run (§4.2)',
}
ROW = re.compile(r'test_(p\d+b?|x)_')


def row_of(test: str) -> str | None:
    """Return the row a test belongs to by its name, if to any."""
    found = ROW.match(test)
    return found[1].upper() if found else None
