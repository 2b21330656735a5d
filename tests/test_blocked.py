"""Every Python that a test starts refuses the network and still reaches its own computer."""

import os
import socket
import subprocess
import sys
import urllib.request

import pytest

ELSEWHERE = "192.0.2.1"  # reserved for documentation: nobody has it

REACH = {
    "connect": f"socket.create_connection(('{ELSEWHERE}', 80), timeout=1)",
    "connect_ex": f"socket.socket().connect_ex(('{ELSEWHERE}', 80))",
    "IPv6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "UDP": f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('{ELSEWHERE}', 53))",
    "look-up": "socket.getaddrinfo('example.org', 80)",
    "old look-up": "socket.gethostbyname('example.org')",
    "reverse look-up": f"socket.gethostbyaddr('{ELSEWHERE}')",
    "urllib": "urllib.request.urlopen('http://example.org', timeout=1)",
}
LOOPBACK = """
import socket, urllib.request
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(("localhost", server.getsockname()[1]))
peer, _ = server.accept()
client.sendall(b"ping")
print(peer.recv(4).decode())
"""


def child(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", REACH.values(), ids=REACH)
def test_this_process_reaches_nobody_else(code):
    with pytest.raises(OSError, match="without a network"):
        exec(code, {"socket": socket, "urllib": urllib})


def test_a_child_process_reaches_nobody_else():
    lines = [f"try: {code}\nexcept OSError as error: print(error)" for code in REACH.values()]
    done = child("import socket, urllib.request\n" + "\n".join(lines))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Tests run without a network") == len(REACH), done.stdout


def test_the_sentence_says_what_was_reached_for():
    printed = child(f"import socket; {REACH['connect']}").stderr
    assert f"without a network, and this reached for '{ELSEWHERE}'" in printed


def test_loopback_works(capsys):
    exec(LOOPBACK, {})
    assert capsys.readouterr().out == "ping\n"
    assert child(LOOPBACK).stdout == "ping\n"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_unix_sockets_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of such a socket may have only some 100 characters
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("here")
        server.listen()
        client.connect("here")


@pytest.mark.parametrize("name", ["CONTENTGEN_CACHE", "KERAS_HOME", "IPYTHONDIR"])
def test_the_users_own_files_are_out_of_reach(name):
    assert "contentgen-tests-" in os.environ[name]
