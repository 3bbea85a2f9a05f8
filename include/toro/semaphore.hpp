// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_SEMAPHORE_HPP
#define TORO_SEMAPHORE_HPP

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
#include <stdexcept>
#include <string>
#include <utility>

namespace toro {

namespace detail {

struct permit_access;

// Permits in the hand of a guard.
struct permit_hold
{
  std::size_t count = 0;

  void give_back(semaphore_state& state) const noexcept
  {
    state.give_back_held(count);
  }

  void detach(semaphore_state& state) const noexcept
  {
    state.detach(count);
  }
};

} // namespace detail

/// Permits of a semaphore, given back when this ends.
template <class Threading>
class basic_permit
  : public detail::guard_base<detail::core<detail::semaphore_state, Threading>,
                              detail::permit_hold>
{
  using core_type = detail::core<detail::semaphore_state, Threading>;
  using base = detail::guard_base<core_type, detail::permit_hold>;

public:
  /// Constructs an empty permit.
  basic_permit() noexcept = default;

  /// Counts the permits held.
  /**
   * @returns Zero for an empty permit.
   */
  std::size_t count() const noexcept
  {
    return this->held().count;
  }

private:
  friend struct detail::permit_access;

  basic_permit(typename core_type::pointer core, std::size_t n) noexcept
    : base(std::move(core), detail::permit_hold{n})
  {
  }
};

/// A permit of a semaphore that is safe to share between threads.
using permit = basic_permit<thread_safe>;

namespace detail {

// Makes permits of what was acquired.
struct permit_access
{
  template <class Threading>
  static basic_permit<Threading>
  make(typename core<semaphore_state, Threading>::pointer block, std::size_t n)
  {
    if (n == 0)
      return {};
    return basic_permit<Threading>(std::move(block), n);
  }
};

template <class Threading>
class acquire_request : public request<basic_permit<Threading>>
{
public:
  static constexpr const char* name = "semaphore::async_acquire";

  explicit acquire_request(std::size_t n) noexcept
    : permits_(n)
  {
  }

  void bind(semaphore_waiter& w) noexcept
  {
    w.permits = permits_;
  }

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_acquire(w, may_wait);
  }

  static completion<basic_permit<Threading>>
  complete(typename core<semaphore_state, Threading>::pointer& block,
           semaphore_waiter& w, boost::system::error_code ec)
  {
    if (ec)
      return {ec, {}};
    return {ec, permit_access::make<Threading>(std::move(block), w.permits)};
  }

private:
  std::size_t permits_;
};

struct semaphore_wait_request : plain_request
{
  static constexpr const char* name = "semaphore::async_wait";

  static bool start(semaphore_state& state, semaphore_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

// What semaphores have in common, bounded or not.
template <class Executor, class Threading>
class semaphore_base : public io_object<semaphore_state, Executor, Threading>
{
  using base = io_object<semaphore_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The guard that acquiring gives.
  using permit_type = basic_permit<Threading>;

  permit_type try_acquire(std::size_t n = 1)
  {
    return this->shared().update_quietly(
        [&](semaphore_state& state)
        {
          return n != 0 && state.try_acquire(n)
                     ? permit_access::make<Threading>(this->shared_pointer(), n)
                     : permit_type();
        });
  }

  void release(std::size_t n, boost::system::error_code& ec)
  {
    const bool released = this->shared().update(
        [n](semaphore_state& state)
        {
          return state.release(n);
        });
    ec = released ? boost::system::error_code() : error::over_released;
  }

  void release(boost::system::error_code& ec)
  {
    release(1, ec);
  }

  void release(std::size_t n = 1)
  {
    boost::system::error_code ec;
    release(n, ec);
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, "release"));
  }

  std::size_t value() const noexcept
  {
    return this->shared().read(
        [](const semaphore_state& state)
        {
          return state.value();
        });
  }

  bool locked() const noexcept
  {
    return value() == 0;
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(1), token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(1),
                                                 token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(1), limit, token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(1),
                                                 limit, token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(std::size_t n, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(n), token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(n),
                                                 token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_permit<Threading>)>
                CompletionToken = default_token>
  auto async_acquire(std::size_t n, deadline limit,
                     CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          acquire_request<Threading>(n), limit, token))
  {
    return this->template start<CompletionToken>(acquire_request<Threading>(n),
                                                 limit, token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          semaphore_wait_request(), token))
  {
    return this->template start<CompletionToken>(semaphore_wait_request(),
                                                 token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          semaphore_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(semaphore_wait_request(),
                                                 limit, token);
  }

protected:
  semaphore_base(const Executor& executor, std::size_t value, std::size_t bound)
    : base(executor, checked(value), bound)
  {
  }

  semaphore_base(semaphore_base&&) noexcept = default;
  semaphore_base& operator=(semaphore_base&&) noexcept = default;

  template <class OtherExecutor>
  explicit semaphore_base(semaphore_base<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  ~semaphore_base() = default;

  std::string describe(const char* name) const
  {
    return description(name)
        .figure("counter", value())
        .crowd("waiters", this->waiters())
        .str();
  }

private:
  static std::size_t checked(std::size_t value)
  {
    if (value > max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a semaphore's value is too large"));
    return value;
  }
};

} // namespace detail

/// A counter of permits to be taken and given back.
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_semaphore : public detail::semaphore_base<Executor, Threading>
{
  using base = detail::semaphore_base<Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_semaphore<OtherExecutor, Threading>;
  };

  explicit basic_semaphore(const Executor& executor, std::size_t value = 1)
    : base(executor, value, detail::semaphore_state::unlimited)
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_semaphore(Context& context, std::size_t value = 1)
    : basic_semaphore(Executor(context.get_executor()), value)
  {
  }

  basic_semaphore(basic_semaphore&&) noexcept = default;
  basic_semaphore& operator=(basic_semaphore&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_semaphore(basic_semaphore<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  friend std::string to_string(const basic_semaphore& x)
  {
    return x.describe("semaphore");
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_semaphore& x)
  {
    return out << to_string(x);
  }
};

/// The semaphore on any executor, safe to share between threads.
using semaphore = basic_semaphore<>;

} // namespace toro

#endif // TORO_SEMAPHORE_HPP
