"""The virus scanner: the port, ClamAV's daemon as its adapter, and none."""

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from services import limits
from services.settings import get_settings

CHUNK = 64 * 1024
SECONDS = limits.span('scanner_wait').total_seconds()


class Infected(Exception):
    """The scanner knows this file; the text is what it calls it."""


class ScannerAway(Exception):
    """The scanner did not answer, or said something else: nothing is known about the file."""


class Scanner(Protocol):
    """Who looks at a file before we do."""

    def scan(self, file: BinaryIO) -> None:
        """Read a file from its beginning.

        Raises:
            Infected, ScannerAway: see there.
        """
        ...


class NoScanner:
    """Where none is set: what is kept is made anew anyway, and a virus does not survive that."""

    def scan(self, file: BinaryIO) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Clamd:
    """ClamAV's daemon by its INSTREAM command: a path of its socket, or host:port."""

    address: str
    seconds: float = SECONDS

    def scan(self, file: BinaryIO) -> None:
        """Send the file in pieces and hear the verdict."""
        file.seek(0)
        try:
            with self._connected() as wire:
                wire.sendall(b'zINSTREAM\0')
                while piece := file.read(CHUNK):
                    wire.sendall(struct.pack('!L', len(piece)) + piece)
                wire.sendall(struct.pack('!L', 0))
                answer = wire.recv(4096).rstrip(b'\0\n').decode(errors='replace')
        except OSError as error:
            raise ScannerAway(str(error)) from error
        if answer.endswith(' FOUND'):
            raise Infected(answer.removeprefix('stream: ').removesuffix(' FOUND'))
        if answer != 'stream: OK':
            raise ScannerAway(answer)

    def _connected(self) -> socket.socket:
        if self.address.startswith('/'):
            wire = socket.socket(socket.AF_UNIX)
            wire.settimeout(self.seconds)
            wire.connect(self.address)
            return wire
        host, _, port = self.address.rpartition(':')
        return socket.create_connection((host, int(port)), self.seconds)


def scanner() -> Scanner:
    """Return the scanner of this installation."""
    address = get_settings().clamd
    return Clamd(address) if address else NoScanner()
