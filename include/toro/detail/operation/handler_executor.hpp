// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_HANDLER_EXECUTOR_HPP
#define TORO_DETAIL_OPERATION_HANDLER_EXECUTOR_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/executor_slot.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/operation/delivery.hpp>

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

// Whether it is known that an executor can be posted to directly. Those of
// other handlers may be adapters whose post does more: that of use_future would
// start the system's thread pool (Boost 1.81).
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
// Where a handler runs, how its completion gets there, and whether the core or
// the operation tracks outstanding work on the executors.
//
//                                                      Work is tracked on the
//   Handler's executor      The delivery is            object's   handler's by
//   ----------------------  -------------------------  ---------  ------------
//   the object's, known     posted to it               core       -
//   the object's, unknown   posted to it               operation  -
//   another, postable       posted to it directly      core (1)   operation
//   another, not postable   posted to the object's,    core (1)   operation
//                           dispatched from there
//   any, behind an          executed on the immediate  -          operation
//   immediate executor (2)  one, dispatched from
//                           there (3)
//
//   Known: the core has the executor (executor_slot::is_object_executor).
//   Postable: is_postable, and the object is thread_safe.
//   (1) The operation, if the object's executor is not known.
//   (2) Only if the operation completes in its initiation.
//   (3) If the handler has no executor of its own, it is called on the
//       immediate executor.
//
// Work on the object's executor ends when the delivery goes to the handler's,
// as with Asio's own operations. So an operation that waits in another context
// does not refer to the object's.
template <class IoExecutor, class Handler, bool Shared,
          bool HasOwn = has_own_executor<Handler>>
class handler_executor
{
public:
  using executor_type = boost::asio::associated_executor_t<Handler, IoExecutor>;

  handler_executor(const executor_slot<IoExecutor>& slot,
                   const Handler& handler)
    : handler_executor(
          slot, boost::asio::get_associated_executor(handler, slot.get()))
  {
  }

  // Whether the core tracks the operation's work on the object's executor.
  bool has_object_work() const noexcept
  {
    return is_known_ && (differs_ || !own_work_);
  }

  // Whether the delivery is posted directly to the handler's executor.
  bool posts_directly() const noexcept
  {
    return differs_ && !by_object_executor_;
  }

  // Whether track() may be called under the lock.
  bool can_track_locked() const noexcept
  {
    return (!own_work_ || own_work_->is_known()) && !object_executor_;
  }

  void track()
  {
    if (own_work_)
      own_work_->track();
    if (object_executor_)
      object_executor_->track();
  }

  // Whether the handler's executor is another than the object's.
  bool differs() const noexcept
  {
    return differs_;
  }

  // Whether the delivery is posted to the object's executor first.
  bool goes_by_object_executor() const noexcept
  {
    return by_object_executor_;
  }

  // Whether an operation that waits again has to track work on the object's
  // executor itself.
  bool lacks_object_work() const noexcept
  {
    return differs_ && !is_known_ && !object_executor_;
  }

  // If this fails, the operation goes on without the work.
  void set_object_work(const IoExecutor& slot) noexcept
  {
    object_executor_.emplace(slot);
    BOOST_TRY
    {
      object_executor_->track();
    }
    BOOST_CATCH(...)
    {
    }
    BOOST_CATCH_END
  }

  void drop_object_work() noexcept
  {
    object_executor_.reset();
  }

  // Posts the delivery. This object may be gone afterwards. If the submission
  // was dropped, it is as before.
  template <class Allocator>
  void post(const object_executor& object, delivery&& d,
            const Allocator& allocator, const submission& current)
  {
    if constexpr (can_post)
    {
      if (own_work_ && !by_object_executor_)
      {
        end_object_work leaving(object_executor_, current);
        delivery mine(std::move(d));
        own_work_->post(std::move(mine), allocator);
        return;
      }
    }
    if (own_work_)
      own_work_->track();
    if (object_executor_)
      object_executor_->post(std::move(d), allocator);
    else
      object.post(std::move(d), allocator);
  }

