// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/barrier.hpp>
#include <toro/bind_name.hpp>
#include <toro/bounded_semaphore.hpp>
#include <toro/condition.hpp>
#include <toro/diagnostics.hpp>
#include <toro/event.hpp>
#include <toro/latch.hpp>
#include <toro/lock.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/wait_group.hpp>
#include <toro/watch.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "support/case_template.hpp"
#include "support/scripted_executor.hpp"
#include "support/world.hpp"

// A handler type of a user's that has a name.
struct handler_with_a_name
{
  void operator()(boost::system::error_code) const
  {
  }
};

template <class Default>
struct toro::associated_name<handler_with_a_name, Default>
{
  using type = std::string_view;

  static type get(const handler_with_a_name&)
  {
    return "of its own";
  }

  static type get(const handler_with_a_name& handler, const Default&)
  {
    return get(handler);
  }
};

BOOST_AUTO_TEST_SUITE(unit_diagnostics)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;
using toro::bind_name;

namespace asio = boost::asio;

template <class Threading>
using lock_of = toro::basic_lock<any_executor, Threading>;

using strands = std::tuple<asio::io_context::executor_type,
                           asio::strand<asio::io_context::executor_type>,
                           asio::strand<any_executor>>;

template <class Primitive>
std::string text_of(const Primitive& x)
{
  std::ostringstream out;
  x.dump(out);
  return out.str();
}

// A world whose diagnostics are on.
class watched_world : public world
{
public:
  watched_world()
  {
    toro::enable_diagnostics(context());
  }

  // What a dump from outside shows.
  std::string dump()
  {
    std::ostringstream out;
    toro::dump(context(), out);
    return out.str();
  }

  // The same from a function that the context runs.
  std::string dump_inside()
  {
    std::string text;
    asio::post(context(),
               [&]
               {
                 text = dump();
               });
    poll();
    return text;
  }
};

} // namespace

TORO_TEST_CASE_TEMPLATE(who_holds_and_who_waits_is_shown, Threading, policies)
{
  watched_world w;
  lock_of<Threading> accounts(w.context());
  accounts.set_name("accounts");
  std::optional<typename lock_of<Threading>::guard_type> held;
  accounts.async_acquire(bind_name("first", w.on("a", keep_in(held))));
  w.poll();
  w.clock.advance(120ms);
  accounts.async_acquire(15s, bind_name("second", w.on("b", [](auto...) {})));
  accounts.async_acquire(w.on("c", [](auto...) {}));
  w.clock.advance(4900ms);

  BOOST_TEST(w.dump_inside() ==
             "<lock locked waiters[2]> \"accounts\"\n"
             "  held by \"first\" for 5.020 s\n"
             "  async_acquire by \"second\" for 4.900 s, deadline in 10.100 s\n"
             "  async_acquire for 4.900 s, no deadline\n");
  held.reset();
  BOOST_TEST(text_of(accounts) == "<lock locked waiters[1]> \"accounts\"\n"
                                  "  async_acquire for 4.900 s, no deadline\n"
                                  "  granted, not delivered: 1\n");
  w.poll();
  BOOST_TEST(text_of(accounts) == "<lock unlocked> \"accounts\"\n");
}

BOOST_AUTO_TEST_CASE(without_diagnostics_only_the_state_is_shown)
{
  world w;
  toro::lock mutex(w.context());
  mutex.set_name("mutex");
  auto guard = mutex.try_acquire();
  guard.set_name("nobody");
  mutex.async_acquire(1s, bind_name("nobody", w.on("a", [](auto...) {})));
  const std::string before = "<lock locked waiters[1]> \"mutex\"\n"
                             "  async_acquire, deadline in 1.000 s\n";
  BOOST_TEST(text_of(mutex) == before);

  // What began before stays as it is.
  toro::enable_diagnostics(w.context());
  BOOST_TEST(text_of(mutex) == before);
  guard.set_name("holder");
  BOOST_TEST(text_of(mutex) == "<lock locked waiters[1]> \"mutex\"\n"
                               "  held by \"holder\" for 0.000 s\n"
                               "  async_acquire, deadline in 1.000 s\n");

  // What was noted stays until it ends.
  toro::enable_diagnostics(w.context(), false);
  mutex.async_acquire(bind_name("late", w.on("b", [](auto...) {})));
  BOOST_TEST(text_of(mutex) == "<lock locked waiters[2]> \"mutex\"\n"
                               "  held by \"holder\" for 0.000 s\n"
                               "  async_acquire, deadline in 1.000 s\n"
                               "  async_acquire, no deadline\n");
  guard.reset();
  w.poll();
  BOOST_TEST(text_of(mutex) == "<lock unlocked> \"mutex\"\n");
}

