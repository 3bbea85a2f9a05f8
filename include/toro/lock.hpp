// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_LOCK_HPP
#define TORO_LOCK_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/io/guard_base.hpp>
#include <toro/detail/io/io_object.hpp>
#include <toro/detail/state/semaphore_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace toro {

namespace detail {

// The only permit of a lock.
struct lock_hold
{
  static void give_back(semaphore_state& state) noexcept
  {
    state.give_back_held(1);
  }

  static void detach(semaphore_state& state) noexcept
  {
    state.detach(1);
  }
};

struct guard_access;

} // namespace detail

/// A lock that is held, given back when this ends.
template <class Threading>
class basic_guard
  : public detail::guard_base<detail::core<detail::semaphore_state, Threading>,
                              detail::lock_hold>
{
  using core_type = detail::core<detail::semaphore_state, Threading>;
  using base = detail::guard_base<core_type, detail::lock_hold>;

public:
  /// Constructs an empty guard.
  basic_guard() noexcept = default;

private:
  friend struct detail::guard_access;

  explicit basic_guard(typename core_type::pointer core) noexcept
    : base(std::move(core), detail::lock_hold())
  {
  }
};

/// A guard of a lock that is safe to share between threads.
using guard = basic_guard<thread_safe>;

namespace detail {

// Makes guards of what was acquired.
struct guard_access
{
  template <class Threading>
  static basic_guard<Threading>
  make(typename core<semaphore_state, Threading>::pointer block)
  {
    return basic_guard<Threading>(std::move(block));
  }
};

template <class Threading>
class lock_request : public request<basic_guard<Threading>>
{
public:
  static constexpr const char* name = "lock::async_acquire";

  static void bind(semaphore_waiter& w) noexcept
  {
    w.permits = 1;
  }

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_acquire(w, may_wait);
  }

  static completion<basic_guard<Threading>>
  complete(typename core<semaphore_state, Threading>::pointer& block,
           semaphore_waiter&, boost::system::error_code ec)
  {
    if (ec)
      return {ec, {}};
    return {ec, guard_access::make<Threading>(std::move(block))};
  }
};

} // namespace detail

/// Mutual exclusion between operations that wait in between.
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_lock
  : public detail::io_object<detail::semaphore_state, Executor, Threading>
{
  using base = detail::io_object<detail::semaphore_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The guard that acquiring gives.
  using guard_type = basic_guard<Threading>;

  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_lock<OtherExecutor, Threading>;
  };

  explicit basic_lock(const Executor& executor)
    : base(executor, std::size_t(1), std::size_t(1))
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_lock(Context& context)
    : basic_lock(Executor(context.get_executor()))
  {
  }

  basic_lock(basic_lock&&) noexcept = default;
  basic_lock& operator=(basic_lock&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_lock(basic_lock<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  guard_type try_acquire()
  {
    return this->shared().update_quietly(
        [&](detail::semaphore_state& state)
        {
          return state.try_acquire(1) ? detail::guard_access::make<Threading>(
                                            this->shared_pointer())
                                      : guard_type();
        });
  }

  void release(boost::system::error_code& ec)
  {
    const bool released = this->shared().update(
        [](detail::semaphore_state& state)
        {
          return state.release(1);
        });
    ec = released ? boost::system::error_code() : error::not_locked;
  }

  void release()
  {
    boost::system::error_code ec;
    release(ec);
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, "release"));
  }

  bool locked() const noexcept
  {
    return this->shared().read(
        [](const detail::semaphore_state& state)
        {
          return state.value() == 0;
        });
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::lock_request<Threading>(), token))
  {
    return this->template start<CompletionToken>(
        detail::lock_request<Threading>(), token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::lock_request<Threading>(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::lock_request<Threading>(), limit, token);
  }

  friend std::string to_string(const basic_lock& x)
  {
    return detail::description("lock")
        .word(x.locked() ? "locked" : "unlocked")
        .crowd("waiters", x.waiters())
        .str();
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_lock& x)
  {
    return out << to_string(x);
  }
};

/// The lock on any executor, safe to share between threads.
using lock = basic_lock<>;

} // namespace toro

#endif // TORO_LOCK_HPP
