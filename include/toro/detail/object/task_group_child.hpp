// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_TASK_GROUP_CHILD_HPP
#define TORO_DETAIL_OBJECT_TASK_GROUP_CHILD_HPP

#include <toro/error.hpp>

#include <toro/detail/core/core.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/object/cancellable.hpp>
#include <toro/detail/object/cancellation_adapter.hpp>
#include <toro/detail/object/cancellation_node.hpp>
#include <toro/detail/quietly.hpp>
#include <toro/detail/state/task_group_state.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/config.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// A child of a task_group is any operation that was started with a child_token
// or a child_place. Its handler owns the place that the child takes, so that
// the place is left when the handler is called or destroyed. The handler is
// inside the one that makes the operation a cancellable, which ends first: when
// the place is left, no cancellation of the child is under way any more.

// The rules of a task_group, and what cancels its children.
class task_group_core_state : public task_group_state
{
public:
  task_group_core_state(std::size_t limit, bool failure_cancels)
    : task_group_state(limit, failure_cancels),
      children_(cancellation_node::make())
  {
  }

  // Requires no lock.
  const cancellation_node_pointer& children() const noexcept
  {
    return children_;
  }

  // Cancels the children. What an executor throws is swallowed: the next
  // cancellation tries again. Requires !lock.
  void
  cancel_children(boost::asio::cancellation_type_t type =
                      boost::asio::cancellation_type::terminal) const noexcept
  {
    detail::quietly(
        [&]
        {
          children_->cancel(type);
        });
  }

  // The group has ended.
  void on_retire() const noexcept
  {
    cancel_children();
  }

private:
  const cancellation_node_pointer children_;
};

inline std::exception_ptr to_exception(const boost::system::error_code& ec)
{
  return std::make_exception_ptr(boost::system::system_error(ec));
}

// Whether an exception says that an operation was cancelled.
BOOST_NOINLINE inline bool
is_abortion(const std::exception_ptr& failure) noexcept
{
#if defined(BOOST_NO_EXCEPTIONS)
  static_cast<void>(failure);
#else
  try
  {
    std::rethrow_exception(failure);
  }
  catch (const boost::system::system_error& e)
  {
    return e.code() == boost::asio::error::operation_aborted;
  }
  catch (...)
  {
  }
#endif
  return false;
}

// The failure among the arguments of a completion, or null: that of the first
// argument, if it is of a type that can say so.
inline std::exception_ptr failure_among() noexcept
{
  return nullptr;
}

template <class First, class... Rest>
std::exception_ptr failure_among(const First& first, const Rest&...)
{
  if constexpr (std::is_same_v<First, boost::system::error_code>)
    return first ? detail::to_exception(first) : nullptr;
  else if constexpr (std::is_same_v<First, std::exception_ptr>)
    return first;
  else
    return nullptr;
}

// A child ends, with a failure or with null.
template <class Core>
void leave_place(Core& core, std::exception_ptr failure) noexcept
{
  const bool aborted = failure && detail::is_abortion(failure);
  const bool cancels = core.update_quietly(
      [&](task_group_core_state& state)
      {
        const bool result = failure && state.fail(failure, aborted);
        state.leave();
        return result;
      });
  if (cancels)
    core.unguarded().cancel_children();
}

// The handler of a child, which owns its place.
template <class Core>
class child_handler
{
public:
  child_handler() noexcept = default;

  // Takes over a place.
  explicit child_handler(typename Core::pointer&& core) noexcept
    : core_(std::move(core))
  {
  }

  child_handler(child_handler&&) noexcept = default;

  ~child_handler()
  {
    if (core_)
      leave(nullptr);
  }

  template <class... Args>
  void operator()(const Args&... args) noexcept
  {
    leave(detail::failure_among(args...));
  }

private:
  void leave(std::exception_ptr failure) noexcept
  {
    const typename Core::pointer core = std::move(core_);
    detail::leave_place(*core, std::move(failure));
  }

  // Invariant: null once the place was left.
  typename Core::pointer core_;
};

// The executor of a group, for the children whose initiation has none.
//
// Children are cancelled later than within the call, since that may come from
// one of them. A coroutine that is cancelled while it runs, and ends without
// being suspended, throws through run() in Boost 1.81.
template <class Executor>
struct group_executor
{
  static constexpr bool emits_later = true;

  const kept_executor<Executor>* kept;

  Executor operator()() const noexcept
  {
    return kept->get();
  }
};

// A place that is taken; a completion token for one operation, which becomes
// the child there. Its handler owns the place.
template <class Handler, class Executor>
class child_place
{
public:
  // Constructs no place.
  child_place() noexcept = default;

  child_place(cancellation_node_pointer children, Handler&& handler,
              const kept_executor<Executor>& executor) noexcept
    : children_(std::move(children)),
      handler_(std::move(handler)),
      executor_(&executor)
  {
  }

  template <class Initiation, class... Args>
  void start(Initiation&& initiation, Args&&... args)
  {
    detail::initiate_cancellable(
        std::move(children_), group_executor<Executor>{executor_},
        std::forward<Initiation>(initiation), std::move(handler_),
        std::forward<Args>(args)...);
  }

private:
  cancellation_node_pointer children_;
  Handler handler_;
  const kept_executor<Executor>* executor_ = nullptr;
};