  // Submits the delivery to an immediate executor, from which it goes on to the
  // handler's.
  template <class Executor, class Allocator>
  void go_by(const Executor& executor, delivery&& d, const Allocator& allocator,
             const submission& current)
  {
    end_object_work leaving(object_executor_, current);
    delivery mine(std::move(d));
    detail::execute_with(executor, std::move(mine), allocator);
  }

  // The second step by way of the object's executor: from there to the
  // handler's.
  template <class Allocator>
  void dispatch(delivery&& d, const Allocator& allocator,
                const submission& current)
  {
    end_object_work leaving(object_executor_, current);
    delivery mine(std::move(d));
    own_work_->dispatch(std::move(mine), allocator);
  }

private:
  static constexpr bool can_post =
      boost::asio::can_require_v<executor_type,
                                 boost::asio::execution::blocking_t::never_t>;

  using own_type = std::optional<executor_work<executor_type>>;
  using object_work_type = std::optional<executor_work<IoExecutor>>;

  // Ends the work on the object's executor, unless the submission is dropped.
  // Order: the delivery is destroyed before this, so that it is known whether
  // it was dropped.
  class end_object_work
  {
  public:
    end_object_work(object_work_type& slot, const submission& current)
      : object_executor_(slot),
        current_(current),
        kept_(std::move(slot))
    {
      slot.reset();
    }

    end_object_work(const end_object_work&) = delete;
    end_object_work& operator=(const end_object_work&) = delete;

    ~end_object_work()
    {
      // Safety: only if the delivery was dropped is the handler_executor still
      // there.
      if (current_.dropped() && kept_)
        object_executor_.emplace(std::move(*kept_));
    }

  private:
    object_work_type& object_executor_;
    const submission& current_;
    object_work_type kept_;
  };

  handler_executor(const executor_slot<IoExecutor>& slot,
                   const executor_type& own)
    : is_known_(slot.is_object_executor),
      differs_(!detail::same_executor(slot.get(), own)),
      by_object_executor_(differs_ &&
                          !(Shared && can_post &&
                            is_postable<executor_type, IoExecutor>::value))
  {
    // A handler with an immediate executor has its own executor here in any
    // case.
    if (differs_ || !is_known_ || has_immediate_executor<Handler>)
      own_work_.emplace(own);
    if (differs_ && !is_known_)
      object_executor_.emplace(slot.get());
  }

  own_type own_work_;
  object_work_type object_executor_;
  bool is_known_;
  bool differs_;
  bool by_object_executor_;
};

// The same for a handler without an executor of its own: it runs on the
// object's.
template <class IoExecutor, class Handler, bool Shared>
class handler_executor<IoExecutor, Handler, Shared, false>
{
public:
  handler_executor(const executor_slot<IoExecutor>& slot, const Handler&)
  {
    if constexpr (may_keep)
    {
      if (!slot.is_object_executor)
        own_work_.emplace(slot.get());
    }
  }

  bool has_object_work() const noexcept
  {
    if constexpr (may_keep)
      return !own_work_;
    else
      return true;
  }

  static constexpr bool posts_directly() noexcept
  {
    return false;
  }

  bool can_track_locked() const noexcept
  {
    return has_object_work();
  }

  void track()
  {
    if constexpr (may_keep)
    {
      if (own_work_)
        own_work_->track();
    }
  }

  static constexpr bool differs() noexcept
  {
    return false;
  }

  static constexpr bool lacks_object_work() noexcept
  {
    return false;
  }

  void drop_object_work() noexcept
  {
  }

  template <class Allocator>
  void post(const object_executor& object, delivery&& d,
            const Allocator& allocator, const submission&)
  {
    if constexpr (may_keep)
    {
      if (own_work_)
        return own_work_->post(std::move(d), allocator);
    }
    object.post(std::move(d), allocator);
  }

  template <class Executor, class Allocator>
  void go_by(const Executor& executor, delivery&& d, const Allocator& allocator,
             const submission&)
  {
    detail::execute_with(executor, std::move(d), allocator);
  }

private:
  // Whether the object's executor may be one that is not known.
  static constexpr bool may_keep = !is_known_executor<IoExecutor>;

  struct nothing
  {
  };

  [[no_unique_address]] std::conditional_t<
      may_keep, std::optional<executor_work<IoExecutor>>, nothing>
      own_work_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_HANDLER_EXECUTOR_HPP
