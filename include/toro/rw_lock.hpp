// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_RW_LOCK_HPP
#define TORO_RW_LOCK_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/io/guard_base.hpp>
#include <toro/detail/io/io_object.hpp>
#include <toro/detail/state/rw_lock_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <cstddef>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// One side of a rw_lock in the hand of a guard.
template <rw_access Access>
struct rw_hold
{
  static void give_back(rw_lock_state& state) noexcept
  {
    state.give_back_held(Access);
  }

  static void detach(rw_lock_state& state) noexcept
  {
    state.detach(Access);
  }
};

struct rw_guard_access;

} // namespace detail

/// A lock that is held for reading, given back when this ends.
template <class Threading>
class basic_read_guard
  : public detail::guard_base<detail::core<detail::rw_lock_state, Threading>,
                              detail::rw_hold<detail::rw_access::read>>
{
  using core_type = detail::core<detail::rw_lock_state, Threading>;
  using hold_type = detail::rw_hold<detail::rw_access::read>;
  using base = detail::guard_base<core_type, hold_type>;

public:
  /// Constructs an empty guard.
  basic_read_guard() noexcept = default;

private:
  friend struct detail::rw_guard_access;

  explicit basic_read_guard(typename core_type::pointer core) noexcept
    : base(std::move(core), hold_type())
  {
  }
};

/// A lock that is held for writing, given back when this ends.
template <class Threading>
class basic_write_guard
  : public detail::guard_base<detail::core<detail::rw_lock_state, Threading>,
                              detail::rw_hold<detail::rw_access::write>>
{
  using core_type = detail::core<detail::rw_lock_state, Threading>;
  using hold_type = detail::rw_hold<detail::rw_access::write>;
  using base = detail::guard_base<core_type, hold_type>;

public:
  /// Constructs an empty guard.
  basic_write_guard() noexcept = default;

  /// Become a reader without letting a writer in between.
  basic_read_guard<Threading> downgrade() &&;

private:
  friend struct detail::rw_guard_access;

  explicit basic_write_guard(typename core_type::pointer core) noexcept
    : base(std::move(core), hold_type())
  {
  }
};

/// A read guard of a lock that is safe to share between threads.
using read_guard = basic_read_guard<thread_safe>;

/// A write guard of a lock that is safe to share between threads.
using write_guard = basic_write_guard<thread_safe>;

namespace detail {

// The guard of one side.
template <rw_access Access, class Threading>
using rw_guard =
    std::conditional_t<Access == rw_access::read, basic_read_guard<Threading>,
                       basic_write_guard<Threading>>;

// Makes guards of what was acquired.
struct rw_guard_access
{
  template <rw_access Access, class Threading>
  static rw_guard<Access, Threading>
  make(typename core<rw_lock_state, Threading>::pointer block)
  {
    return rw_guard<Access, Threading>(std::move(block));
  }
};

template <rw_access Access, class Threading>
class rw_request : public request<rw_guard<Access, Threading>>
{
public:
  static constexpr const char* name = Access == rw_access::read
                                          ? "rw_lock::async_acquire_read"
                                          : "rw_lock::async_acquire_write";

  static bool start(rw_lock_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_acquire(w, Access, may_wait);
  }

  static completion<rw_guard<Access, Threading>>
  complete(typename core<rw_lock_state, Threading>::pointer& block, waiter&,
           boost::system::error_code ec)
  {
    if (ec)
      return {ec, {}};
    return {ec, rw_guard_access::make<Access, Threading>(std::move(block))};
  }
};

} // namespace detail

template <class Threading>
basic_read_guard<Threading> basic_write_guard<Threading>::downgrade() &&
{
  if (!*this)
    return {};
  const bool done = this->shared().update_quietly(
      [](detail::rw_lock_state& state)
      {
        return state.downgrade();
      });
  if (!done)
    boost::throw_exception(
        boost::system::system_error(error::impossible, "downgrade"));
  return detail::rw_guard_access::make<detail::rw_access::read, Threading>(
      this->disarm());
}

