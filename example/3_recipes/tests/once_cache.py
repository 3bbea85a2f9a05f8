# SPDX-License-Identifier: BSL-1.0
"""The cache: one fetch for all, errors, deadlines, and its end."""

from harness import LONG, RecipeTest, main


class CacheTest(RecipeTest):
    def setUp(self):
        self.origin = self.backend()

    def cache(self, **options):
        return self.serve(backend_port=self.origin.port,
                          **{"fetch": LONG, "lifetime": LONG, **options})

    def accept(self, path="/"):
        peer = self.origin.accept()
        self.assertEqual(peer.receive(), path)
        return peer


class Fetching(CacheTest):
    def test_many_who_ask_at_once_cause_one_fetch(self):
        cache = self.cache()
        clients = cache.senders(20, "/")
        self.accept().answer("page")
        for client in clients:
            self.assertEqual(client.receive(), (200, "page"))
        self.assertEqual(cache.curl("/"), (200, "page"))
        self.assertFalse(self.origin.has_caller())

    def test_keys_are_fetched_each_for_itself(self):
        cache = self.cache()
        slow, quick = cache.client(), cache.client()
        slow.send("/slow")
        held = self.accept("/slow")
        cache.dump(r'<async_result unset.*> "/slow"')
        quick.send("/quick")
        self.accept("/quick").answer("quick")
        self.assertEqual(quick.receive(), (200, "quick"))
        held.answer("slow")
        self.assertEqual(slow.receive(), (200, "slow"))

    def test_an_error_is_not_kept(self):
        cache = self.cache()
        first, second = cache.client(), cache.client()
        first.send("/")
        peer = self.accept()
        peer.answer("", "500 Internal Server Error")
        self.assertEqual(first.receive()[0], 502)
        second.send("/")
        self.accept().answer("page")
        self.assertEqual(second.receive(), (200, "page"))
        self.assertEqual(first.ask("/"), (200, "page"))

    def test_an_origin_that_hangs_is_an_error(self):
        cache = self.cache(fetch=1)
        client = cache.client()
        self.assertEqual(client.ask("/")[0], 504)
        self.assertEqual(client.ask("/")[0], 504)

    def test_the_oldest_page_makes_room(self):
        client = self.cache(max_entries=1).client()
        for path in "/a", "/b", "/a":
            client.send(path)
            self.accept(path).answer(path)
            self.assertEqual(client.receive(), (200, path))
        self.assertEqual(client.ask("/a"), (200, "/a"))

    def test_a_page_that_is_too_old_is_fetched_again(self):
        client = self.cache(lifetime=0).client()
        for body in "old", "new":
            client.send("/")
            self.accept().answer(body)
            self.assertEqual(client.receive(), (200, body))


class Waiting(CacheTest):
    def test_a_deadline_ends_one_wait_and_no_fetch(self):
        cache = self.cache()
        patient, hasty = cache.client(), cache.client()
        self.assertEqual(hasty.ask("/", Prefer="wait=0")[0], 504)
        patient.send("/")
        self.accept().answer("page")
        self.assertEqual(patient.receive(), (200, "page"))
        self.assertEqual(hasty.ask("/", Prefer="wait=0"), (200, "page"))
        self.assertFalse(self.origin.has_caller())

    def test_a_client_that_vanishes_ends_no_fetch(self):
        cache = self.cache()
        gone, other = cache.client(), cache.client()
        gone.send("/")
        peer = self.accept()
        gone.vanish()
        other.send("/")
        peer.answer("page")
        self.assertEqual(other.receive(), (200, "page"))
        self.assertFalse(self.origin.has_caller())


class End(CacheTest):
    def test_those_who_wait_are_answered(self):
        cache = self.cache(linger=LONG)
        clients = cache.senders(5, "/")
        peer = self.accept()
        cache.terminate()
        peer.answer("page")
        for client in clients:
            self.assertEqual(client.receive(), (200, "page"))
            client.close()
        self.assertEqual(cache.finish(), {"served": 5, "refused": 0, "cut": 0})

    def test_drops_nothing_under_load(self):
        cache = self.cache(linger=LONG)
        load = self.load(cache, 8, lambda: ("/",))
        self.accept().answer("page")
        load.wait_for(200)
        cache.terminate()
        load.join()
        self.assertEqual(load.dropped, [])
        self.assertEqual(set(load.answers), {(200, "page")})
        self.assertEqual(cache.finish()["served"], len(load.answers))

    def test_a_fetch_that_nobody_waits_for_is_ended(self):
        cache = self.cache()
        client = cache.client()
        self.assertEqual(client.ask("/", Prefer="wait=0")[0], 504)
        client.close()
        peer = self.accept()
        cache.terminate()
        self.assertEqual(cache.finish()["cut"], 0)
        self.assertEqual(peer.receive(), "")

    def test_the_cut_ends_those_who_wait(self):
        cache = self.cache(grace=1)
        client = cache.client()
        client.send("/")
        self.accept()
        cache.terminate()
        self.assertEqual(cache.finish()["cut"], 1)


if __name__ == "__main__":
    main()
