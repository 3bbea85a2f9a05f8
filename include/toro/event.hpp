// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_EVENT_HPP
#define TORO_EVENT_HPP

#include <toro/deadline.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/io/io_object.hpp>
#include <toro/detail/state/event_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <ostream>
#include <string>
#include <utility>

namespace toro {

namespace detail {

struct event_wait_request : plain_request
{
  static constexpr const char* name = "event::async_wait";

  static bool start(event_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

} // namespace detail

/// A flag that any number of operations wait for.
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_event
  : public detail::io_object<detail::event_state, Executor, Threading>
{
  using base = detail::io_object<detail::event_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_event<OtherExecutor, Threading>;
  };

  explicit basic_event(const Executor& executor)
    : base(executor)
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_event(Context& context)
    : basic_event(Executor(context.get_executor()))
  {
  }

  basic_event(basic_event&&) noexcept = default;
  basic_event& operator=(basic_event&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_event(basic_event<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  bool is_set() const noexcept
  {
    return this->shared().read(
        [](const detail::event_state& state)
        {
          return state.is_set();
        });
  }

  void set()
  {
    this->shared().update(
        [](detail::event_state& state)
        {
          state.set();
        });
  }

  void clear() noexcept
  {
    this->shared().update_quietly(
        [](detail::event_state& state)
        {
          state.clear();
        });
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::event_wait_request(), token))
  {
    return this->template start<CompletionToken>(detail::event_wait_request(),
                                                 token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::event_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(detail::event_wait_request(),
                                                 limit, token);
  }

  friend std::string to_string(const basic_event& e)
  {
    return detail::description("event")
        .word(e.is_set() ? "set" : "clear")
        .crowd("waiters", e.waiters())
        .str();
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_event& e)
  {
    return out << to_string(e);
  }
};

/// The event on any executor, safe to share between threads.
using event = basic_event<>;

} // namespace toro

#endif // TORO_EVENT_HPP