// The completion token of a task_group. Owns the core, so that the group may be
// moved or destroyed before the operation is initiated.
template <class Core, class Executor>
class child_token
{
public:
  child_token(typename Core::pointer core,
              const kept_executor<Executor>& executor) noexcept
    : core_(std::move(core)),
      executor_(&executor)
  {
  }

  using place_type = child_place<child_handler<Core>, Executor>;

  // Takes a place, or says why there is none.
  admission enter() const noexcept
  {
    return core_->update_quietly(
        [](task_group_core_state& state)
        {
          return state.enter();
        });
  }

  // Requires that a place was taken.
  place_type place() const noexcept
  {
    return {core_->unguarded().children(), handler(), *executor_};
  }

  // Takes a place, or throws.
  void take() const
  {
    switch (enter())
    {
    case admission::admitted:
      break;
    case admission::closed:
      boost::throw_exception(
          boost::system::system_error(error::closed, "child"));
    case admission::full:
      boost::throw_exception(boost::system::system_error(
          boost::asio::error::would_block, "child"));
    }
  }

  template <class Initiation, class... Args>
  void start(Initiation&& initiation, Args&&... args) const
  {
    take();
    place().start(std::forward<Initiation>(initiation),
                  std::forward<Args>(args)...);
  }

  // The handler of a place that was taken.
  child_handler<Core> handler() const noexcept
  {
    return child_handler<Core>(typename Core::pointer(core_));
  }

  const typename Core::pointer& core() const noexcept
  {
    return core_;
  }

  const Executor& executor() const noexcept
  {
    return executor_->get();
  }

private:
  typename Core::pointer core_;
  const kept_executor<Executor>* executor_;
};

// An adapter of Asio's around a child_token changes places with it, as it does
// with a cancellation_binder. The token becomes a binder then: its source is
// the group, and inside is a token whose handler owns a place.
template <class Core, class Executor>
class child_source : public child_token<Core, Executor>
{
public:
  explicit child_source(const child_token<Core, Executor>& token) noexcept
    : child_token<Core, Executor>(token)
  {
  }
};

template <class Core, class Executor>
class bare_child : public child_token<Core, Executor>
{
public:
  explicit bare_child(const child_token<Core, Executor>& token) noexcept
    : child_token<Core, Executor>(token)
  {
  }
};

template <class Core, class Executor>
class cancellation_origin<child_source<Core, Executor>>
{
public:
  static constexpr bool has_executor = true;
  static constexpr bool emits_later = true;

  explicit cancellation_origin(
      const child_source<Core, Executor>& source) noexcept
    : source_(source)
  {
  }

  cancellation_node_pointer node() const noexcept
  {
    return source_.core()->unguarded().children();
  }

  bool is_shut_down() const noexcept
  {
    return source_.core()->is_shut_down();
  }

  const Executor& executor() const noexcept
  {
    return source_.executor();
  }

private:
  const child_source<Core, Executor>& source_;
};

template <class Core, class Executor>
struct carried_binder<child_token<Core, Executor>>
{
  static constexpr bool is_adapter = false;
  static constexpr bool exists = true;

  using binder_type = cancellation_binder<child_source<Core, Executor>,
                                          bare_child<Core, Executor>>;

  static binder_type lift(child_token<Core, Executor>&& token)
  {
    return {child_source<Core, Executor>(token),
            bare_child<Core, Executor>(token)};
  }
};

} // namespace toro::detail

namespace boost::asio {

/// @cond
template <class Handler, class Executor, class... Signatures>
class async_result<toro::detail::child_place<Handler, Executor>, Signatures...>
{
public:
  using return_type = void;

  template <class Initiation, class... Args>
  static void initiate(Initiation&& initiation,
                       toro::detail::child_place<Handler, Executor>&& place,
                       Args&&... args)
  {
    place.start(std::forward<Initiation>(initiation),
                std::forward<Args>(args)...);
  }
};

template <class Core, class Executor, class... Signatures>
class async_result<toro::detail::bare_child<Core, Executor>, Signatures...>
{
public:
  using return_type = void;

  template <class Initiation, class... Args>
  static void initiate(Initiation&& initiation,
                       const toro::detail::bare_child<Core, Executor>& token,
                       Args&&... args)
  {
    token.take();
    std::forward<Initiation>(initiation)(token.handler(),
                                         std::forward<Args>(args)...);
  }
};

template <class Core, class Executor, class... Signatures>
class async_result<toro::detail::child_token<Core, Executor>, Signatures...>
{
public:
  using return_type = void;

  template <class Initiation, class... Args>
  static void initiate(Initiation&& initiation,
                       const toro::detail::child_token<Core, Executor>& token,
                       Args&&... args)
  {
    token.start(std::forward<Initiation>(initiation),
                std::forward<Args>(args)...);
  }
};
/// @endcond

} // namespace boost::asio

#endif // TORO_DETAIL_OBJECT_TASK_GROUP_CHILD_HPP
