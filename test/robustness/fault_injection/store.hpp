// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_STORE_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_STORE_HPP

#include <toro/deadline.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "robustness/fault_injection/item.hpp"
#include "robustness/fault_injection/trial.hpp"

namespace toro_test {

// A queue, and the accounts of its items, which are numbered. A kind of queue
// has its type and its threading.
template <class Kind>
class store
{
  using item = typename Kind::item;
  using room = typename Kind::type::room_type;

public:
  store(trial& t, std::size_t max_size)
    : shelf(t.executor(), max_size),
      t_(t)
  {
    t_.watch(shelf);
  }

  const call_record& put(toro::deadline limit = {})
  {
    const int number = next_++;
    return note_put(number, t_.start(
                                [&](auto handler)
                                {
                                  shelf.async_put(item(number), limit,
                                                  std::move(handler));
                                }));
  }

  // Launches one operation twice, which puts two copies of an item.
  void put_two_copies()
  {
    const int number = next_++;
    auto lazy = [&]
    {
      const fault_pause undisturbed;
      return shelf.async_put(item(number), boost::asio::deferred);
    }();
    for (int i = 0; i < 2; ++i)
      note_put(number, t_.start(
                           [&](auto handler)
                           {
                             lazy(std::move(handler));
                           }));
  }

  void try_put()
  {
    item mine(next_++);
    const int number = mine.number();
    bool taken = false;
    const bool done = t_.try_to(
        [&]
        {
          taken = shelf.try_put(std::move(mine));
        });
    // What cannot be moved back safely is gone if a comparison failed.
    const bool is_gone = !done && faults.what() == failing::comparison &&
                         !std::is_nothrow_move_constructible_v<item>;
    BOOST_TEST(mine.number() == (taken || is_gone ? 0 : number));
    if (taken)
      put_.insert(number);
  }

  void try_put_copy()
  {
    const item mine(next_++);
    bool taken = false;
    t_.try_to(
        [&]
        {
          taken = shelf.try_put(mine);
        });
    if (taken)
      put_.insert(mine.number());
  }

  const call_record& get(toro::deadline limit = {})
  {
    const call_record& report = t_.start(
        [&](auto handler)
        {
          shelf.async_get(limit, std::move(handler));
        });
    gets_.push_back(&report);
    return report;
  }

  const call_record& get_some(std::size_t most, toro::deadline limit = {})
  {
    const call_record& report = t_.start(
        [&](auto handler)
        {
          shelf.async_get_some(most, limit, std::move(handler));
        });
    batches_.push_back(&report);
    most_at_once_ = std::max(most_at_once_, most);
    return report;
  }

  const call_record& next(toro::deadline limit = {})
  {
    const call_record& report = t_.start(
        [&](auto handler)
        {
          shelf.async_next(limit, std::move(handler));
        });
    nexts_.push_back(&report);
    return report;
  }

  const call_record& wait(toro::deadline limit = {})
  {
    return t_.start(
        [&](auto handler)
        {
          shelf.async_wait(limit, std::move(handler));
        });
  }

  const call_record& reserve(toro::deadline limit = {})
  {
    const call_record& report = t_.start(
        [&](auto handler)
        {
          shelf.async_reserve(limit, std::move(handler));
        });
    rooms_.push_back(&report);
    return report;
  }

  void try_reserve()
  {
    room reserved;
    t_.try_to(
        [&]
        {
          reserved = shelf.try_reserve();
        });
    if (reserved)
      fill(reserved);
  }

  // Puts items into the rooms that handlers got, but leaves every third one
  // empty.
  void fill_rooms()
  {
    std::size_t count = 0;
    for (const call_record* report : rooms_)
    {
      room* const reserved = report->kept<room>();
      if (reserved && *reserved && ++count % 3 != 0)
        fill(*reserved);
    }
  }

  // Gives back the rooms that are left.
  void leave_rooms()
  {
    for (const call_record* report : rooms_)
    {
      if (room* const reserved = report->kept<room>())
        reserved->reset();
    }
  }

