// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_FIRST_OF_OP_HPP
#define TORO_DETAIL_OBJECT_FIRST_OF_OP_HPP

#include <toro/threading.hpp>

#include <toro/detail/associated_name.hpp>
#include <toro/detail/compat.hpp>
#include <toro/detail/core/core.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/executor/executor_work.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/object/initiation.hpp>
#include <toro/detail/operation/completion.hpp>
#include <toro/detail/operation/handler_claim.hpp>
#include <toro/detail/operation/handler_memory.hpp>
#include <toro/detail/operation/pinned_value.hpp>
#include <toro/detail/quietly.hpp>
#include <toro/detail/state/claim.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// Several operations, the operands, of which the first to complete ends the
// others. One allocation, the first_of_op, has the handler, the claim, and for
// each operand a cancellation signal and room for its results. It also has the
// memory of the operands that are operations of this library, unless the
// handler has an allocator. The handler of an operand is an operand_handler, a
// pointer to the first_of_op.
//
// At most one operation of this library takes effect, because each asks the
// claim at its commit (handler_claim). Other operations ask it when their
// handlers are called.
//
// The first_of_op counts its users: the initiation, each operand that has not
// ended, and each thread that is emitting a cancellation. The last user
// completes or destroys it. So a cancellation is never emitted once the handler
// was called, and the handler is not called before the initiation is over.
//
// Where things run. Operands that are operations of thread_safe objects run on
// the executor of the handler, so that their commit is followed by its call,
// and they can be cancelled in any thread. Others run on the executor of their
// own object; their cancellation is dispatched there, or to the executor of the
// handler if they do not tell their own, and the handler's call from there to
// the handler's executor.
//
// A result whose move may throw is pinned, and moved once: when its operation
// completes. The item of a queue is at its position then, and returns there if
// the move throws. What an operand has if it has no results is made before the
// operands are started. So between the move and the call of the handler no
// result of that kind can fail.

// Whether an initiation starts an operation of a thread_safe object.
template <class Initiation>
inline constexpr bool initiates_shared = false;

template <class State, class Executor>
inline constexpr bool
    initiates_shared<initiation<core<State, thread_safe>, Executor>> = true;

// Whether an initiation starts an operation of this library.
template <class Initiation>
inline constexpr bool initiates_own = false;

template <class Core, class Executor>
inline constexpr bool initiates_own<initiation<Core, Executor>> = true;

// The operation that it makes with a handler.
template <class Initiation, class Handler, class... InitArgs>
struct initiated_operation;

template <class Core, class Executor, class Handler, class Request,
          class... Deadline>
struct initiated_operation<initiation<Core, Executor>, Handler, Request,
                           Deadline...>
{
  using prepared_type =
      decltype(std::declval<initiation<Core, Executor>&>().prepare(
          std::declval<Request>()));
  using type =
      wait_op<Core, prepared_type, Handler, Executor, sizeof...(Deadline) != 0>;
};

// Starts the operands of an async_first_of.
struct first_of_initiation;

// A token that shows what initiates an operation, and does not start it.
struct operand_probe
{
};

template <class Op>
using operand_of = decltype(std::declval<Op>()(std::declval<operand_probe>()));

// The executor of the object of an operation, or no_executor. An async_first_of
// has that of its first operand.
template <class Initiation, class... InitArgs>
struct object_executor_of
{
  using type = boost::asio::associated_executor_t<Initiation, no_executor>;
};

template <class First, class... Others>
struct object_executor_of<first_of_initiation, First, Others...>
{
  using type = typename operand_of<First>::default_executor_type;
};

// What is known of an operation without starting it.
template <class Initiation, class Signature, class... InitArgs>
struct operand_traits;

template <class Initiation, class R, class... Args, class... InitArgs>
struct operand_traits<Initiation, R(Args...), InitArgs...>
{
  // An argument as the handler gets it, if its operation may not be started.
  template <class T>
  using result_type = std::conditional_t<std::is_default_constructible_v<T>, T,
                                         std::optional<T>>;

  using results_type = std::tuple<result_type<std::decay_t<Args>>...>;

