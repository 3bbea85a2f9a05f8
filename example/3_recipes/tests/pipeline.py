# SPDX-License-Identifier: BSL-1.0
"""The pipeline under back-pressure, at its end, and with bad jobs."""

from harness import LONG, RecipeTest, main

STEPS = (200, "111\n")  # of the sequence of 27


class PipelineTest(RecipeTest):
    def pipeline(self, **options):
        return self.serve(**{"room": LONG, "linger": LONG, "finish": LONG,
                             **options})

    def fill(self, server):
        """Pause, and send jobs until there is no room; returns how many."""
        client = server.client()
        client.ask("/pause")
        count = 0
        while client.ask("/job", "27")[0] == 202:
            count += 1
        self.assertEqual(client.answer.status, 503)
        return count


class Pressure(PipelineTest):
    def test_a_job_is_done(self):
        self.assertEqual(self.pipeline().curl("/", "-d", "27"), STEPS)

    def test_a_job_that_cannot_be_done_says_so(self):
        client = self.pipeline().client()
        for text in "none", "0", "1000001", "":
            self.assertEqual(client.ask("/", text)[0], 400)
        self.assertEqual(client.ask("/", "27"), STEPS)

    def test_jobs_that_find_no_room_are_refused(self):
        server = self.pipeline(room=1, capacity=1, workers=1)
        accepted = self.fill(server)
        # No more than the two stages hold, and a worker each.
        self.assertIn(accepted, range(1, 5))
        server.client().ask("/resume")
        server.terminate()
        for client in server.clients:
            client.close()
        counts = server.finish()
        self.assertEqual((counts["accepted"], counts["done"]),
                         (accepted, accepted))

    def test_jobs_that_can_wait_for_room_are_done(self):
        server = self.pipeline(capacity=1, workers=1)
        controller = server.client()
        controller.ask("/pause")
        clients = server.senders(10, "/", "27")
        controller.ask("/resume")
        for client in clients:
            self.assertEqual(client.receive(), STEPS)


class End(PipelineTest):
    def test_drops_nothing_under_load(self):
        server = self.pipeline(capacity=2)
        load = self.load(server, 8, lambda: ("/", "27"))
        load.wait_for(100)
        server.dump(r'<queue .*> "record"', r'<queue .*> "parse"',
                    r'<semaphore .*> "connections"', r'<queue .*> "compute"')
        load.wait_for(100)
        server.terminate()
        load.join()
        self.assertEqual(load.dropped, [])
        self.assertEqual(set(load.answers), {STEPS})
        counts = server.finish()
        self.assertEqual(counts["done"], len(load.answers))

    def test_does_all_that_it_has_accepted(self):
        server = self.pipeline(capacity=2)
        load = self.load(server, 4, lambda: ("/job", "27"))
        load.wait_for(100)
        server.terminate()
        load.join()
        self.assertEqual(load.dropped, [])
        counts = server.finish()
        self.assertEqual(counts["accepted"], len(load.answers))
        self.assertEqual(counts["done"], len(load.answers))

    def test_those_who_wait_get_their_answers(self):
        server = self.pipeline(capacity=1, workers=1)
        controller = server.client()
        controller.ask("/pause")
        clients = server.senders(10, "/", "27")
        server.terminate()
        controller.ask("/resume")
        for client in clients:
            self.assertEqual(client.receive(), STEPS)
            client.close()
        self.assertEqual(server.finish()["done"], 10)

    def test_leaves_what_cannot_be_finished(self):
        server = self.pipeline(room=1, capacity=1, workers=1, finish=1)
        accepted = self.fill(server)
        for client in server.clients:
            client.close()
        server.terminate()
        counts = server.finish()
        self.assertEqual((counts["accepted"], counts["done"]), (accepted, 0))

    def test_the_cut_ends_those_who_wait(self):
        server = self.pipeline(finish=1, grace=1)
        client = server.client()
        client.ask("/pause")
        client.send("/", "27")
        server.terminate()
        counts = server.finish()
        self.assertEqual((counts["cut"], counts["done"]), (1, 0))


class BadClients(PipelineTest):
    def test_the_job_of_one_that_vanishes_is_done(self):
        server = self.pipeline()
        gone, controller = server.client(), server.client()
        controller.ask("/pause")
        gone.send("/", "27")
        self.assertEqual(controller.ask("/job", "27")[0], 202)
        gone.vanish()
        controller.ask("/resume")
        server.terminate()
        controller.close()
        counts = server.finish()
        self.assertEqual(counts["done"], counts["accepted"])


if __name__ == "__main__":
    main()