TORO_TEST_CASE_TEMPLATE(a_wait_that_ended_leaves_no_trace, Threading, policies)
{
  watched_world w;
  lock_of<Threading> mutex(w.context());
  const std::string held = "<lock locked>\n";
  auto guard = mutex.try_acquire();
  for (int round = 0; round < 3; ++round)
  {
    mutex.async_acquire(1s, bind_name("timed", w.on("a", [](auto...) {})));
    w.advance(1s);
    BOOST_TEST(text_of(mutex) == held);
    mutex.async_acquire(bind_name("cancelled", w.on("b", [](auto...) {})));
    mutex.cancel();
    w.poll();
    // This one may have the memory of one of those.
    mutex.async_acquire(w.on("c", [](auto...) {}));
    BOOST_TEST(text_of(mutex) == "<lock locked waiters[1]>\n"
                                 "  async_acquire for 0.000 s, no deadline\n");
    mutex.cancel();
    w.poll();
  }
  guard.reset();
  BOOST_TEST(text_of(mutex) == "<lock unlocked>\n");
}

TORO_TEST_CASE_TEMPLATE(a_name_ends_with_its_hold, Threading, policies)
{
  watched_world w;
  lock_of<Threading> mutex(w.context());
  auto guard = mutex.try_acquire();
  guard.set_name("first");
  guard.set_name("renamed");
  const std::string shown = "<lock locked>\n"
                            "  held by \"renamed\" for 0.000 s\n";
  BOOST_TEST(text_of(mutex) == shown);
  auto other = std::move(guard);
  guard.set_name("moved from");
  BOOST_TEST(text_of(mutex) == shown);
  guard = std::move(other);
  BOOST_TEST(text_of(mutex) == shown);

  guard.detach();
  BOOST_TEST(text_of(mutex) == "<lock locked>\n");
  mutex.release();
  guard = mutex.try_acquire();
  guard.set_name("again");
  guard = {};
  BOOST_TEST(text_of(mutex) == "<lock unlocked>\n");
}

BOOST_AUTO_TEST_CASE(each_kind_of_hold_says_what_it_is)
{
  watched_world w;
  toro::semaphore permits(w.context(), 5);
  auto one = permits.try_acquire();
  one.set_name("one");
  auto three = permits.try_acquire(3);
  three.set_name("three");
  BOOST_TEST(text_of(permits) == "<semaphore counter=1>\n"
                                 "  held by \"one\" for 0.000 s\n"
                                 "  3 permits held by \"three\" for 0.000 s\n");
  toro::rw_lock table(w.context());
  auto writing = table.try_acquire_write();
  writing.set_name("writer");
  BOOST_TEST(text_of(table) ==
             "<rw_lock write_locked>\n"
             "  held for writing by \"writer\" for 0.000 s\n");
  w.clock.advance(1s);
  auto reading = std::move(writing).downgrade();
  auto unnamed = table.try_acquire_read();
  BOOST_TEST(text_of(table) ==
             "<rw_lock read_locked readers=2>\n"
             "  held for reading by \"writer\" for 1.000 s\n");
  reading.reset();
  BOOST_TEST(text_of(table) == "<rw_lock read_locked readers=1>\n");
}

