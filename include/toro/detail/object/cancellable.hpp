// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_CANCELLABLE_HPP
#define TORO_DETAIL_OBJECT_CANCELLABLE_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/object/cancellation_node.hpp>
#include <toro/detail/object/token_adapter.hpp>
#include <toro/detail/quietly.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace toro::detail {

// How any operation of Asio's becomes one that a cancellation_node reaches:
// initiate_cancellable() starts it with a handler that has a slot of ours.

// The executor on which the signal of an operation is emitted: within the
// cancellation if that runs there, or always later.
template <class Executor, bool Later = false>
class emission_executor
{
public:
  static constexpr bool goes_directly = true;

  explicit emission_executor(const Executor& executor)
    : executor_(executor)
  {
  }

  // Why not with the handler's allocator: the emission may outlive the
  // handler's call.
  void dispatch(cancellation_emission&& emission, bool /*is_last*/)
  {
    if constexpr (Later && can_post<Executor>)
      detail::post_on(executor_, std::move(emission), std::allocator<void>());
    else
      detail::dispatch_on(executor_, std::move(emission),
                          std::allocator<void>());
  }

private:
  Executor executor_;
};

// The same if the handler has an executor of a kind that is not known to
// serialize anything. That of use_future runs functions in the thread that
// submits them. Completions get there by way of the operation's executor, and
// so do emissions.
template <class OperationExecutor, class HandlerExecutor>
class emission_detour
{
public:
  static constexpr bool goes_directly = false;

  emission_detour(const OperationExecutor& first, const HandlerExecutor& last)
    : first_(first),
      last_(last)
  {
  }

  void dispatch(cancellation_emission&& emission, bool is_last)
  {
    if (is_last)
      last_.dispatch(std::move(emission), is_last);
    else
      first_.dispatch(std::move(emission), is_last);
  }

private:
  emission_executor<OperationExecutor> first_;
  emission_executor<HandlerExecutor> last_;
};

// Whether an operation is a coroutine, which runs on the executor of its
// initiation, wherever its handler runs. Those of Asio (co_spawn and spawn)
// complete with an exception, and what initiates them is a template of the
// executor alone.
template <class Initiation, class... Signatures>
inline constexpr bool initiates_coroutine = false;

template <template <class> class Initiation, class Executor, class R,
          class... Args>
inline constexpr bool
    initiates_coroutine<Initiation<Executor>, R(std::exception_ptr, Args...)> =
        has_executor_type<Initiation<Executor>>;

// Where the signal of an operation is emitted: on the executor of the handler,
// else on that of the operation, else on that of the source; that of a
// coroutine always on its own executor. The function that returns that of the
// source may say that signals are emitted later.
template <bool IsCoroutine, class Initiation, class Handler,
          class SourceExecutor>
auto emission_path(const Initiation& initiation, const Handler& handler,
                   const SourceExecutor& source_executor)
{
  constexpr bool later = requires
  {
    SourceExecutor::emits_later;
  };
  const auto path_from = [&](const auto& fallback)
  {
    using fallback_type = std::decay_t<decltype(fallback)>;
    using executor_type =
        boost::asio::associated_executor_t<Handler, fallback_type>;
    const executor_type own =
        boost::asio::get_associated_executor(handler, fallback);
    if constexpr (std::is_same_v<executor_type, fallback_type> ||
                  can_post_directly<executor_type> ||
                  !has_executor_type<Initiation>)
      return emission_executor<executor_type, later>(own);
    else
      return emission_detour<fallback_type, executor_type>(fallback, own);
  };
  // Safety: elsewhere, co_spawn and spawn of Boost 1.81 would post a pointer
  // into the slot, which may be gone by then.
  if constexpr (IsCoroutine)
    return emission_executor<typename Initiation::executor_type, later>(
        initiation.get_executor());
  else if constexpr (has_executor_type<Initiation>)
    return path_from(initiation.get_executor());
  else
    return path_from(source_executor());
}

// The route of an operation, in memory of an allocator.
template <class Path, class Allocator>
class allocated_route final : public emission_route
{
public:
  static allocated_route& make(Path&& path, const Allocator& given)
  {
    allocator_type allocator(given);
    reservation memory{allocator, allocator_traits::allocate(allocator, 1)};
    allocated_route* const route = ::new (static_cast<void*>(memory.memory))
        allocated_route(std::move(path), allocator);
    memory.memory = nullptr;
    return *route;
  }

private:
  using allocator_type = typename std::allocator_traits<
      Allocator>::template rebind_alloc<allocated_route>;

  using allocator_traits = std::allocator_traits<allocator_type>;

  struct reservation
  {
    allocator_type& allocator;
    allocated_route* memory;

    ~reservation()
    {
      if (memory)
        allocator_traits::deallocate(allocator, memory, 1);
    }
  };