  using kept_results_type =
      std::tuple<kept_value<result_type<std::decay_t<Args>>>...>;

  // Whether no move of a result throws.
  static constexpr bool moves_safely =
      std::is_same_v<results_type, kept_results_type>;

  // That of the object, or no_executor.
  using executor_type =
      boost::asio::associated_executor_t<Initiation, no_executor>;

  static constexpr bool has_executor =
      !std::is_same_v<executor_type, no_executor>;

  // That of an async_first_of whose first operand it is, or no_executor.
  using default_executor_type =
      typename object_executor_of<Initiation, InitArgs...>::type;

  // Whether it is an operation of a thread_safe object.
  static constexpr bool is_shared = initiates_shared<Initiation>;

  // Whether it can be cancelled in any thread.
  static constexpr bool cancels_anywhere =
      is_shared || std::is_same_v<Initiation, first_of_initiation>;

  // Whether it is an operation of this library.
  static constexpr bool is_own = initiates_own<Initiation>;

  // What it is with a handler, if is_own.
  template <class Handler>
  using operation_type =
      typename initiated_operation<Initiation, Handler, InitArgs...>::type;
};

template <class Op>
concept async_operation = requires
{
  typename operand_of<Op>::results_type;
};

template <class Op, std::size_t I>
class operand_handler;

// Whether a handler is that of a first operand.
template <class Handler>
inline constexpr bool is_first_operand = false;

template <class Op>
inline constexpr bool is_first_operand<operand_handler<Op, 0>> = true;

template <class Op, std::size_t I>
struct operand_token
{
  Op& op;
};

} // namespace toro::detail

namespace boost::asio {

template <class R, class... Args>
class async_result<toro::detail::operand_probe, R(Args...)>
{
public:
  template <class Initiation, class... InitArgs>
  static auto initiate(Initiation&&, toro::detail::operand_probe, InitArgs&&...)
      -> toro::detail::operand_traits<std::decay_t<Initiation>, R(Args...),
                                      std::decay_t<InitArgs>...>;
};

template <class Op, std::size_t I, class R, class... Args>
class async_result<toro::detail::operand_token<Op, I>, R(Args...)>
{
public:
  using return_type = void;

  template <class Initiation, class... InitArgs>
  static void initiate(Initiation&& initiation,
                       toro::detail::operand_token<Op, I> token,
                       InitArgs&&... args)
  {
    token.op.template launch<I>(std::forward<Initiation>(initiation),
                                std::forward<InitArgs>(args)...);
  }
};

} // namespace boost::asio

namespace toro::detail {

inline void set_aborted(boost::system::error_code& result)
{
  result = boost::asio::error::operation_aborted;
}

inline void set_aborted(std::exception_ptr& result)
{
  result = std::make_exception_ptr(boost::system::system_error(
      boost::system::error_code(boost::asio::error::operation_aborted)));
}

template <class T>
void set_aborted(T&)
{
}

// The results of an operand that was not started or whose handler was
// destroyed: as if it had been cancelled. If the first does not tell, as that
// of an async_first_of, an index, all others do.
template <class... Args>
std::tuple<Args...> results_of_aborted(std::type_identity<std::tuple<Args...>>)
{
  std::tuple<Args...> results;
  if constexpr (sizeof...(Args) != 0)
  {
    using first_type = std::tuple_element_t<0, std::tuple<Args...>>;
    if constexpr (std::is_same_v<first_type, boost::system::error_code> ||
                  std::is_same_v<first_type, std::exception_ptr>)
      detail::set_aborted(std::get<0>(results));
    else
      std::apply(
          [](auto&... each)
          {
            (detail::set_aborted(each), ...);
          },
          results);
  }
  return results;
}

// What a first_of_op keeps of an operand.
template <class Traits>
struct operand_record
{
  using results_type = typename Traits::kept_results_type;

  static std::optional<results_type> initial_results()
  {
    if constexpr (Traits::moves_safely)
      return std::nullopt;
    else
      return detail::results_of_aborted(std::type_identity<results_type>());
  }

