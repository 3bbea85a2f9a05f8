// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_EXECUTOR_HANDLER_EXECUTOR_HPP
#define TORO_DETAIL_EXECUTOR_HANDLER_EXECUTOR_HPP

#include <toro/deadline.hpp>

#include <toro/detail/compat.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/executor_work.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/quietly.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/config.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// Where a handler runs, how its delivery gets there, and whether the core or
// the operation tracks outstanding work on the executors.
//
//                                                       Work is tracked on the
//   Path       Handler's executor   The delivery is     object's   handler's by
//   ---------  -------------------  ------------------  ---------  ------------
//   object     the object's, known  posted to it        core       -
//   copy       the object's         posted to a copy    operation  -
//   direct     another              posted to it        core (1)   operation
//   by_object  another              posted to the       core (1)   operation
//                                   object's, from
//                                   there dispatched
//
//   Known: the core has the executor (any_kept_executor::is_object_executor).
//   direct: if can_post_directly or it has the object's type, and the object is
//   thread_safe. A thread that runs no loop (toro::blocking) has no other path,
//   since nobody may run the object's executor.
//   (1) The operation, if the object's executor is not known.
//
// Behind an immediate executor, which only an operation that completes in its
// initiation uses, a delivery takes none of these paths (wait_op).
//
// Work on the object's executor ends when the delivery goes to another one, as
// with Asio's own operations. So an operation that waits in another context
// does not refer to the object's.
enum class handler_path : unsigned char
{
  object,
  copy,
  direct,
  by_object
};

// Whether a delivery can be posted directly to a handler's executor that is not
// the object's.
template <class Executor, class IoExecutor>
inline constexpr bool has_direct_path = can_post<Executor> &&
                                        (can_post_directly<Executor> ||
                                         std::is_same_v<Executor, IoExecutor>);

template <class IoExecutor, class Handler, bool Shared,
          bool HasOwn = has_own_executor<Handler>>
class handler_executor
{
public:
  using executor_type = boost::asio::associated_executor_t<Handler, IoExecutor>;
  using object_work_type = std::optional<executor_work<IoExecutor>>;

  handler_executor(const kept_executor<IoExecutor>& object,
                   const Handler& handler)
    : handler_executor(
          object, boost::asio::get_associated_executor(handler, object.get()))
  {
  }

  handler_path path() const noexcept
  {
    return path_;
  }

  // Whether the handler's executor is another than the object's.
  bool differs() const noexcept
  {
    return path_ == handler_path::direct || path_ == handler_path::by_object;
  }

  // Whether the core tracks the operation's work on the object's executor.
  bool core_tracks() const noexcept
  {
    return core_tracks_;
  }

  // Whether track() may be called under the lock.
  bool can_track_locked() const noexcept
  {
    return (!own_.has_value() || own_->is_known()) && !object_.has_value();
  }

  void track()
  {
    if (own_)
      own_->track();
    if (object_)
      object_->track();
  }

  // Requires differs().
  void track_own()
  {
    own_->track();
  }

  // Whether no one tracks the operation's work on the object's executor any
  // more, since the delivery has left that.
  bool lacks_object_work() const noexcept
  {
    return differs() && !core_tracks_ && !object_.has_value();
  }

  // Tracks work on the object's executor again. If this fails, the operation
  // goes on without.
  void regain_object_work(const IoExecutor& object) noexcept
  {
    detail::quietly(
        [&]
        {
          object_.emplace(object);
          object_->track();
        });
  }

  // The delivery leaves the object's executor. The work that this returns is to
  // end once the delivery has been submitted; this object may be gone by then.
  object_work_type release_object_work() noexcept
  {
    return std::exchange(object_, std::nullopt);
  }

  // A thread that runs no loop sees to the deadline itself.
  void watch_deadline(deadline::time_point when, timer_client& client)
  {
    if constexpr (is_thread_executor<executor_type>)
      own_->watch_deadline(when, client);
  }