  // Returns false if there was nothing to get. Nothing may leave this but what
  // a move throws.
  bool try_get()
  {
    bool has_item = true;
    const bool done = t_.attempt_to(failing::move,
                                    [&]
                                    {
                                      const std::optional<item> got =
                                          shelf.try_get();
                                      has_item = got.has_value();
                                      if (got)
                                        got_.insert(got->number());
                                    });
    if (!done)
      BOOST_TEST(!shelf.empty());
    return has_item;
  }

  void try_get_some(std::size_t most)
  {
    std::vector<item> got;
    {
      const fault_pause undisturbed;
      got.reserve(most);
    }
    t_.attempt_to(failing::move,
                  [&]
                  {
                    shelf.try_get_some(most, std::back_inserter(got));
                  });
    for (const item& x : got)
      got_.insert(x.number());
  }

  const call_record& join()
  {
    return t_.start(
        [&](auto handler)
        {
          shelf.async_join(std::move(handler));
        });
  }

  void task_done()
  {
    ++done_;
    t_.act(
        [&]
        {
          shelf.task_done();
        });
  }

  void close()
  {
    t_.act(
        [&]
        {
          shelf.close();
        });
  }

  void cancel()
  {
    t_.act(
        [&]
        {
          shelf.cancel();
        });
  }

  // Ends what waits, empties the queue, and compares what came with what went.
  void conclude()
  {
    t_.recover(
        [&]
        {
          shelf.cancel();
        });
    t_.check_ends();
    BOOST_TEST(shelf.waiters() == 0u);
    while (try_get())
    {
    }
    settle_accounts();
    BOOST_TEST(shelf.unfinished() == put_.size() - done_);
    BOOST_TEST(std::ranges::includes(put_, got_));
    const bool lacks_one = t_.template may_lack_one<typename Kind::threading>();
    BOOST_TEST(put_.size() - got_.size() <= (lacks_one ? most_at_once_ : 0u));
  }

  // The queue works.
  void serve()
  {
    t_.serve(
        [&](auto handler)
        {
          shelf.async_put(item(next_), std::move(handler));
        });
    t_.serve(
        [&](auto handler)
        {
          shelf.async_get(std::move(handler));
        });
    BOOST_TEST(t_.newest().template kept<item>()->number() == next_);
  }

  typename Kind::type shelf;

private:
  // The room is kept if the put fails.
  void fill(room& reserved)
  {
    item mine(next_++);
    const int number = mine.number();
    const bool done = t_.try_to(
        [&]
        {
          std::move(reserved).put(std::move(mine));
        });
    BOOST_TEST(static_cast<bool>(reserved) == !done);
    if (done)
      put_.insert(number);
  }

  const call_record& note_put(int number, const call_record& report)
  {
    puts_.push_back({number, &report});
    return report;
  }

  void settle_accounts()
  {
    for (const call_record* report : gets_)
    {
      if (report->succeeded())
        got_.insert(report->kept<item>()->number());
    }
    for (const call_record* report : batches_)
    {
      if (!report->succeeded())
        continue;
      for (const item& x : *report->kept<std::vector<item>>())
        got_.insert(x.number());
    }
    for (const call_record* report : nexts_)
    {
      const auto* const got = report->kept<std::optional<item>>();
      if (report->succeeded() && got->has_value())
        got_.insert((*got)->number());
    }
    for (const auto& [number, report] : puts_)
    {
      // Nobody was told of a put whose delivery was lost. It is withdrawn,
      // unless its item was with a get already.
      const bool may_be_in = trial::loses_deliveries() &&
                             report->was_dropped() && got_.contains(number);
      if (report->succeeded() || may_be_in)
        put_.insert(number);
    }
  }

  struct put_of
  {
    int number;
    const call_record* report;
  };

  trial& t_;
  int next_ = 1;
  std::size_t done_ = 0;
  std::vector<put_of> puts_;
  std::vector<const call_record*> gets_;
  std::vector<const call_record*> batches_;
  std::vector<const call_record*> nexts_;
  std::vector<const call_record*> rooms_;

  // As many items may be with one handler.
  std::size_t most_at_once_ = 1;

  std::multiset<int> put_;
  std::multiset<int> got_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_STORE_HPP
