# SPDX-License-Identifier: BSL-1.0
"""Runs the recipes as the processes they are, and is their client.

A test waits for what a server prints or answers, never for a time. TIMEOUT only
ends what hangs.
"""

import http.client
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import unittest

TIMEOUT = 60
LONG = 50_000  # milliseconds that no test waits for

programs = []  # the program under test, then those that it works with


def find_line(stream, pattern):
    """Read up to a line that matches."""
    for line in stream:
        found = re.fullmatch(pattern, line.rstrip("\n"))
        if found:
            return found
    raise AssertionError(f"ended without printing {pattern}")


class Server:
    """A recipe that serves on a port of its own."""

    def __init__(self, program, **options):
        words = [f"--{name.replace('_', '-')}={value}"
                 for name, value in options.items()]
        self.process = subprocess.Popen(
            [program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.watchdog = threading.Timer(TIMEOUT, self.process.kill)
        self.watchdog.start()
        self.port = int(self.wait_for(r"port (\d+)").group(1))
        self.clients = []

    def wait_for(self, pattern):
        """Read what it prints up to a line that matches."""
        return find_line(self.process.stdout, pattern)

    def terminate(self):
        """Send SIGTERM, and return when it stops to accept."""
        self.process.send_signal(signal.SIGTERM)
        self.wait_for("stopping")

    def dump(self, *patterns):
        """Send SIGUSR1, and find these lines, in this order, in the dump."""
        self.process.send_signal(signal.SIGUSR1)
        for pattern in patterns:
            find_line(self.process.stderr, pattern)

    def finish(self):
        """Wait for the end; returns the numbers that it prints, by name."""
        rest = self.process.stdout.read()
        if self.process.wait() != 0:
            raise AssertionError(f"ended with {self.process.returncode}: "
                                 + self.process.stderr.read())
        return {name: int(number)
                for name, number in re.findall(r"(\w+) (\d+)", rest)}

    def close(self):
        for client in self.clients:
            client.close()
        self.process.kill()
        self.process.wait()
        self.watchdog.cancel()
        self.process.stdout.close()
        self.process.stderr.close()

    def client(self):
        """A client of one connection, which it makes at once."""
        client = Client(self.port)
        self.clients.append(client)
        return client

    def senders(self, count, *request):
        """So many clients, who have each sent a request."""
        clients = [self.client() for _ in range(count)]
        for client in clients:
            client.send(*request)
        return clients

    def curl(self, path, *options):
        """Have curl ask; returns the status and the body."""
        asked = subprocess.run(
            ["curl", "-s", "-m", str(TIMEOUT), "-w", "\n%{http_code}",
             *options, f"http://127.0.0.1:{self.port}{path}"],
            capture_output=True, text=True, check=False)
        body, status = asked.stdout.rsplit("\n", 1)
        return int(status), body


class Client:
    """One connection, and what may be done to a server with it."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=TIMEOUT)
        self.connection.connect()
        self.answer = None

    def send(self, path, body=None, **headers):
        method = "GET" if body is None else "POST"
        self.connection.request(method, path, body, headers)

    def send_raw(self, text):
        self.connection.sock.sendall(text.encode())

    def receive(self):
        """Returns the status and the body; self.answer has the rest."""
        self.answer = self.connection.getresponse()
        return self.answer.status, self.answer.read().decode()

    def receive_raw(self):
        """Returns all that comes until the server closes."""
        parts = []
        while part := self.connection.sock.recv(65536):
            parts.append(part)
        return b"".join(parts).decode()

    def ask(self, path, body=None, **headers):
        self.send(path, body, **headers)
        return self.receive()

    def half_close(self):
        self.connection.sock.shutdown(socket.SHUT_WR)

    def vanish(self):
        """Reset the connection, as a process does that is killed."""
        self.connection.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def close(self):
        self.connection.close()

    def is_kept(self):
        """Whether the server keeps the connection after the last answer."""
        return self.connection.sock is not None


class Backend:
    """A server that a test plays by hand, one connection after the other."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.peers = []

    def accept(self):
        peer = Peer(self.listener.accept()[0])
        self.peers.append(peer)
        return peer

    def has_caller(self):
        """Whether a connection waits to be accepted."""
        return bool(select.select([self.listener], [], [], 0)[0])

    def close(self):
        for peer in self.peers:
            peer.close()
        self.listener.close()


class Peer:
    """The other end of a connection to a Backend."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(TIMEOUT)
        self.lines = sock.makefile("r", newline="\r\n")

    def receive(self):
        """Returns the path of the next request, or nothing at the end."""
        try:
            first = self.lines.readline()
            while self.lines.readline() not in ("\r\n", ""):
                pass
        except ConnectionResetError:
            return ""
        return first.split(" ")[1] if first else ""

    def answer(self, body, status="200 OK"):
        self.sock.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}"
                          f"\r\n\r\n{body}".encode())

    def close(self):
        self.lines.close()
        self.sock.close()


class Load:
    """Clients that ask again and again, until the server says that it closes.

    A request that was sent and is not answered in full counts as dropped.
    """

    def __init__(self, server, clients, make_request):
        self.answers = []
        self.dropped = []
        self.warm = threading.Semaphore(0)
        self.threads = [
            threading.Thread(target=self._run, daemon=True,
                             args=(server.client(), make_request))
            for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _run(self, client, make_request):
        try:
            while True:
                self.answers.append(client.ask(*make_request()))
                self.warm.release()
                if not client.is_kept():
                    return
        except (OSError, http.client.HTTPException) as problem:
            self.dropped.append(repr(problem))

    def wait_for(self, answers):
        for _ in range(answers):
            if not self.warm.acquire(timeout=TIMEOUT) or self.dropped:
                raise AssertionError(f"no answers: {self.dropped}")

    def join(self):
        for thread in self.threads:
            thread.join()


class RecipeTest(unittest.TestCase):
    """A test that has servers, which end with it."""

    def serve(self, *, program=0, **options):
        server = Server(programs[program], **options)
        self.addCleanup(server.close)
        return server

    def backend(self):
        backend = Backend()
        self.addCleanup(backend.close)
        return backend

    def load(self, server, clients, make_request):
        load = Load(server, clients, make_request)
        self.addCleanup(load.join)
        return load


def main():
    """Run the tests of a script; its arguments are the programs."""
    programs.extend(sys.argv[1:])
    unittest.main(argv=sys.argv[:1], verbosity=2)
