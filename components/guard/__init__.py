"""The gate: what reaches NiceGUI and the routes, over HTTP and over the socket.

NiceGUI trusts whoever knows a `client_id`, runs handlers of hidden buttons and keeps the socket of a person who signed
out (SECURITY §4). Here every request gets its actor, every answer its headers, and every socket and each of its events
is bound to the session that opened the page. This package touches private names of NiceGUI, which is therefore pinned;
tests/unit/test_guard.py names each of them, tests/attack/ attacks the running server.

gate.py: HTTP and the frames of a socket. layers.py: nothing stands outside the gate. binding.py: whose page is it.
sockets.py: the socket's events.
touching.py: may this element be touched. leaving.py: ended sessions and pages nobody came for.
dropped.py: what the audit log is told of all this.
memory.py: what a crowd took goes back to the machine.
"""

from components.guard.gate import Gate
from components.guard.layers import stand_outermost
from components.guard.leaving import send_away
from components.guard.sockets import install

__all__ = ['Gate', 'install', 'send_away', 'stand_outermost']