BOOST_AUTO_TEST_CASE(each_kind_of_wait_says_what_it_is)
{
  watched_world w;
  toro::event event(w.context());
  toro::condition condition(w.context());
  toro::bounded_semaphore permits(w.context(), 3);
  toro::rw_lock table(w.context());
  toro::queue<int> queue(w.context(), 1);
  toro::priority_queue<int> empty(w.context());
  toro::async_result<int> result(w.context());
  auto all = permits.try_acquire(3);
  auto writer = table.try_acquire_write();
  BOOST_TEST(queue.try_put(1));

  event.async_wait(w.on("a"));
  condition.async_wait(
      []
      {
        return false;
      },
      w.on("b"));
  permits.async_acquire(2, w.on("c", [](auto...) {}));
  permits.async_wait(w.on("d"));
  table.async_acquire_read(w.on("e", [](auto...) {}));
  table.async_acquire_write(w.on("f", [](auto...) {}));
  queue.async_put(2, w.on("g"));
  queue.async_join(w.on("h"));
  empty.async_get(w.on("i"));
  result.async_get(w.on("j"));
  BOOST_TEST(w.dump() == "<event clear waiters[1]>\n"
                         "  async_wait for 0.000 s, no deadline\n"
                         "<condition waiters[1]>\n"
                         "  async_wait for 0.000 s, no deadline\n"
                         "<bounded_semaphore counter=0 waiters[2]>\n"
                         "  async_acquire(2) for 0.000 s, no deadline\n"
                         "  async_wait for 0.000 s, no deadline\n"
                         "<rw_lock write_locked waiters[2]>\n"
                         "  async_acquire_read for 0.000 s, no deadline\n"
                         "  async_acquire_write for 0.000 s, no deadline\n"
                         "<queue maxsize=1 size=1 putters[1] joiners[1] "
                         "tasks=1>\n"
                         "  async_put for 0.000 s, no deadline\n"
                         "  async_join for 0.000 s, no deadline\n"
                         "<priority_queue maxsize=0 getters[1]>\n"
                         "  async_get for 0.000 s, no deadline\n"
                         "<async_result unset waiters[1]>\n"
                         "  async_get for 0.000 s, no deadline\n");
  event.cancel();
  condition.cancel();
  permits.cancel();
  table.cancel();
  queue.cancel();
  empty.cancel();
  result.cancel();
  w.poll();
}

BOOST_AUTO_TEST_CASE(waits_of_other_kinds_say_what_they_are)
{
  watched_world w;
  toro::semaphore permits(w.context(), 1);
  toro::rw_lock table(w.context());
  toro::latch started(w.context(), 3);
  toro::barrier step(w.context(), 2);
  toro::wait_group inside(w.context());
  toro::watch<int> news(w.context(), 0);
  toro::reader<int> reader = news.read();
  toro::queue<int> queue(w.context(), 1);
  toro::queue<int> empty(w.context());
  const auto permit = permits.try_acquire();
  auto reading = table.try_acquire_read();
  const auto other = table.try_acquire_read();
  const auto entry = inside.try_enter();
  BOOST_TEST(queue.try_put(1));

  permits.async_acquire_some(1, 3, w.on("a", [](auto...) {}));
  table.async_upgrade(std::move(reading), w.on("b", [](auto...) {}));
  started.async_arrive(w.on("c"));
  started.async_wait(w.on("d"));
  step.async_arrive(w.on("e", [](auto...) {}));
  inside.async_close(w.on("f"));
  reader.async_next(w.on("g", [](auto...) {}));
  queue.async_reserve(w.on("h", [](auto...) {}));
  empty.async_next(w.on("i", [](auto...) {}));
  BOOST_TEST(w.dump() == "<semaphore counter=0 waiters[1]>\n"
                         "  async_acquire_some for 0.000 s, no deadline\n"
                         "<rw_lock read_locked readers=2 waiters[1]>\n"
                         "  async_upgrade for 0.000 s, no deadline\n"
                         "<latch count=2 waiters[2]>\n"
                         "  async_arrive for 0.000 s, no deadline\n"
                         "  async_wait for 0.000 s, no deadline\n"
                         "<barrier parties=2 phase=0 waiters[1]>\n"
                         "  async_arrive for 0.000 s, no deadline\n"
                         "<wait_group count=1 waiters[1] closed>\n"
                         "  async_close for 0.000 s, no deadline\n"
                         "<watch version=0 waiters[1]>\n"
                         "  async_next for 0.000 s, no deadline\n"
                         "<queue maxsize=1 size=1 putters[1] tasks=1>\n"
                         "  async_reserve for 0.000 s, no deadline\n"
                         "<queue maxsize=0 getters[1]>\n"
                         "  async_next for 0.000 s, no deadline\n");
  permits.cancel();
  table.cancel();
  started.cancel();
  step.cancel();
  inside.cancel();
  news.cancel();
  queue.cancel();
  empty.cancel();
  w.poll();
}

