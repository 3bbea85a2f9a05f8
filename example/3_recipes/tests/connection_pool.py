# SPDX-License-Identifier: BSL-1.0
"""The connection pool under overload, at its end, and with bad neighbours."""

import shutil
import unittest

from harness import LONG, RecipeTest, main

HELLO = (200, "hello\n")


class PoolTest(RecipeTest):
    def proxy(self, backend, **options):
        return self.serve(backend_port=backend.port,
                          **{"health_interval": LONG, "answer": LONG,
                             "check_out": LONG, **options})


class Overload(PoolTest):
    def setUp(self):
        self.server = self.serve(program=1)

    def test_who_gets_no_connection_in_time_is_refused(self):
        backend = self.backend()
        proxy = self.proxy(backend, pool_size=1, check_out=1)
        first, second = proxy.client(), proxy.client()
        first.send("/")
        peer = backend.accept()
        peer.receive()
        proxy.dump(r'<semaphore counter=0.*> "backend connections"',
                   r'  held by "/" for [0-9.]+ s')
        self.assertEqual(second.ask("/")[0], 503)
        self.assertEqual(second.answer.getheader("Retry-After"), "1")
        peer.answer("page")
        self.assertEqual(first.receive(), (200, "page"))

    def test_who_can_wait_gets_the_next_connection(self):
        proxy = self.proxy(self.server, pool_size=1)
        clients = proxy.senders(5, "/hold")
        self.server.client().ask("/release")
        for client in clients:
            self.assertEqual(client.receive(), HELLO)

    @unittest.skipUnless(shutil.which("curl"), "curl is missing")
    def test_many_share_few_connections(self):
        proxy = self.proxy(self.server, pool_size=2)
        urls = [f"http://127.0.0.1:{proxy.port}/{i}" for i in range(19)]
        status, body = proxy.curl("/", "-Z", "--parallel-max", "20", *urls)
        self.assertEqual((status, body.count("hello")), (200, 20))


class End(PoolTest):
    def test_drops_nothing_under_load(self):
        server = self.serve(program=1)
        proxy = self.proxy(server, pool_size=3, linger=LONG)
        load = self.load(proxy, 8, lambda: ("/",))
        load.wait_for(100)
        proxy.dump(r'<semaphore .*> "backend connections"',
                   r'<semaphore .*> "connections"',
                   r'  held by "127\.0\.0\.1:\d+" for [0-9.]+ s',
                   r'<semaphore .*> "client 127\.0\.0\.1"')
        load.wait_for(100)
        proxy.terminate()
        load.join()
        self.assertEqual(load.dropped, [])
        self.assertEqual(set(load.answers), {HELLO})
        self.assertEqual(proxy.finish()["served"], len(load.answers))

    def test_those_who_wait_for_a_connection_get_it(self):
        server = self.serve(program=1)
        proxy = self.proxy(server, pool_size=1, linger=LONG)
        clients = proxy.senders(3, "/hold")
        proxy.terminate()
        server.client().ask("/release")
        for client in clients:
            self.assertEqual(client.receive(), HELLO)
            client.close()
        self.assertEqual(proxy.finish()["cut"], 0)

    def test_the_cut_ends_those_who_wait(self):
        backend = self.backend()
        proxy = self.proxy(backend, pool_size=1, grace=1)
        clients = proxy.senders(2, "/")
        backend.accept().receive()
        proxy.terminate()
        # The second may not even have been accepted.
        self.assertIn(proxy.finish()["cut"], (1, 2))


class BadNeighbours(PoolTest):
    def setUp(self):
        self.backend_by_hand = self.backend()

    def ask_once(self, client, answer="first"):
        """Have the client be answered; returns the connection that served."""
        client.send("/")
        peer = self.backend_by_hand.accept()
        self.assertEqual(peer.receive(), "/")
        peer.answer(answer)
        self.assertEqual(client.receive(), (200, answer))
        return peer

    def test_a_connection_is_kept(self):
        client = self.proxy(self.backend_by_hand).client()
        peer = self.ask_once(client)
        client.send("/again")
        self.assertEqual(peer.receive(), "/again")
        peer.answer("second")
        self.assertEqual(client.receive(), (200, "second"))

    def test_a_backend_that_hangs_loses_its_connection(self):
        proxy = self.proxy(self.backend_by_hand, pool_size=1, answer=1)
        client = proxy.client()
        self.assertEqual(client.ask("/")[0], 502)
        peer = self.backend_by_hand.accept()
        peer.receive()
        self.assertEqual(peer.receive(), "")
        self.assertEqual(client.ask("/")[0], 502)

    def test_a_connection_that_the_backend_closed_is_replaced(self):
        client = self.proxy(self.backend_by_hand, pool_size=1).client()
        self.ask_once(client).close()
        self.ask_once(client, "second")

    def test_a_backend_that_breaks_off_is_a_bad_gateway(self):
        client = self.proxy(self.backend_by_hand, pool_size=1).client()
        client.send("/")
        self.backend_by_hand.accept().close()
        self.assertEqual(client.receive()[0], 502)
        self.ask_once(client)

    def test_an_idle_connection_that_is_ill_is_dropped(self):
        proxy = self.proxy(self.backend_by_hand, pool_size=1, health_interval=1)
        client = proxy.client()
        peer = self.ask_once(client)
        self.assertEqual(peer.receive(), "/health")
        peer.answer("ill", "500 Internal Server Error")
        self.assertEqual(peer.receive(), "")
        self.ask_once(client, "second")

    def test_the_end_does_not_wait_for_a_check(self):
        proxy = self.proxy(self.backend_by_hand, pool_size=1, health_interval=1)
        client = proxy.client()
        peer = self.ask_once(client)
        self.assertEqual(peer.receive(), "/health")
        client.close()
        proxy.terminate()
        self.assertEqual(peer.receive(), "")
        self.assertEqual(proxy.finish()["cut"], 0)

    def test_a_client_that_vanishes_leaves_its_connection(self):
        proxy = self.proxy(self.backend_by_hand, pool_size=1)
        gone, client = proxy.client(), proxy.client()
        gone.send("/gone")
        peer = self.backend_by_hand.accept()
        self.assertEqual(peer.receive(), "/gone")
        gone.vanish()
        client.send("/")
        peer.answer("nobody")
        self.assertEqual(peer.receive(), "/")
        peer.answer("somebody")
        self.assertEqual(client.receive(), (200, "somebody"))


if __name__ == "__main__":
    main()
