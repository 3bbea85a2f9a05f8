# SPDX-License-Identifier: BSL-1.0
"""The HTTP server under overload, at its end, and with bad clients."""

import shutil
import unittest

from harness import LONG, TIMEOUT, RecipeTest, main

HALF = ("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        "Content-Length: 4\r\n\r\nha")
HELLO = (200, "hello\n")


class Overload(RecipeTest):
    def test_connections_beyond_the_limit_wait(self):
        server = self.serve(connections=1)
        first, second = server.client(), server.client()
        first.send_raw(HALF)
        second.send("/")
        first.send_raw("lf")
        self.assertIn("hello", first.receive_raw())
        self.assertEqual(second.receive(), HELLO)

    def test_idle_connections_make_room_when_the_server_is_full(self):
        server = self.serve(connections=2, idle=LONG, linger=1)
        idle = server.client()
        self.assertEqual(idle.ask("/"), HELLO)
        self.assertTrue(idle.is_kept())
        for _ in range(3):
            self.assertEqual(server.client().ask("/"), HELLO)
        self.assertEqual(idle.receive_raw(), "")

    def test_connections_of_one_client_beyond_its_limit_are_refused(self):
        server = self.serve(connections_per_client=1)
        first = server.client()
        self.assertEqual(first.ask("/"), HELLO)
        second = server.client()
        self.assertEqual(second.ask("/")[0], 429)
        self.assertEqual(second.answer.getheader("Retry-After"), "1")
        self.assertFalse(second.is_kept())
        self.assertEqual(first.ask("/"), HELLO)
        server.terminate()
        self.assertEqual(server.finish(), {"served": 2, "refused": 1, "cut": 0})

    def test_connections_of_a_patient_client_wait_for_its_own(self):
        server = self.serve(connections_per_client=1, patience=LONG)
        first = server.client()
        self.assertEqual(first.ask("/"), HELLO)
        second = server.client()
        second.send("/")
        self.assertEqual(first.ask("/"), HELLO)
        first.close()
        self.assertEqual(second.receive(), HELLO)

    @unittest.skipUnless(shutil.which("curl"), "curl is missing")
    def test_many_at_once_are_all_answered(self):
        server = self.serve(connections=3)
        paths = [f"http://127.0.0.1:{server.port}/{i}" for i in range(19)]
        status, body = server.curl("/", "-Z", "--parallel-max", "20", *paths)
        self.assertEqual((status, body.count("hello")), (200, 20))


class End(RecipeTest):
    def test_drops_nothing_under_load(self):
        server = self.serve(linger=LONG)
        load = self.load(server, 8, lambda: ("/",))
        load.wait_for(200)
        server.terminate()
        load.join()
        self.assertEqual(load.dropped, [])
        self.assertEqual(set(load.answers), {HELLO})
        counts = server.finish()
        self.assertEqual(counts["served"], len(load.answers))
        self.assertEqual(counts["cut"], 0)

    def test_answers_what_is_in_flight(self):
        server = self.serve(linger=LONG)
        waiting, sending, idle = (server.client() for _ in range(3))
        self.assertEqual(idle.ask("/"), HELLO)
        waiting.send("/hold")
        sending.send_raw(HALF)
        server.terminate()
        server.dump(r'<semaphore .*> "connections"',
                    r'  held by "127\.0\.0\.1:\d+" for [0-9.]+ s',
                    r'<event set> "stopping"')
        self.assertEqual(idle.ask("/release"), HELLO)
        self.assertFalse(idle.is_kept())
        sending.send_raw("lf")
        self.assertEqual(waiting.receive(), HELLO)
        self.assertRegex(sending.receive_raw(), "(?s)200 OK.*Connection: close")
        sending.close()
        self.assertEqual(server.finish(), {"served": 4, "refused": 0, "cut": 0})

    def test_answers_those_who_wait_to_be_accepted(self):
        server = self.serve(connections=1)
        accepted = server.client()
        accepted.send_raw(HALF)
        waiting = server.senders(5, "/")
        server.terminate()
        accepted.send_raw("lf")
        self.assertIn("hello", accepted.receive_raw())
        for client in waiting:
            self.assertEqual(client.receive(), HELLO)
        self.assertEqual(server.finish(), {"served": 6, "refused": 0, "cut": 0})

    def test_waits_for_no_idle_connection(self):
        never = 2_000 * TIMEOUT
        server = self.serve(idle=never, transfer=never, grace=never, linger=1)
        clients = [server.client() for _ in range(20)]
        for client in 10 * clients:
            # The body comes behind the header, perhaps while that is read.
            self.assertEqual(client.ask("/", "body"), HELLO)
        server.terminate()
        self.assertEqual(server.finish(),
                         {"served": 200, "refused": 0, "cut": 0})

    def test_takes_no_more(self):
        server = self.serve()
        server.terminate()
        server.finish()
        self.assertRaises(ConnectionRefusedError, server.client)

    def test_cuts_what_outlasts_the_grace(self):
        server = self.serve(grace=1)
        clients = [server.client() for _ in range(20)]
        for client in clients:
            self.assertEqual(client.ask("/"), HELLO)
        for waiting in clients[:10]:
            waiting.send("/hold")
        for sending in clients[10:]:
            sending.send_raw(HALF)
        server.terminate()
        self.assertEqual(server.finish(),
                         {"served": 20, "refused": 0, "cut": 20})


class BadClients(RecipeTest):
    def setUp(self):
        # The only place: what one client keeps, nobody else can get.
        self.server = self.serve(connections=1, idle=LONG, transfer=LONG,
                                 linger=LONG)

    def assert_leaves_its_place(self, client):
        client.close()
        self.assertEqual(self.server.client().ask("/"), HELLO)

    def assert_places_are_free(self, server, count):
        clients = [server.client() for _ in range(count)]
        for client in clients:
            client.send_raw(HALF)
        for client in clients:
            client.send_raw("lf")
            self.assertIn("hello", client.receive_raw())
            client.close()

    def test_those_that_hang_in_a_request_are_closed(self):
        server = self.serve(connections=1, transfer=1)
        clients = [server.client() for _ in range(3)]
        for client in clients:
            client.send_raw(HALF)
        for client in clients:
            self.assertEqual(client.receive_raw(), "")
            client.close()

    def test_those_that_say_nothing_are_closed(self):
        server = self.serve(connections=1, transfer=1)
        for client in [server.client() for _ in range(3)]:
            self.assertEqual(client.receive_raw(), "")
            client.close()

    def test_one_that_vanishes_idle_leaves_its_place(self):
        client = self.server.client()
        client.vanish()
        self.assert_leaves_its_place(client)

    def test_one_that_vanishes_in_a_request_leaves_its_place(self):
        client = self.server.client()
        client.send_raw(HALF)
        client.vanish()
        self.assert_leaves_its_place(client)

    def test_one_that_vanishes_before_the_answer_leaves_its_place(self):
        server = self.serve(connections=2)
        gone, other = server.client(), server.client()
        gone.send("/hold")
        gone.vanish()
        self.assertEqual(other.ask("/release"), HELLO)
        other.close()
        self.assert_places_are_free(server, 2)

    def test_many_that_vanish_leave_their_places(self):
        server = self.serve(connections=4, linger=LONG)
        for text in ("", HALF, HALF + "lf", 3 * (HALF + "lf")) * 25:
            client = server.client()
            client.send_raw(text)
            client.vanish()
        self.assert_places_are_free(server, 4)
        server.terminate()
        self.assertEqual(server.finish()["cut"], 0)

    def test_one_that_half_closes_gets_its_answer(self):
        client = self.server.client()
        client.send_raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.half_close()
        self.assertIn("hello", client.receive_raw())
        self.assert_leaves_its_place(client)

    def test_one_that_sends_ahead_gets_all_answers(self):
        client = self.server.client()
        client.send_raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        client.half_close()
        self.assertEqual(client.receive_raw().count("hello"), 3)

    def test_one_that_asks_for_the_head_gets_no_body(self):
        client = self.server.client()
        client.send_raw("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.half_close()
        head = client.receive_raw()
        self.assertIn("Content-Length: 6", head)
        self.assertNotIn("hello", head)

    def test_one_that_sends_rubbish_is_told(self):
        client = self.server.client()
        client.send_raw("rubbish\r\n\r\n")
        self.assertIn("400 Bad Request", client.receive_raw())

    def test_one_that_sends_too_much_is_told(self):
        client = self.server.client()
        client.send_raw("POST / HTTP/1.1\r\nHost: a\r\n"
                        "Content-Length: 9999999\r\n\r\n" + 100_000 * "a")
        self.assertIn("413 Payload Too Large", client.receive_raw())
        self.assert_leaves_its_place(client)


if __name__ == "__main__":
    main()