  // Posts a delivery. On the path by_object, track_own() was called before.
  // This object may be gone afterwards. If it is not, and the delivery was
  // refused, work on the object's executor has to be regained.
  template <class Delivery, class Allocator>
  void post(const object_executor& object, Delivery&& d,
            const Allocator& allocator)
  {
    switch (path_)
    {
    case handler_path::direct:
      if constexpr (has_direct_path<executor_type, IoExecutor>)
      {
        [[maybe_unused]] const auto leaving = release_object_work();
        own_->post(std::forward<Delivery>(d), allocator);
      }
      break;
    case handler_path::copy:
      if constexpr (can_post<executor_type>)
        own_->post(std::forward<Delivery>(d), allocator);
      break;
    case handler_path::by_object:
      if (object_)
      {
        object_->post(std::forward<Delivery>(d), allocator);
        break;
      }
      BOOST_FALLTHROUGH;
    case handler_path::object:
      object.post(std::forward<Delivery>(d), allocator);
    }
  }

  // The second step by way of the object's executor: from there to the
  // handler's.
  template <class Delivery, class Allocator>
  void dispatch(Delivery&& d, const Allocator& allocator)
  {
    [[maybe_unused]] const auto leaving = release_object_work();
    own_->dispatch(std::forward<Delivery>(d), allocator);
  }

private:
  static handler_path path_to(const kept_executor<IoExecutor>& object,
                              const executor_type& own) noexcept
  {
    const bool same = detail::same_executor(object.get(), own);
    if (same && object.is_object_executor)
      return handler_path::object;
    if (same && can_post<executor_type>)
      return handler_path::copy;
    if (Shared && has_direct_path<executor_type, IoExecutor>)
      return handler_path::direct;
    return handler_path::by_object;
  }

  handler_executor(const kept_executor<IoExecutor>& object,
                   const executor_type& own)
    : path_(path_to(object, own)),
      core_tracks_(object.is_object_executor)
  {
    static_assert(Shared || !is_thread_executor<executor_type>,
                  "toro::blocking needs an object that is thread_safe: only "
                  "its executor may use one that is strand_bound");
    if constexpr (is_thread_executor<executor_type>)
      own.check_not_in_context_of(object.get());
    if (path_ != handler_path::object)
      own_.emplace(own);
    if (differs() && !core_tracks_)
      object_.emplace(object.get());
  }

  // Invariant: empty on the path object.
  std::optional<executor_work<executor_type>> own_;

  // Only if the handler's executor differs and the core does not track.
  object_work_type object_;

  handler_path path_;
  bool core_tracks_;
};

// The same for a handler without an executor of its own: it runs on the
// object's.
template <class IoExecutor, class Handler, bool Shared>
class handler_executor<IoExecutor, Handler, Shared, false>
{
public:
  handler_executor(const kept_executor<IoExecutor>& object, const Handler&)
  {
    if constexpr (may_copy)
    {
      if (!object.is_object_executor)
        copy_.emplace(object.get());
    }
  }

  static constexpr bool differs() noexcept
  {
    return false;
  }

  handler_path path() const noexcept
  {
    return core_tracks() ? handler_path::object : handler_path::copy;
  }

  bool core_tracks() const noexcept
  {
    if constexpr (may_copy)
      return !copy_.has_value();
    else
      return true;
  }

  bool can_track_locked() const noexcept
  {
    return core_tracks();
  }

  void track()
  {
    if constexpr (may_copy)
    {
      if (copy_)
        copy_->track();
    }
  }

  static constexpr bool lacks_object_work() noexcept
  {
    return false;
  }

  void regain_object_work(const IoExecutor&) noexcept
  {
  }

  std::nullopt_t release_object_work() noexcept
  {
    return std::nullopt;
  }

  template <class Delivery, class Allocator>
  void post(const object_executor& object, Delivery&& d,
            const Allocator& allocator)
  {
    if constexpr (may_copy)
    {
      if (copy_)
        return copy_->post(std::forward<Delivery>(d), allocator);
    }
    object.post(std::forward<Delivery>(d), allocator);
  }

private:
  // Whether the object's executor may be one that is not known.
  static constexpr bool may_copy = !is_known_executor<IoExecutor>;

  struct nothing
  {
  };

  [[no_unique_address]] std::conditional_t<
      may_copy, std::optional<executor_work<IoExecutor>>, nothing>
      copy_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_EXECUTOR_HANDLER_EXECUTOR_HPP
