// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_CONDITION_HPP
#define TORO_CONDITION_HPP

#include <toro/deadline.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/io/io_object.hpp>
#include <toro/detail/state/condition_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

struct condition_wait_request : plain_request
{
  static constexpr const char* name = "condition::async_wait";

  static bool start(condition_state& state, condition_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

// A wait that ends only when a predicate holds.
template <class Predicate>
class condition_predicate_request : public plain_request
{
public:
  static constexpr const char* name = "condition::async_wait";
  static constexpr bool has_predicate = true;

  explicit condition_predicate_request(Predicate predicate)
    : predicate_(std::move(predicate))
  {
  }

  // Calls the predicate; not under the lock.
  bool ask()
  {
    answer_ = static_cast<bool>(predicate_());
    return answer_;
  }

  // Whether the predicate held before the wait could queue.
  bool is_satisfied() const noexcept
  {
    return satisfied_;
  }

  bool start(condition_state& state, condition_waiter& w,
             bool may_wait) noexcept
  {
    if (answer_)
    {
      satisfied_ = true;
      return state.start_satisfied(w);
    }
    // A notification that came after the predicate was called may have been
    // about what it looks at: ask again.
    if (asked_ && seen_ == state.notifications())
      return state.start_wait(w, may_wait);
    asked_ = true;
    seen_ = state.notifications();
    return false;
  }

private:
  [[no_unique_address]] Predicate predicate_;
  std::uint64_t seen_ = 0;
  bool asked_ = false;
  bool answer_ = false;
  bool satisfied_ = false;
};

// What async_wait takes for a predicate: nullary, and no completion token.
template <class Predicate>
concept wait_predicate = std::copy_constructible<std::decay_t<Predicate>> &&
                         std::predicate < std::decay_t<Predicate>
& > &&!boost::asio::completion_token_for<Predicate,
                                         void(boost::system::error_code)>;

} // namespace detail

/// A meeting point: waits until somebody notifies.
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_condition
  : public detail::io_object<detail::condition_state, Executor, Threading>
{
  using base = detail::io_object<detail::condition_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_condition<OtherExecutor, Threading>;
  };

  explicit basic_condition(const Executor& executor)
    : base(executor)
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_condition(Context& context)
    : basic_condition(Executor(context.get_executor()))
  {
  }

  basic_condition(basic_condition&&) noexcept = default;
  basic_condition& operator=(basic_condition&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_condition(basic_condition<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  std::size_t notify(std::size_t n = 1)
  {
    return this->shared().update(
        [n](detail::condition_state& state)
        {
          return state.notify(n);
        });
  }

  std::size_t notify_all()
  {
    return this->shared().update(
        [](detail::condition_state& state)
        {
          return state.notify_all();
        });
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_wait_request(), token))
  {
    return this->template start<CompletionToken>(
        detail::condition_wait_request(), token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::condition_wait_request(), limit, token);
  }

  template <detail::wait_predicate Predicate,
            boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(Predicate&& predicate,
                  CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_predicate_request<std::decay_t<Predicate>>(
              std::forward<Predicate>(predicate)),
          token))
  {
    return this->template start<CompletionToken>(
        detail::condition_predicate_request<std::decay_t<Predicate>>(
            std::forward<Predicate>(predicate)),
        token);
  }

  template <detail::wait_predicate Predicate,
            boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(Predicate&& predicate, deadline limit,
                  CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::condition_predicate_request<std::decay_t<Predicate>>(
              std::forward<Predicate>(predicate)),
          limit, token))
  {
    return this->template start<CompletionToken>(
        detail::condition_predicate_request<std::decay_t<Predicate>>(
            std::forward<Predicate>(predicate)),
        limit, token);
  }

  friend std::string to_string(const basic_condition& x)
  {
    return detail::description("condition").crowd("waiters", x.waiters()).str();
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_condition& x)
  {
    return out << to_string(x);
  }
};

/// The condition on any executor, safe to share between threads.
using condition = basic_condition<>;

} // namespace toro

#endif // TORO_CONDITION_HPP