  template <class... Args>
  void store(Args&&... args)
  {
    if constexpr (Traits::moves_safely)
    {
      results.emplace(std::forward<Args>(args)...);
    }
    else
    {
      // Order: what was there is kept if this throws.
      results_type arrived(std::forward<Args>(args)...);
      results.emplace(std::move(arrived));
    }
  }

  // Those of an operand that was not started.
  results_type take_results()
  {
    if (results)
      return std::move(*results);
    return detail::results_of_aborted(std::type_identity<results_type>());
  }

  boost::asio::cancellation_signal signal;
  std::optional<results_type> results = initial_results();

  // Where the cancellation is emitted, unless that is safe in any thread.
  [[no_unique_address]] std::conditional_t<
      Traits::has_executor && !Traits::is_shared,
      std::optional<typename Traits::executor_type>, no_executor>
      executor;

  // Whether its handler was called or destroyed.
  std::atomic<bool> has_ended = false;
};

// What the cancellation slot of the handler shares with the first_of_op. Either
// may be destroyed first.
template <class Op>
struct first_of_link
{
  std::mutex mutex;

  // Invariant: guarded by the mutex.
  Op* op;
};

template <class Op>
class first_of_canceller
{
public:
  explicit first_of_canceller(std::shared_ptr<first_of_link<Op>> link) noexcept
    : link_(std::move(link))
  {
  }

  void operator()(boost::asio::cancellation_type_t type) const
  {
    // Safety: the emission may destroy this.
    const auto link = link_;
    Op* op;
    {
      const std::lock_guard lock(link->mutex);
      op = link->op;
      if (!op || !op->try_enter())
        return;
    }
    op->cancel(type);
    op->leave_elsewhere();
  }

private:
  std::shared_ptr<first_of_link<Op>> link_;
};

// A first_of_op without its types, for its count and its claim.
class first_of_base
{
public:
  bool try_enter() noexcept
  {
    std::size_t users = users_.load(std::memory_order_relaxed);
    while (users != 0 && !users_.compare_exchange_weak(
                             users, users + 1, std::memory_order_relaxed))
    {
    }
    return users != 0;
  }

protected:
  explicit first_of_base(std::size_t users) noexcept
    : users_(users)
  {
  }

  ~first_of_base() = default;

  void enter() noexcept
  {
    users_.fetch_add(1, std::memory_order_relaxed);
  }

  // Returns whether these were the last users.
  bool leave(std::size_t users = 1) noexcept
  {
    return users_.fetch_sub(users, std::memory_order_acq_rel) == users;
  }

  // Notes that a type of cancellation is wanted. Returns whether the caller is
  // to emit it; otherwise the initiation does.
  bool want(boost::asio::cancellation_type_t type) noexcept
  {
    return (wanted_.fetch_or(static_cast<unsigned>(type),
                             std::memory_order_acq_rel) &
            initiating) == 0;
  }

  // The initiation is over. Returns the types that it is to emit.
  boost::asio::cancellation_type_t end_initiation() noexcept
  {
    return static_cast<boost::asio::cancellation_type_t>(
        wanted_.fetch_and(~initiating, std::memory_order_acq_rel) &
        ~initiating);
  }

  // Whether operands that were not started yet need not be.
  bool is_decided() const noexcept
  {
    return completes_immediately_.load(std::memory_order_relaxed) ||
           claim_.owner() != claim::nobody;
  }

  claim claim_;

  // Whether an operand has completed immediately.
  std::atomic<bool> completes_immediately_ = false;

  // Whether the handler is to be destroyed, since its results were.
  std::atomic<bool> is_lost_ = false;

private:
  static constexpr unsigned initiating = 1U << 31;

  std::atomic<std::size_t> users_;
  std::atomic<unsigned> wanted_ = initiating;
};

template <class Op, class Indexes>
class first_of_block;

template <class Op, std::size_t I>
class operand_memory;

template <class Handler, class... Traits>
class first_of_op : public first_of_base
{
  static constexpr std::size_t count = sizeof...(Traits);

  template <std::size_t I>
  using traits = std::tuple_element_t<I, std::tuple<Traits...>>;

