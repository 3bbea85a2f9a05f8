// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_ROUTE_HPP
#define TORO_DETAIL_IO_ROUTE_HPP

#include <toro/detail/io/compat.hpp>
#include <toro/detail/io/delivery.hpp>
#include <toro/detail/io/executor_slot.hpp>
#include <toro/detail/io/executor_work.hpp>
#include <toro/detail/io/home_executor.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Whether two executors of any types are known to be the same.
template <class A, class B>
bool same_executor(const A& a, const B& b) noexcept
{
  using any = boost::asio::any_io_executor;
  if constexpr (std::is_same_v<A, B>)
  {
    return a == b;
  }
  else if constexpr (std::is_same_v<A, any>)
  {
    const B* inner = a.template target<B>();
    return inner && *inner == b;
  }
  else if constexpr (std::is_same_v<B, any>)
  {
    return detail::same_executor(b, a);
  }
  else
  {
    return false;
  }
}

// Whether an executor is one that can be posted to directly. The executors of
// other handlers may be adapters whose post does more than it says: that of
// use_future would start the system's thread pool (Boost 1.81).
template <class Executor, class IoExecutor>
struct is_postable
  : std::bool_constant<std::is_same_v<Executor, IoExecutor> ||
                       std::is_same_v<Executor, boost::asio::any_io_executor>>
{
};

template <class Inner, class IoExecutor>
struct is_postable<boost::asio::strand<Inner>, IoExecutor> : std::true_type
{
};

// Implementation notes
//
// How a completion gets to the handler's executor.
//
//   home     both are the same, and known: the block has all it takes
//   direct   the delivery is posted to the handler's executor
//   detour   the delivery is posted to the object's executor, which then
//            dispatches it to the handler's
//
// Direct where the object is locked and the handler's executor is one that can
// be posted to. Both executors are told of the outstanding operation, the
// object's by the block where it is known. The object's is let go when the
// delivery goes to the handler's, as Asio's own operations do, so that nothing
// which waits in another context refers to the object's.
template <class IoExecutor, class Handler, bool Shared,
          bool HasOwn = has_own_executor<Handler>>
class route
{
public:
  using executor_type = boost::asio::associated_executor_t<Handler, IoExecutor>;

  route(const executor_slot<IoExecutor>& home, const Handler& handler)
    : route(home, boost::asio::get_associated_executor(handler, home.get()))
  {
  }

  // Whether the block tells the object's executor of the operation.
  bool works_at_home() const noexcept
  {
    return knows_home_ && (foreign_ || !own_);
  }

  // Whether the delivery is posted past the object's executor.
  bool passes_home() const noexcept
  {
    return foreign_ && !detour_;
  }

  // Whether the executors that the block does not tell may be told under the
  // lock.
  bool can_track_locked() const noexcept
  {
    return (!own_ || own_->is_known()) && !home_;
  }

  void track()
  {
    if (own_)
      own_->track();
    if (home_)
      home_->track();
  }

  // Whether the handler's executor is another than the object's.
  bool is_foreign() const noexcept
  {
    return foreign_;
  }

  // Whether the delivery is posted to the object's executor first.
  bool is_detour() const noexcept
  {
    return detour_;
  }

  // Whether the object's executor has to be told again, and not by the block,
  // of an operation that goes back to waiting.
  bool lacks_home() const noexcept
  {
    return foreign_ && !knows_home_ && !home_;
  }

  // Where the note fails, the operation goes on without it.
  void set_home(const IoExecutor& home) noexcept
  {
    home_.emplace(home);
    BOOST_TRY
    {
      home_->track();
    }
    BOOST_CATCH(...)
    {
    }
    BOOST_CATCH_END
  }

  void drop_home() noexcept
  {
    home_.reset();
  }

  // Hands the delivery over. The route may be gone then; it is as before
  // where the submission was dropped.
  template <class Allocator>
  void post(const home_executor& known_home, delivery&& d,
            const Allocator& allocator, const submission& current)
  {
    if constexpr (can_post)
    {
      if (own_ && !detour_)
      {
        leave_home leaving(home_, current);
        delivery mine(std::move(d));
        own_->post(std::move(mine), allocator);
        return;
      }
    }
    if (own_)
      own_->track();
    if (home_)
      home_->post(std::move(d), allocator);
    else
      known_home.post(std::move(d), allocator);
  }

