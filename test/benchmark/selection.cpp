// SPDX-License-Identifier: BSL-1.0

#include <toro/first_of.hpp>
#include <toro/queue.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include <array>
#include <cstddef>

#include "contenders.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

// Selects among the items of two queues. In each lap one of them gets an item:
// before the selection, or when that waits.
template <class Threading, bool Waits, bool ByGroup>
class selection : fixture
{
public:
  explicit selection(trial& t)
    : fixture(t),
      a_(context.get_executor()),
      b_(context.get_executor())
  {
  }

  void run()
  {
    select();
    fixture::run(10);
  }

private:
  struct selected
  {
    selection* self;

    void operator()(std::size_t, error_code, int, error_code, int) const
    {
      if (self->again())
        self->select();
    }

    void operator()(std::array<std::size_t, 2>, error_code, int, error_code,
                    int) const
    {
      if (self->again())
        self->select();
    }
  };

  void select()
  {
    if (!Waits)
      put();
    if constexpr (ByGroup)
      asio::experimental::make_parallel_group(a_.async_get(asio::deferred),
                                              b_.async_get(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), selected{this});
    else
      toro::async_first_of(a_.async_get(asio::deferred),
                           b_.async_get(asio::deferred), selected{this});
    if (Waits)
      put();
  }

  void put()
  {
    second_ = !second_;
    static_cast<void>((second_ ? b_ : a_).try_put(1));
  }

  using queue = toro::basic_queue<int, io_executor, Threading>;

  queue a_;
  queue b_;
  bool second_ = false;
};

template <class Threading, bool Waits, bool ByGroup>
void select_among_two(trial& t)
{
  selection<Threading, Waits, ByGroup>(t).run();
}

template <class Threading, bool Waits>
void add_selection(rows& all, const work& what)
{
  all.push_back({what, toro_with<Threading>,
                 select_among_two<Threading, Waits, false>,
                 select_among_two<Threading, Waits, true>});
}

} // namespace

void add_selection(rows& all)
{
  const work waits{"W8",
                   "first of two gets that wait, against parallel_group",
                   {1, 1},
                   unit::times_base};
  add_selection<toro::strand_bound, true>(all, waits);
  add_selection<toro::thread_safe, true>(all, waits);
  const work at_once{"W8",
                     "first of two gets, one of which completes immediately",
                     {1, 1},
                     unit::times_base};
  add_selection<toro::strand_bound, false>(all, at_once);
  add_selection<toro::thread_safe, false>(all, at_once);
}

} // namespace bench