  // The executor that handlers without one of their own have: that of the first
  // operand.
  static constexpr bool has_default_executor =
      !std::is_same_v<typename traits<0>::default_executor_type, no_executor>;
  using default_executor =
      std::conditional_t<has_default_executor,
                         typename traits<0>::default_executor_type,
                         boost::asio::system_executor>;

public:
  using handler_type = Handler;
  using executor_type =
      boost::asio::associated_executor_t<Handler, default_executor>;
  using handler_allocator = boost::asio::associated_allocator_t<Handler>;

  template <std::size_t I>
  static constexpr bool is_shared = traits<I>::is_shared;

  // Whether the operation of an operand gets its memory here.
  template <std::size_t I>
  static constexpr bool has_memory = (traits<I>::is_own &&
                                      is_std_allocator<handler_allocator>);

  template <std::size_t I>
  using operation_type = typename traits<I>::template operation_type<
      operand_handler<first_of_op, I>>;

  // Starts the operands. The handler is called or destroyed later. If an
  // initiation throws, it is destroyed, unless an operand has taken effect.
  template <class... Ops>
  static void start(Handler&& handler, Ops&... operands)
  {
    first_of_op& op = *make(handler);
    BOOST_TRY
    {
      op.link_slot();
      op.start_all(std::index_sequence_for<Ops...>(), operands...);
    }
    BOOST_CATCH(...)
    {
      // Order: from here on no operand takes effect.
      const bool is_lost = op.lose(initiation_failed) ||
                           op.is_lost_.load(std::memory_order_relaxed);
      if (is_lost)
        op.cancel(boost::asio::cancellation_type::all);
      op.end_start();
      if (is_lost)
        BOOST_RETHROW
      return;
    }
    BOOST_CATCH_END
    op.end_start();
  }

  // Takes the executor of the first operand.
  void set_executor(const default_executor& executor)
  {
    executor_.emplace(boost::asio::get_associated_executor(handler_, executor));
    work_.emplace(*executor_);
    work_->track();
    if constexpr (is_first_operand<Handler>)
      handler_.op().set_executor(executor);
  }

  // Starts an operand.
  template <std::size_t I, class Initiation, class... Args>
  void launch(Initiation&& initiation, Args&&... args)
  {
    if constexpr (I == 0)
      set_executor_of(initiation);
    auto& record = std::get<I>(records_);
    if constexpr (traits<I>::has_executor && !traits<I>::is_shared)
      record.executor.emplace(
          boost::asio::get_associated_executor(initiation, no_executor()));
    ++started_;
    std::forward<Initiation>(initiation)(operand_handler<first_of_op, I>(*this),
                                         std::forward<Args>(args)...);
  }

  // Whether an operand may take effect. It is the first, and so is this among
  // the operands that it is one of.
  template <std::size_t I>
  bool take_claim() noexcept
  {
    return claim_.take(I) && handler_claim<Handler>::get(handler_).take();
  }

  void note_immediate() noexcept
  {
    completes_immediately_.store(true, std::memory_order_relaxed);
    if constexpr (handler_claim<Handler>::exists)
      handler_claim<Handler>::note_immediate(handler_);
  }

  // The handler of an operand was called.
  template <std::size_t I, class... Args>
  void complete(Args&&... args)
  {
    auto& record = std::get<I>(records_);
    BOOST_TRY
    {
      record.store(std::forward<Args>(args)...);
    }
    BOOST_CATCH(...)
    {
      abandon<I>();
      BOOST_RETHROW
    }
    BOOST_CATCH_END
    record.has_ended.store(true, std::memory_order_release);
    if (claim_.take(I))
      cancel(boost::asio::cancellation_type::all);
    if (!leave())
      return;
    if constexpr (traits<I>::is_shared)
      finish();
    else
      dispatch();
  }

  // The handler of an operand was destroyed. The whole is destroyed as well,
  // unless another operand was the first.
  template <std::size_t I>
  void abandon() noexcept
  {
    std::get<I>(records_).has_ended.store(true, std::memory_order_release);
    if (lose(I))
      cancel(boost::asio::cancellation_type::all);
    leave_elsewhere();
  }