  // Hands the delivery over to an executor from which it goes on to the
  // handler's.
  template <class Executor, class Allocator>
  void go_by(const Executor& executor, delivery&& d, const Allocator& allocator,
             const submission& current)
  {
    leave_home leaving(home_, current);
    delivery mine(std::move(d));
    detail::execute_with(executor, std::move(mine), allocator);
  }

  // The second leg of a detour: from the object's executor to the handler's.
  template <class Allocator>
  void dispatch(delivery&& d, const Allocator& allocator,
                const submission& current)
  {
    leave_home leaving(home_, current);
    delivery mine(std::move(d));
    own_->dispatch(std::move(mine), allocator);
  }

private:
  static constexpr bool can_post =
      boost::asio::can_require_v<executor_type,
                                 boost::asio::execution::blocking_t::never_t>;

  using own_type = std::optional<executor_work<executor_type>>;
  using home_type = std::optional<executor_work<IoExecutor>>;

  // Lets the object's executor go, unless the submission fails.
  // Order: the delivery has to end before this, so that it is known.
  class leave_home
  {
  public:
    leave_home(home_type& home, const submission& current)
      : home_(home),
        current_(current),
        kept_(std::move(home))
    {
      home.reset();
    }

    leave_home(const leave_home&) = delete;
    leave_home& operator=(const leave_home&) = delete;

    ~leave_home()
    {
      // Safety: the route is there only where the delivery was dropped.
      if (current_.dropped() && kept_)
        home_.emplace(std::move(*kept_));
    }

  private:
    home_type& home_;
    const submission& current_;
    home_type kept_;
  };

  route(const executor_slot<IoExecutor>& home, const executor_type& own)
    : knows_home_(home.is_home),
      foreign_(!detail::same_executor(home.get(), own)),
      detour_(foreign_ && !(Shared && can_post &&
                            is_postable<executor_type, IoExecutor>::value))
  {
    // A completion by way of an immediate executor goes on from there.
    if (foreign_ || !knows_home_ || has_immediate_executor<Handler>)
      own_.emplace(own);
    if (foreign_ && !knows_home_)
      home_.emplace(home.get());
  }

  own_type own_;
  home_type home_;
  bool knows_home_;
  bool foreign_;
  bool detour_;
};

// The handler has no executor of its own, so the object's is the only one.
template <class IoExecutor, class Handler, bool Shared>
class route<IoExecutor, Handler, Shared, false>
{
public:
  route(const executor_slot<IoExecutor>& home, const Handler&)
  {
    if constexpr (may_keep)
    {
      if (!home.is_home)
        own_.emplace(home.get());
    }
  }

  bool works_at_home() const noexcept
  {
    if constexpr (may_keep)
      return !own_;
    else
      return true;
  }

  static constexpr bool passes_home() noexcept
  {
    return false;
  }

  bool can_track_locked() const noexcept
  {
    return works_at_home();
  }

  void track()
  {
    if constexpr (may_keep)
    {
      if (own_)
        own_->track();
    }
  }

  static constexpr bool is_foreign() noexcept
  {
    return false;
  }

  static constexpr bool lacks_home() noexcept
  {
    return false;
  }

  void drop_home() noexcept
  {
  }

  template <class Allocator>
  void post(const home_executor& known_home, delivery&& d,
            const Allocator& allocator, const submission&)
  {
    if constexpr (may_keep)
    {
      if (own_)
        return own_->post(std::move(d), allocator);
    }
    known_home.post(std::move(d), allocator);
  }

  template <class Executor, class Allocator>
  void go_by(const Executor& executor, delivery&& d, const Allocator& allocator,
             const submission&)
  {
    detail::execute_with(executor, std::move(d), allocator);
  }

private:
  // Whether the executor of the object may be one that is not known.
  static constexpr bool may_keep = !is_known_executor<IoExecutor>;

  struct nothing
  {
  };

  [[no_unique_address]] std::conditional_t<
      may_keep, std::optional<executor_work<IoExecutor>>, nothing>
      own_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_ROUTE_HPP