  allocated_route(Path&& path, const allocator_type& allocator)
    : emission_route(Path::goes_directly),
      path_(std::move(path)),
      allocator_(allocator)
  {
  }

  ~allocated_route() = default;

  void dispatch(cancellation_emission&& emission, bool is_last) override
  {
    path_.dispatch(std::move(emission), is_last);
  }

  void destroy() noexcept override
  {
    allocator_type allocator(std::move(allocator_));
    this->~allocated_route();
    allocator_traits::deallocate(allocator, this, 1);
  }

  Path path_;
  allocator_type allocator_;
};

// The allocator of a route: that of the handler, or of the memory for it in the
// cancellable.
template <class Handler>
auto route_allocator(const Handler& handler, cancellable& op)
{
  if constexpr (is_std_allocator<boost::asio::associated_allocator_t<Handler>>)
    return detail::allocator_of(op.memory());
  else
    return boost::asio::get_associated_allocator(handler);
}

// The handler of an operation that a node reaches.
template <class Handler>
class cancellable_handler
{
public:
  using target_type = Handler;

  cancellable_handler(Handler&& handler, cancellable::pointer&& op)
    : handler_(std::move(handler)),
      op_(std::move(op))
  {
  }

  Handler& get() noexcept
  {
    return handler_;
  }

  const Handler& get() const noexcept
  {
    return handler_;
  }

  // Not connected if the handler was moved from.
  boost::asio::cancellation_slot slot() const noexcept
  {
    return op_ ? op_->slot() : boost::asio::cancellation_slot();
  }

  template <class... Args>
  requires std::invocable<Handler&, Args...>
  void operator()(Args&&... args) &
  {
    op_.reset();
    static_cast<void>(handler_(std::forward<Args>(args)...));
  }

  template <class... Args>
  requires std::invocable<Handler, Args...>
  void operator()(Args&&... args) &&
  {
    op_.reset();
    static_cast<void>(std::move(handler_)(std::forward<Args>(args)...));
  }

private:
  Handler handler_;

  // Order: moved after the handler, whose move may throw, and destroyed before
  // it, since the handler may own the memory.
  cancellable::pointer op_;
};

// Starts an operation that a node reaches. The executor of the source is what a
// function returns; it is called only if the initiation has no executor.
//
// If anything throws, the operation was not started.
template <bool IsCoroutine = false, class SourceExecutor, class Initiation,
          class Handler, class... Args>
void initiate_cancellable(cancellation_node_pointer node,
                          const SourceExecutor& source_executor,
                          Initiation&& initiation, Handler&& handler,
                          Args&&... args)
{
  using handler_type = std::decay_t<Handler>;

  // Order: associators are read before the handler is moved.
  auto path =
      detail::emission_path<IsCoroutine>(initiation, handler, source_executor);
  cancellable::pointer op = cancellation_node::add(std::move(node));
  cancellable_start start(*op);
  const auto allocator = detail::route_allocator(handler, *op);
  using route_type = allocated_route<std::decay_t<decltype(path)>,
                                     std::decay_t<decltype(allocator)>>;
  op->set_route(route_type::make(std::move(path), allocator));
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected())
    slot.template emplace<cancellation_forwarder>(*op);
  std::forward<Initiation>(initiation)(
      cancellable_handler<handler_type>(
          handler_type(std::forward<Handler>(handler)), std::move(op)),
      std::forward<Args>(args)...);
  // Safety: the initiation may be gone, and the operation may have ended.
  // The operation has started, so what an executor throws is swallowed. The
  // next cancellation tries again.
  detail::quietly(
      [&]
      {
        start.end();
      });
}

} // namespace toro::detail

namespace boost::asio {

template <template <class, class> class Associator, class Handler,
          class Default>
struct associator<Associator, toro::detail::cancellable_handler<Handler>,
                  Default> : Associator<Handler, Default>
{
  static typename Associator<Handler, Default>::type
  get(const toro::detail::cancellable_handler<Handler>& handler) noexcept
  {
    return Associator<Handler, Default>::get(handler.get());
  }

  static auto get(const toro::detail::cancellable_handler<Handler>& handler,
                  const Default& fallback) noexcept
      -> decltype(Associator<Handler, Default>::get(handler.get(), fallback))
  {
    return Associator<Handler, Default>::get(handler.get(), fallback);
  }
};

template <class Handler, class Default>
struct associated_cancellation_slot<toro::detail::cancellable_handler<Handler>,
                                    Default>
{
  using type = cancellation_slot;

  static type
  get(const toro::detail::cancellable_handler<Handler>& handler) noexcept
  {
    return handler.slot();
  }

  static type get(const toro::detail::cancellable_handler<Handler>& handler,
                  const Default&) noexcept
  {
    return get(handler);
  }
};

} // namespace boost::asio

#endif // TORO_DETAIL_OBJECT_CANCELLABLE_HPP