  // Cancels all operands that have not ended.
  void cancel(boost::asio::cancellation_type_t type) noexcept
  {
    if (want(type))
      emit_to_all(type, std::make_index_sequence<count>());
  }

  // A user leaves that is not on the handler's executor, or may be within a
  // function that must not call the handler.
  void leave_elsewhere() noexcept
  {
    if (leave())
      detail::quietly(
          [this]
          {
            post();
          });
  }

  template <std::size_t I>
  auto& memory() noexcept
  {
    operand_memory<first_of_op, I>& its = static_cast<block_type&>(*this);
    return its.get();
  }

  template <std::size_t I>
  boost::asio::cancellation_slot slot() noexcept
  {
    return std::get<I>(records_).signal.slot();
  }

  const Handler& handler() const noexcept
  {
    return handler_;
  }

  const executor_type& executor() const noexcept
  {
    return *executor_;
  }

protected:
  explicit first_of_op(Handler& handler)
    : first_of_base(count + 1),
      handler_(std::move(handler))
  {
  }

  ~first_of_op() = default;

private:
  using block_type =
      first_of_block<first_of_op, std::index_sequence_for<Traits...>>;

  using allocator_type =
      typename std::allocator_traits<decltype(detail::allocator_or_recycling(
          std::declval<const Handler&>()))>::template rebind_alloc<block_type>;
  using allocator_traits = std::allocator_traits<allocator_type>;

  // The owner of a claim that no operand is to get.
  static constexpr std::size_t initiation_failed = count;

  // The last step, to the handler's executor. Owns the op.
  class final_step
  {
  public:
    explicit final_step(first_of_op& op) noexcept
      : op_(&op)
    {
    }

    final_step(final_step&& other) noexcept
      : op_(std::exchange(other.op_, nullptr))
    {
    }

    ~final_step()
    {
      if (op_)
        op_->destroy();
    }

    void operator()()
    {
      std::exchange(op_, nullptr)->invoke();
    }

  private:
    first_of_op* op_;
  };

  // The same by way of the handler's immediate executor.
  class immediate_step
  {
  public:
    explicit immediate_step(first_of_op& op) noexcept
      : last_(op),
        op_(&op)
    {
    }

    void operator()()
    {
      op_->dispatch(std::move(last_));
    }

  private:
    final_step last_;
    first_of_op* op_;
  };

  // A cancellation on its way to the executor of an operand.
  template <std::size_t I>
  class emission
  {
  public:
    emission(first_of_op& op, boost::asio::cancellation_type_t type) noexcept
      : op_(&op),
        type_(type)
    {
      op.enter();
    }

    emission(emission&& other) noexcept
      : op_(std::exchange(other.op_, nullptr)),
        type_(other.type_)
    {
    }

    ~emission()
    {
      if (op_)
        op_->leave_elsewhere();
    }

    // Whoever else runs this within a function of its own is a user as well, so
    // that this is not the last one then.
    void operator()()
    {
      first_of_op& op = *std::exchange(op_, nullptr);
      op.template emit_here<I>(type_);
      if (op.leave())
        op.dispatch();
    }

  private:
    first_of_op* op_;
    boost::asio::cancellation_type_t type_;
  };

  // Frees the op at the end of a scope, once the handler was moved out.
  struct departure
  {
    first_of_op& op;
    const Handler& handler;

    ~departure()
    {
      allocator_type allocator = allocator_for(handler);
      op.free(allocator);
    }
  };

  struct reservation
  {
    allocator_type& allocator;
    block_type* memory;

    ~reservation()
    {
      if (memory)
        allocator_traits::deallocate(allocator, memory, 1);
    }
  };

  static first_of_op* make(Handler& handler)
  {
    allocator_type allocator = allocator_for(handler);
    reservation memory{allocator, allocator_traits::allocate(allocator, 1)};
    first_of_op* const op =
        ::new (static_cast<void*>(memory.memory)) block_type(handler);
    memory.memory = nullptr;
    return op;
  }

  static allocator_type allocator_for(const Handler& handler)
  {
    return allocator_type(detail::allocator_or_recycling(handler));
  }

