// SPDX-License-Identifier: BSL-1.0
// Items that are given once they are due, where something fails: each item that
// was put is got once, erased once, or still there.
#include <toro/delay_queue.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "robustness/fault_injection/item.hpp"
#include "robustness/fault_injection/kinds_of_queues.hpp"
#include "robustness/fault_injection/trial.hpp"
#include "support/case_template.hpp"

namespace toro_test {

namespace {

template <class Item, class Threading>
struct delayed
{
  using type = toro::basic_delay_queue<Item, throwing_executor, Threading>;
  using item = Item;
  using threading = Threading;
};

using kinds = std::tuple<delayed<item, toro::thread_safe>,
                         delayed<item, toro::strand_bound>,
                         delayed<throwing_item, toro::thread_safe>,
                         delayed<throwing_item, toro::strand_bound>>;

// A queue, and the accounts of its items, which are numbered.
template <class Kind>
class agenda
{
  using item = typename Kind::item;

public:
  explicit agenda(trial& t)
    : entries(t.executor()),
      t_(t)
  {
    t_.watch(entries);
  }

  // Returns the key of the item; it names none if the put failed.
  toro::delay_key put(toro::deadline due)
  {
    item mine(next_++);
    const int number = mine.number();
    toro::delay_key key;
    const bool done = t_.try_to(
        [&]
        {
          key = entries.put(std::move(mine), due);
        });
    BOOST_TEST((key != toro::delay_key()) == done);
    BOOST_TEST(mine.number() == (done ? 0 : number));
    if (done)
      put_.insert(number);
    return key;
  }

  void get(toro::deadline limit = {})
  {
    gets_.push_back(&t_.start(
        [&](auto handler)
        {
          entries.async_get(limit, std::move(handler));
        }));
  }

  bool try_get()
  {
    bool has_item = true;
    t_.attempt_to(failing::move,
                  [&]
                  {
                    const std::optional<item> got = entries.try_get();
                    has_item = got.has_value();
                    if (got)
                      got_.insert(got->number());
                  });
    return has_item;
  }

  void erase(const toro::delay_key& key)
  {
    const std::size_t before = entries.size();
    const bool done = entries.erase(key);
    BOOST_TEST(entries.size() == before - (done ? 1 : 0));
    if (done)
      ++erased_;
  }

  void close()
  {
    t_.act(
        [&]
        {
          entries.close();
        });
  }

  // Ends what waits, empties the queue, and compares what came with what went.
  void conclude()
  {
    t_.recover(
        [&]
        {
          entries.cancel();
        });
    t_.check_ends();
    BOOST_TEST(entries.waiters() == 0u);
    t_.advance(10s);
    while (try_get())
    {
    }
    BOOST_TEST(entries.empty());
    for (const call_record* report : gets_)
    {
      if (report->succeeded())
        got_.insert(report->kept<item>()->number());
    }
    BOOST_TEST(std::ranges::includes(put_, got_));
    const bool lacks_one = t_.template may_lack_one<typename Kind::threading>();
    const std::size_t gone = got_.size() + erased_;
    BOOST_TEST(gone <= put_.size());
    BOOST_TEST(gone + (lacks_one ? 1 : 0) >= put_.size());
  }

  // The queue works.
  void serve()
  {
    entries.put(item(next_), 0s);
    t_.serve(
        [&](auto handler)
        {
          entries.async_get(std::move(handler));
        });
    BOOST_TEST(t_.newest().template kept<item>()->number() == next_);
  }

  typename Kind::type entries;

private:
  trial& t_;
  int next_ = 1;
  std::size_t erased_ = 0;
  std::vector<const call_record*> gets_;
  std::multiset<int> put_;
  std::multiset<int> got_;
};

template <class Kind>
std::set<failing> calls_of_delays()
{
  std::set<failing> all = timed_calls;
  if (moves_fail<typename Kind::item>)
    all.insert(failing::move);
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(failures_of_delays, no_item_left)

TORO_TEST_CASE_TEMPLATE(items_come_when_they_are_due, Kind, kinds)
{
  fail_each_call(calls_of_delays<Kind>(),
                 [](trial& t)
                 {
                   agenda<Kind> a(t);
                   a.put(2s);
                   a.get();
                   a.put(1s);
                   const toro::delay_key third = a.put(3s);
                   a.get(1s);
                   a.get();
                   t.advance(1s);
                   a.put(0s);
                   t.emit(2);
                   t.poll();
                   a.get(5s);
                   a.erase(third);
                   a.put(1s);
                   t.advance(1s);
                   a.try_get();
                   t.poll();
                   a.conclude();
                   a.serve();
                 });
}

TORO_TEST_CASE_TEMPLATE(closed_queue_gives_what_is_due_later, Kind, kinds)
{
  fail_each_call(calls_of_delays<Kind>(),
                 [](trial& t)
                 {
                   agenda<Kind> a(t);
                   a.get();
                   a.put(2s);
                   a.put(1s);
                   const toro::delay_key third = a.put(3s);
                   a.close();
                   BOOST_TEST(!a.entries.is_open());
                   a.get();
                   a.get();
                   t.advance(1s);
                   t.emit(1);
                   t.poll();
                   t.advance(1s);
                   a.erase(third);
                   t.poll();
                   a.close();
                   t.poll();
                   a.conclude();
                 });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