/// One writer, or many readers.
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_rw_lock
  : public detail::io_object<detail::rw_lock_state, Executor, Threading>
{
  using base = detail::io_object<detail::rw_lock_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;
  using access = detail::rw_access;

public:
  /// The guard that acquiring for reading gives.
  using read_guard_type = basic_read_guard<Threading>;

  /// The guard that acquiring for writing gives.
  using write_guard_type = basic_write_guard<Threading>;

  /// The number of readers that is no limit.
  static constexpr std::size_t unlimited = detail::max_count;

  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_rw_lock<OtherExecutor, Threading>;
  };

  explicit basic_rw_lock(const Executor& executor,
                         std::size_t max_readers = unlimited)
    : base(executor, checked(max_readers))
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_rw_lock(Context& context, std::size_t max_readers = unlimited)
    : basic_rw_lock(Executor(context.get_executor()), max_readers)
  {
  }

  basic_rw_lock(basic_rw_lock&&) noexcept = default;
  basic_rw_lock& operator=(basic_rw_lock&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_rw_lock(basic_rw_lock<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  read_guard_type try_acquire_read()
  {
    return try_acquire<access::read>();
  }

  write_guard_type try_acquire_write()
  {
    return try_acquire<access::write>();
  }

  void release_read(boost::system::error_code& ec)
  {
    release(access::read, ec);
  }

  void release_read()
  {
    release_or_throw(access::read, "release_read");
  }

  void release_write(boost::system::error_code& ec)
  {
    release(access::write, ec);
  }

  void release_write()
  {
    release_or_throw(access::write, "release_write");
  }

  std::size_t readers() const noexcept
  {
    return this->shared().read(
        [](const detail::rw_lock_state& state)
        {
          return state.readers();
        });
  }

  bool write_locked() const noexcept
  {
    return this->shared().read(
        [](const detail::rw_lock_state& state)
        {
          return state.write_locked();
        });
  }

  bool locked() const noexcept
  {
    return this->shared().read(
        [](const detail::rw_lock_state& state)
        {
          return state.locked();
        });
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_read_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_read(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::read, Threading>(), token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::read, Threading>(), token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   basic_read_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_read(deadline limit,
                          CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::read, Threading>(), limit,
          token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::read, Threading>(), limit, token);
  }

  template <boost::asio::completion_token_for<
                void(boost::system::error_code, basic_write_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_write(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::write, Threading>(), token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::write, Threading>(), token);
  }

  template <boost::asio::completion_token_for<
                void(boost::system::error_code, basic_write_guard<Threading>)>
                CompletionToken = default_token>
  auto async_acquire_write(deadline limit,
                           CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::rw_request<detail::rw_access::write, Threading>(), limit,
          token))
  {
    return this->template start<CompletionToken>(
        detail::rw_request<detail::rw_access::write, Threading>(), limit,
        token);
  }

  friend std::string to_string(const basic_rw_lock& x)
  {
    return detail::description("rw_lock")
        .word(x.write_locked()   ? "write_locked"
              : x.readers() != 0 ? "read_locked"
                                 : "unlocked")
        .figure_if_any("readers", x.readers())
        .crowd("waiters", x.waiters())
        .str();
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_rw_lock& x)
  {
    return out << to_string(x);
  }

private:
  static std::size_t checked(std::size_t max_readers)
  {
    if (max_readers > detail::max_count)
      boost::throw_exception(
          std::invalid_argument("toro: an rw_lock's limit is too large"));
    return max_readers;
  }

  template <detail::rw_access Access>
  auto try_acquire()
  {
    using guard_type = detail::rw_guard<Access, Threading>;
    return this->shared().update_quietly(
        [&](detail::rw_lock_state& state)
        {
          return state.try_acquire(Access)
                     ? detail::rw_guard_access::make<Access, Threading>(
                           this->shared_pointer())
                     : guard_type();
        });
  }

  void release(access side, boost::system::error_code& ec)
  {
    const bool released = this->shared().update(
        [side](detail::rw_lock_state& state)
        {
          return state.release(side);
        });
    ec = released ? boost::system::error_code() : error::not_locked;
  }

  void release_or_throw(access side, const char* what)
  {
    boost::system::error_code ec;
    release(side, ec);
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, what));
  }
};

/// The rw_lock on any executor, safe to share between threads.
using rw_lock = basic_rw_lock<>;

} // namespace toro

#endif // TORO_RW_LOCK_HPP