  void free(allocator_type& allocator) noexcept
  {
    block_type* const block = static_cast<block_type*>(this);
    block->~block_type();
    allocator_traits::deallocate(allocator, block, 1);
  }

  void destroy() noexcept
  {
    allocator_type allocator = allocator_for(handler_);
    // Safety: the handler may own the memory.
    [[maybe_unused]] const Handler handler(std::move(handler_));
    free(allocator);
  }

  // Connects the handler's cancellation slot.
  void link_slot()
  {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (!slot.is_connected())
      return;
    using link_type = first_of_link<first_of_op>;
    link_ = std::allocate_shared<link_type>(
        boost::asio::recycling_allocator<link_type>());
    link_->op = this;
    slot.template emplace<first_of_canceller<first_of_op>>(link_);
  }

  template <std::size_t... I, class... Ops>
  void start_all(std::index_sequence<I...>, Ops&... operands)
  {
    static_cast<void>((start_one<I>(operands) && ...));
  }

  template <std::size_t I, class Op>
  bool start_one(Op& operand)
  {
    std::move(operand)(operand_token<first_of_op, I>{*this});
    return !is_decided();
  }

  // If the first operand is an async_first_of, it tells the executor when it
  // starts its own first operand.
  template <class Initiation>
  void set_executor_of(const Initiation& initiation)
  {
    if constexpr (traits<0>::has_executor)
      set_executor(
          boost::asio::get_associated_executor(initiation, no_executor()));
    else if constexpr (!has_default_executor)
      set_executor(default_executor());
  }

  // The operands that were not started, and the initiation, are no users any
  // more.
  void end_start()
  {
    const auto wanted = end_initiation();
    if (wanted != boost::asio::cancellation_type::none)
      emit_to_all(wanted, std::make_index_sequence<count>());
    if (!leave(1 + count - started_))
      return;
    if constexpr (has_immediate_executor<Handler>)
    {
      if (executor_ && !is_lost_.load(std::memory_order_relaxed))
      {
        cut_link();
        const auto allocator = boost::asio::get_associated_allocator(handler_);
        const auto immediate = detail::immediate_executor(handler_, *executor_);
        return detail::execute_with(immediate, immediate_step(*this),
                                    allocator);
      }
    }
    post();
  }

  // The handler will not be called, unless another operand was the first.
  // Returns whether none was.
  bool lose(std::size_t who) noexcept
  {
    if (!claim_.take(who))
      return false;
    is_lost_.store(true, std::memory_order_relaxed);
    return true;
  }

  template <std::size_t... I>
  void emit_to_all(boost::asio::cancellation_type_t type,
                   std::index_sequence<I...>) noexcept
  {
    (emit_to<I>(type), ...);
  }

  template <std::size_t I>
  void emit_to(boost::asio::cancellation_type_t type) noexcept
  {
    if (I >= started_)
      return;
    if constexpr (traits<I>::cancels_anywhere)
    {
      emit_here<I>(type);
    }
    else
    {
      const auto& record = std::get<I>(records_);
      if (record.has_ended.load(std::memory_order_acquire))
        return;
      const auto& target = [&]() -> const auto&
      {
        if constexpr (traits<I>::has_executor)
          return *record.executor;
        else
          return *executor_;
      }
      ();
      // An executor that finds no memory leaves the operand alone. The whole
      // completes when it ends.
      detail::quietly(
          [&]
          {
            detail::dispatch_on(target, emission<I>(*this, type),
                                std::allocator<void>());
          });
    }
  }

  template <std::size_t I>
  void emit_here(boost::asio::cancellation_type_t type) noexcept
  {
    auto& record = std::get<I>(records_);
    if (record.has_ended.load(std::memory_order_acquire))
      return;
    detail::quietly(
        [&]
        {
          record.signal.emit(type);
        });
  }

  // The following functions are for the last user.

  // Later emissions of the handler's cancellation signal have no effect.
  void cut_link() noexcept
  {
    if (!link_.get())
      return;
    const std::lock_guard lock(link_->mutex);
    link_->op = nullptr;
  }

