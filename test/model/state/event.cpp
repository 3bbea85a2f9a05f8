// SPDX-License-Identifier: BSL-1.0
#include "model/actions/event.hpp"

#include <toro/detail/state/event_state.hpp>
#include <toro/detail/state/result_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <memory>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;

template <bool Shares>
class event_library : public state_library<toro::detail::event_state,
                                           toro::detail::waiter, Shares>
{
  using base =
      state_library<toro::detail::event_state, toro::detail::waiter, Shares>;
  using base::state;

public:
  void start_wait(patience how_long)
  {
    auto& w = this->add();
    this->started(w, state.start_wait(w, how_long != none));
  }

  std::size_t set()
  {
    return state.set();
  }

  void clear()
  {
    state.clear();
  }

  void deliver()
  {
    this->deliver_next();
  }

  void look(view& v) const
  {
    v.add("is set", state.is_set());
    v.add("waiters", state.waiters());
  }
};

class result_library
  : public state_library<toro::detail::result_state<std::size_t>,
                         toro::detail::waiter>
{
public:
  void start_get(patience how_long)
  {
    wait& w = add();
    started(w, state.start_wait(w, how_long != none));
  }

  std::size_t set(std::size_t value)
  {
    if (value == 0)
      return state.set_error(make_error_code(boost::system::errc::io_error))
          .value_or(nothing);
    auto kept = std::make_unique<toro::detail::result_node<std::size_t>>(
        std::move(value));
    return state.set_value(kept).value_or(nothing);
  }

  void deliver()
  {
    if (deliver_next())
      told.value = value();
  }

  void look(view& v) const
  {
    v.add("set to", value());
    v.add("waiters", state.waiters());
  }

private:
  std::size_t value() const
  {
    if (!state.is_set())
      return nothing;
    return state.error() ? 0 : state.value();
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(event_state_follows_the_model)
{
  test_all_sequences<event_machine<event_library<false>>>("event",
                                                          state_lengths(1));
}

BOOST_AUTO_TEST_CASE(event_state_follows_the_model_with_shared_deliveries)
{
  test_all_sequences<event_machine<event_library<true>>>("event, shared",
                                                         state_lengths());
}

BOOST_AUTO_TEST_CASE(result_state_follows_the_model)
{
  test_all_sequences<result_machine<result_library>>("async_result",
                                                     state_lengths(1));
}