TORO_TEST_CASE_TEMPLATE(every_token_takes_a_name, Threading, policies)
{
  watched_world w;
  lock_of<Threading> mutex(w.context());
  auto guard = mutex.try_acquire();
  // Longer than what a string holds without memory of its own.
  const std::string name = "a session from a far away address";

  mutex.async_acquire(bind_name(name, asio::detached));
  auto future = mutex.async_acquire(bind_name("future", asio::use_future));
  auto prepared = mutex.async_acquire(bind_name(name, asio::deferred));
  std::move(prepared)(w.on("a", [](auto...) {}));
  mutex.async_acquire(
      asio::bind_executor(w.context(), bind_name("inside", asio::detached)));
  mutex.async_acquire(
      bind_name("outside", asio::bind_executor(w.context(), asio::detached)));
  mutex.async_acquire(
      bind_name("outer", bind_name("inner", w.on("b", [](auto...) {}))));
  w.spawn("c",
          [](auto& m) -> asio::awaitable<void>
          {
            auto [ec, mine] = co_await m.async_acquire(
                asio::as_tuple(bind_name("adapted", asio::use_awaitable)));
            co_await m.async_acquire(
                bind_name("tuple", asio::as_tuple(asio::use_awaitable)));
          }(mutex));
  w.poll();
  const std::string ending = " for 0.000 s, no deadline\n";
  BOOST_TEST(text_of(mutex) ==
             "<lock locked waiters[7]>\n"
             "  async_acquire by \"" +
                 name + "\"" + ending + "  async_acquire by \"future\"" +
                 ending + "  async_acquire by \"" + name + "\"" + ending +
                 "  async_acquire by \"inside\"" + ending +
                 "  async_acquire by \"outside\"" + ending +
                 "  async_acquire by \"outer\"" + ending +
                 "  async_acquire by \"adapted\"" + ending);
  guard.reset();
  w.poll();
  // The future has the lock now.
  BOOST_TEST(text_of(mutex).starts_with("<lock locked waiters[5]>\n"
                                        "  held by \"future\" for 0.000 s\n"));
  future.get().reset();
  w.poll();
  BOOST_TEST(text_of(mutex).starts_with("<lock locked waiters[1]>\n"
                                        "  held by \"adapted\" for 0.000 s\n"));
  mutex.cancel();
  w.poll();
}

BOOST_AUTO_TEST_CASE(a_handler_of_its_own_type_has_the_name_it_says)
{
  watched_world w;
  toro::event event(w.context());
  event.async_wait(handler_with_a_name());
  event.async_wait(asio::bind_executor(asio::make_strand(w.context()),
                                       handler_with_a_name()));
  BOOST_TEST(text_of(event) ==
             "<event clear waiters[2]>\n"
             "  async_wait by \"of its own\" for 0.000 s, no deadline\n"
             "  async_wait by \"of its own\" for 0.000 s, no deadline\n");
  event.cancel();
  w.poll();
}

BOOST_AUTO_TEST_CASE(a_name_cannot_break_the_text)
{
  watched_world w;
  toro::lock mutex(w.context());
  mutex.set_name("a\"b\\c\nd\x7f\x1b[2J\xc3\xa9");
  BOOST_TEST(text_of(mutex) ==
             "<lock unlocked> \"a\\\"b\\\\c\\x0ad\\x7f\\x1b[2J\xc3\xa9\"\n");
  // Control characters beyond ASCII, bytes that are none, and one too few.
  mutex.set_name("\xc2\x9b\x9b\xe2\x82\xac\xe2\x82");
  BOOST_TEST(text_of(mutex) == "<lock unlocked> "
                               "\"\\xc2\\x9b\\x9b\xe2\x82\xac\\xe2\\x82\"\n");
  // The first character that is printable again.
  mutex.set_name("\xc2\xa0");
  BOOST_TEST(text_of(mutex) == "<lock unlocked> \"\xc2\xa0\"\n");
  mutex.set_name("");
  BOOST_TEST(text_of(mutex) == "<lock unlocked>\n");
}