  // This thread runs the handler's executor.
  void finish()
  {
    cut_link();
    if (is_lost_.load(std::memory_order_relaxed))
      destroy();
    else
      invoke();
  }

  // This thread may run the handler's executor.
  void dispatch()
  {
    cut_link();
    if (is_lost_.load(std::memory_order_relaxed))
      destroy();
    else
      dispatch(final_step(*this));
  }

  void dispatch(final_step&& step)
  {
    work_->dispatch(std::move(step),
                    boost::asio::get_associated_allocator(handler_));
  }

  // This thread is to call no handler.
  void post()
  {
    cut_link();
    if (is_lost_.load(std::memory_order_relaxed))
      return destroy();
    if constexpr (can_post<executor_type>)
      work_->post(final_step(*this),
                  boost::asio::get_associated_allocator(handler_));
    else
      dispatch(final_step(*this));
  }

  // Calls the handler. The memory is freed before, also if this throws.
  void invoke()
  {
    Handler handler = take_handler();
    const std::size_t index = claim_.owner();
    auto results = take_results(handler);
    std::apply(
        [&](auto&... args)
        {
          std::move(handler)(index, argument(args)...);
        },
        results);
  }

  template <class T>
  static T&& argument(T& result) noexcept
  {
    return std::move(result);
  }

  // Another first_of_op keeps it as it is.
  template <class T>
  static auto&& argument(pinned_value<T>& result) noexcept
  {
    if constexpr (handler_claim<Handler>::exists)
      return std::move(result);
    else
      return result.take();
  }

  Handler take_handler()
  {
    BOOST_TRY
    {
      return Handler(std::move(handler_));
    }
    BOOST_CATCH(...)
    {
      destroy();
      BOOST_RETHROW
    }
    BOOST_CATCH_END
  }

  auto take_results(const Handler& handler)
  {
    const departure leaving{*this, handler};
    return std::apply(
        [](auto&... records)
        {
          return std::tuple_cat(records.take_results()...);
        },
        records_);
  }

  std::tuple<operand_record<Traits>...> records_;

  // The number of operands that were started. Invariant: constant once the
  // initiation is over.
  std::size_t started_ = 0;

  // Invariant: empty until the first operand is started.
  std::optional<executor_type> executor_;
  std::optional<executor_work<executor_type>> work_;

  std::shared_ptr<first_of_link<first_of_op>> link_;
  Handler handler_;
};

// The executors of an operand_handler, if it has them.
template <class Op, bool HasExecutor>
class operand_executor
{
};

template <class Op>
class operand_executor<Op, true>
{
public:
  using executor_type = typename Op::executor_type;
};

template <class Op, bool HasImmediate>
class operand_immediate_executor
{
};

template <class Op>
class operand_immediate_executor<Op, true>
{
public:
  using immediate_executor_type =
      immediate_executor_t<typename Op::handler_type,
                           typename Op::executor_type>;
};

// The handler of an operand.
template <class Op, std::size_t I>
class operand_handler
  : public moves_items_itself,
    public operand_executor<Op, Op::template is_shared<I>>,
    public operand_immediate_executor<
        Op, has_immediate_executor<typename Op::handler_type>>
{
public:
  using cancellation_slot_type = boost::asio::cancellation_slot;
  using allocator_type = typename Op::handler_allocator;

  explicit operand_handler(Op& op) noexcept
    : op_(&op)
  {
  }

  operand_handler(operand_handler&& other) noexcept
    : op_(std::exchange(other.op_, nullptr))
  {
  }

  ~operand_handler()
  {
    if (op_)
      op_->template abandon<I>();
  }

  cancellation_slot_type get_cancellation_slot() const noexcept
  {
    return op_->template slot<I>();
  }

  allocator_type get_allocator() const noexcept
  {
    return boost::asio::get_associated_allocator(op_->handler());
  }

  const auto& get_executor() const noexcept requires(Op::template is_shared<I>)
  {
    return op_->executor();
  }

  auto get_immediate_executor() const noexcept
      requires(has_immediate_executor<typename Op::handler_type>)
  {
    return detail::immediate_executor(op_->handler(), op_->executor());
  }

  template <class... Args>
  void operator()(Args&&... args)
  {
    std::exchange(op_, nullptr)
        ->template complete<I>(std::forward<Args>(args)...);
  }

  // If this throws, the item returns to its position, and this is destroyed.
  template <class Item>
  void take_over(Item&& item)
  {
    operator()(item.ec, item.pin());
  }

  Op& op() const noexcept
  {
    return *op_;
  }

private:
  // Invariant: null once the handler was called or moved.
  Op* op_;
};

template <class Op, std::size_t I>
struct handler_claim<operand_handler<Op, I>>
{
  static constexpr bool exists = true;

