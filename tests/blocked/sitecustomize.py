"""Refuse network beyond this computer.

The root conftest.py puts this folder on PYTHONPATH, so that every Python that a test starts,
notebook kernels too, loads this file by itself. It sees what Python's own sockets do, which is what
Keras, urllib and requests use. ZeroMQ, which carries a kernel's messages over loopback, has sockets
of its own that are not seen here.
"""

import sys

EVENTS = {  # audit event: where its arguments hold the address or the host
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
    "socket.getnameinfo": 0,
}


class NetworkBlocked(ConnectionError):
    """An OSError, as the real lack of a network is, so that programs take it for that."""


def is_local(host):
    """Whether a host name or address is this computer; none at all (a wildcard) is local too."""
    import ipaddress

    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(event, arguments):
    """The audit hook: raise for an address elsewhere; sockets without a host (AF_UNIX) pass."""
    if event not in EVENTS:
        return
    target = arguments[EVENTS[event]]
    if isinstance(target, tuple):
        host = target[0] if target else None
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return  # the path of a Unix socket, or a socket that is connected already
    else:
        host = target
    if isinstance(host, (str, bytes, type(None))) and not is_local(host):
        raise NetworkBlocked(f"Tests run without a network, and this reached for {host!r} ({event}).")


sys.addaudithook(refuse)
