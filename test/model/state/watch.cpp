// SPDX-License-Identifier: BSL-1.0
#include "model/actions/watch.hpp"

#include <toro/detail/state/watch_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "model/state/library.hpp"
#include "support/pool.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::watch_state_base;

struct position : toro::detail::watch_position
{
  position()
    : watch_position(0)
  {
  }
};

// A wait, and its reader.
struct reading : toro::detail::watch_waiter
{
  position* reader = nullptr;
};

template <bool Shares>
class watch_library : public state_library<watch_state_base, reading, Shares>
{
  using base = state_library<watch_state_base, reading, Shares>;
  using base::state;

public:
  watch_library()
    : readers_{&positions_.add(), &positions_.add()}
  {
  }

  std::size_t set()
  {
    return state.is_open() ? state.publish() : nothing;
  }

  std::size_t close()
  {
    return state.close();
  }

  std::size_t get(std::size_t k)
  {
    state.note_seen(*readers_[k], state.version());
    return state.version();
  }

  void start_next(std::size_t k, patience how_long)
  {
    auto& w = this->add();
    w.reader = readers_[k];
    this->started(w, state.start_next(w, *w.reader, how_long != none));
  }

  void end_reader(std::size_t k)
  {
    state.end_reader(*readers_[k]);
    readers_[k] = &positions_.add();
    get(k);
  }

  void deliver()
  {
    const auto* const w = this->deliver_next();
    if (!w)
      return;
    state.note_seen(*w->reader, state.version());
    this->told.value = state.version();
  }

  void look(view& v) const
  {
    v.add("version", state.version());
    v.add("news of 1st", state.has_news(*readers_[0]));
    v.add("news of 2nd", state.has_news(*readers_[1]));
    v.add("waiters", state.waiters());
  }

private:
  pool<position> positions_;
  position* readers_[2];
};

} // namespace

BOOST_AUTO_TEST_CASE(watch_state_follows_the_model)
{
  test_all_sequences<watch_machine<watch_library<false>>>("watch",
                                                          state_lengths());
}

BOOST_AUTO_TEST_CASE(watch_state_follows_the_model_with_shared_deliveries)
{
  test_all_sequences<watch_machine<watch_library<true>>>("watch, shared",
                                                         state_lengths());
}