BOOST_AUTO_TEST_CASE(nothing_is_younger_than_the_dump)
{
  watched_world w;
  toro::lock mutex(w.context());
  auto guard = mutex.try_acquire();
  guard.set_name("holder");
  w.clock.set_back(1s);
  BOOST_TEST(text_of(mutex) == "<lock locked>\n"
                               "  held by \"holder\" for 0.000 s\n");
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_not_shown)
{
  watched_world w;
  std::optional<toro::lock> mutex(w.context());
  std::optional<toro::event> event(w.context());
  auto guard = mutex->try_acquire();
  guard.set_name("holder");
  auto prepared = event->async_wait(asio::deferred);
  mutex.reset();
  event.reset();
  BOOST_TEST(w.dump() == "");
}

BOOST_AUTO_TEST_CASE(an_object_keeps_its_name_when_it_moves)
{
  watched_world w;
  toro::lock first(w.context());
  first.set_name("lock");
  auto guard = first.try_acquire();
  guard.set_name("holder");
  toro::lock second(std::move(first));
  toro::lock third(w.context());
  third = std::move(second);
  BOOST_TEST(w.dump() == "<lock locked> \"lock\"\n"
                         "  held by \"holder\" for 0.000 s\n");
}

BOOST_AUTO_TEST_CASE(objects_of_a_strand_are_shown_on_it)
{
  watched_world w;
  auto strand = asio::make_strand(w.context());
  toro::basic_lock<any_executor, toro::strand_bound> on_strand(strand);
  toro::basic_lock<any_executor, toro::strand_bound> on_context(w.context());
  toro::lock shared(w.context());
  const std::string elsewhere = "strand_bound, to be dumped from their strands";
  BOOST_TEST(w.dump() == "<lock unlocked>\n" + elsewhere + ": 2\n");
  BOOST_TEST(w.dump_inside() == "<lock unlocked>\n"
                                "<lock unlocked>\n" +
                                    elsewhere + ": 1\n");
  std::string text;
  asio::post(strand,
             [&]
             {
               text = w.dump();
             });
  w.poll();
  BOOST_TEST(text == "<lock unlocked>\n"
                     "<lock unlocked>\n"
                     "<lock unlocked>\n");
  BOOST_TEST(text_of(on_strand) == "<lock unlocked>\n");
}

TORO_TEST_CASE_TEMPLATE(an_object_of_any_kind_of_strand_is_found, Executor,
                        strands)
{
  watched_world w;
  const Executor strand(w.context().get_executor());
  const toro::basic_lock<Executor, toro::strand_bound> typed(strand);
  const toro::basic_lock<any_executor, toro::strand_bound> any(strand);
  std::string text;
  asio::post(strand,
             [&]
             {
               text = w.dump();
             });
  w.poll();
  BOOST_TEST(text == "<lock unlocked>\n<lock unlocked>\n");
}

BOOST_AUTO_TEST_CASE(a_context_without_objects_shows_nothing)
{
  world w;
  std::ostringstream out;
  toro::dump(w.context(), out);
  BOOST_TEST(out.str() == "");
  {
    const toro::lock mutex(w.context());
  }
  toro::dump(w.context(), out);
  BOOST_TEST(out.str() == "");
}

// Its executor may be gone.
BOOST_AUTO_TEST_CASE(an_object_that_ends_is_not_asked_where_it_runs)
{
  asio::io_context io;
  std::optional<std::string> text;
  {
    std::shared_ptr<void> last_owner(nullptr,
                                     [&](void*)
                                     {
                                       std::ostringstream out;
                                       toro::dump(io, out);
                                       text = out.str();
                                     });
    const toro::basic_event<scripted_executor, toro::strand_bound> event(
        scripted_executor(std::shared_ptr<asio::io_context>(&io, [](auto*) {}),
                          [last_owner = std::move(last_owner)](task)
                          {
                            static_cast<void>(last_owner);
                          }));
    BOOST_TEST(!text);
  }
  BOOST_TEST((text == ""));
}

BOOST_AUTO_TEST_CASE(a_name_outlives_object_and_context)
{
  watched_world w;
  std::optional<toro::lock> mutex(w.context());
  toro::guard guard = mutex->try_acquire();
  guard.set_name("holder");
  toro::lock other(w.context());
  toro::guard unnamed = other.try_acquire();
  mutex.reset();
  guard.set_name("still here");
  w.end_context();
  guard.set_name("and here");
  unnamed.set_name("for the first time");
  BOOST_TEST(text_of(other) ==
             "<lock locked>\n"
             "  held by \"for the first time\" for 0.000 s\n");
}

BOOST_AUTO_TEST_SUITE_END()