  struct operand_claim
  {
    Op& op;

    bool take() const noexcept
    {
      return op.template take_claim<I>();
    }
  };

  static operand_claim get(const operand_handler<Op, I>& handler) noexcept
  {
    return {handler.op()};
  }

  static void note_immediate(const operand_handler<Op, I>& handler) noexcept
  {
    handler.op().note_immediate();
  }
};

// Allocates the operation of an operand in its first_of_op. An operand that
// chooses its operation late, such as a deferred conditional, may start another
// one than its type tells. If that does not fit, it gets memory of its own.
//
// Why not embedded_allocator: the size of the memory is that of an operation
// whose type this allocator is part of.
//
// Safety: the operand has one operation, which frees its memory before the
// handler is called or destroyed. Until then the first_of_op is not destroyed.
template <class T, class Op, std::size_t I>
class operand_allocator
{
public:
  using value_type = T;

  template <class U>
  struct rebind
  {
    using other = operand_allocator<U, Op, I>;
  };

  explicit operand_allocator(Op& op) noexcept
    : op_(&op)
  {
  }

  template <class U>
  operand_allocator(const operand_allocator<U, Op, I>& other) noexcept
    : op_(&other.op())
  {
  }

  T* allocate(std::size_t n)
  {
    return detail::allocator_of<T>(op_->template memory<I>()).allocate(n);
  }

  void deallocate(T* p, std::size_t n) noexcept
  {
    detail::allocator_of<T>(op_->template memory<I>()).deallocate(p, n);
  }

  template <class U>
  bool operator==(const operand_allocator<U, Op, I>& other) const noexcept
  {
    return op_ == &other.op();
  }

  Op& op() const noexcept
  {
    return *op_;
  }

private:
  Op* op_;
};

template <class Op, std::size_t I>
requires(
    Op::template has_memory<I>) struct handler_memory<operand_handler<Op, I>>
{
  static operand_allocator<void, Op, I>
  allocator(const operand_handler<Op, I>& handler) noexcept
  {
    return operand_allocator<void, Op, I>(handler.op());
  }
};

// The memory of an operand's operation, or none.
template <class Op, std::size_t I>
class operand_memory
{
};

template <class Op, std::size_t I>
requires(Op::template has_memory<I>) class operand_memory<Op, I>
{
public:
  auto& get() noexcept
  {
    return memory_;
  }

private:
  embedded_memory<sizeof(typename Op::template operation_type<I>)> memory_;
};

// A first_of_op with the memory of its operands' operations. Their sizes are
// known only once first_of_op is complete.
template <class Op, std::size_t... I>
class first_of_block<Op, std::index_sequence<I...>> final
  : public Op,
    public operand_memory<Op, I>...
{
public:
  template <class Handler>
  explicit first_of_block(Handler& handler)
    : Op(handler)
  {
  }
};

} // namespace toro::detail

namespace toro {

// Dumps show the operands under the name of the whole.
template <class Op, std::size_t I, class Default>
requires(detail::has_name<typename Op::handler_type>) struct associated_name<
    detail::operand_handler<Op, I>, Default>
{
  using type = std::string_view;

  static type get(const detail::operand_handler<Op, I>& handler)
  {
    return detail::name_of(handler.op().handler());
  }

  static type get(const detail::operand_handler<Op, I>& handler, const Default&)
  {
    return get(handler);
  }
};

} // namespace toro

#endif // TORO_DETAIL_OBJECT_FIRST_OF_OP_HPP
