// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_WAIT_OP_HPP
#define TORO_DETAIL_IO_WAIT_OP_HPP

#include <toro/error.hpp>

#include <toro/detail/io/compat.hpp>
#include <toro/detail/io/executor_slot.hpp>
#include <toro/detail/io/operation.hpp>
#include <toro/detail/io/route.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace toro::detail {

inline boost::system::error_code to_error_code(outcome how) noexcept
{
  switch (how)
  {
  case outcome::success:
    break;
  case outcome::aborted:
    return boost::asio::error::operation_aborted;
  case outcome::timed_out:
    return boost::asio::error::timed_out;
  case outcome::closed:
    return error::closed;
  case outcome::impossible:
    return error::impossible;
  }
  return {};
}

// The arguments of a handler: an error code and, where the operation has one,
// a value.
template <class Value>
struct completion
{
  boost::system::error_code ec;
  Value value;

  template <class Handler>
  void operator()(Handler&& handler)
  {
    std::forward<Handler>(handler)(std::move(ec), std::move(value));
  }
};

template <>
struct completion<void>
{
  boost::system::error_code ec;

  template <class Handler>
  void operator()(Handler&& handler)
  {
    std::forward<Handler>(handler)(std::move(ec));
  }
};

// What stands in the cancellation slot of a handler. The operation may be gone
// and the block with it; where threads are to be kept apart the link keeps the
// block, whose lock guards it.
template <class Core>
class cancellation_link : public slot_link<typename Core::waiter_type>
{
public:
  using operation_type = typename Core::operation_type;

  cancellation_link(Core& core, operation_type& target) noexcept
    : core_(&core)
  {
    this->op = &target;
    target.link = this;
  }

  cancellation_link(const cancellation_link&) = delete;
  cancellation_link& operator=(const cancellation_link&) = delete;

  ~cancellation_link()
  {
    if (can_enter())
      core_->unlink(*this);
  }

  void operator()(boost::asio::cancellation_type_t type)
  {
    if (type == boost::asio::cancellation_type::none || !can_enter())
      return;
    // Safety: what follows from the cancellation may destroy this link.
    const typename Core::pointer core(&*core_);
    core->emit(*this);
  }

private:
  // Why not always own: without locks the count is not atomic either, and a
  // slot may end in another thread once the operation has.
  using core_pointer = std::conditional_t<Core::threading::is_shared,
                                          typename Core::pointer, Core*>;

  bool can_enter() const noexcept
  {
    return Core::threading::is_shared || this->op;
  }

  core_pointer core_;
};

// Implementation notes
//
// An operation is one allocation, made with the handler's allocator or Asio's
// recycling one. It is given back before the handler is called, which may
// start the next operation, own the memory, or throw.
//
// The handler runs right after the commit. Where the object is not locked and
// the handler's executor is another, the commit is made on the object's
// executor and the completion travels in the operation.
template <class Core, class Request, class Handler, class IoExecutor,
          bool Timed>
class wait_op final
  : public std::conditional_t<Timed, typename Core::timed_operation_type,
                              typename Core::operation_type>
{
public:
  using value_type = typename Request::value_type;

  static constexpr bool has_predicate = Request::has_predicate;

  // Whether the handler asks for a completion from within the initiation. One
  // that has an executor of its own is posted to it: the immediate executor
  // says when it may run, and not where.
  static constexpr bool is_immediate =
      customises_immediate<Handler, IoExecutor>() && !has_own_executor<Handler>;

  struct deleter
  {
    void operator()(wait_op* op) const noexcept
    {
      op->destroy();
    }
  };

  using pointer = std::unique_ptr<wait_op, deleter>;

  static pointer make(typename Core::pointer core,
                      executor_slot<IoExecutor>& executor, Request&& request,
                      Handler& handler)
  {
    allocator_type allocator = allocator_for(handler);
    reservation memory{allocator, allocator_traits::allocate(allocator, 1)};
    wait_op* const op = ::new (static_cast<void*>(memory.place))
        wait_op(std::move(core), executor, std::move(request), handler);
    memory.place = nullptr;
    pointer result(op);
    // Order: the slot knows the operation before the operation can end.
    auto slot = boost::asio::get_associated_cancellation_slot(op->handler_);
    if (slot.is_connected())
      slot.template emplace<cancellation_link<Core>>(*op->core_, *op);
    return result;
  }

  bool start(auto& state, bool may_wait)
  {
    return request_.start(state, *this, may_wait);
  }

  void prepare_to_wait()
  {
    route_.track();
    if constexpr (Request::has_predicate)
      request_.ask();
  }

  void submit(const submission& current) override
  {
    route_.post(delivery(*this), handler_allocator(), current);
  }

  // Completes through the handler's immediate executor, maybe right here.
  void submit_immediately()
  {
    const auto executor = immediate_executor(handler_, executor_slot_.get());
    const auto allocator = handler_allocator();
    hand_on(
        [&](delivery&& d, const submission&)
        {
          execute_with(executor, std::move(d), allocator);
        });
  }

  void deliver() override
  {
    if (!route_.is_detour() || on_last_leg_)
    {
      finish();
      return;
    }
    const auto allocator = handler_allocator();
    hand_on(
        [&](delivery&& d, const submission& current)
        {
          route_.dispatch(std::move(d), allocator, current);
        });
  }

  void abandon() noexcept override
  {
    if (core_)
      core_->drop(*this);
    else
      destroy();
  }

  void destroy() noexcept override
  {
    if (core_)
    {
      core_->unlink(*this);
      request_.dispose(*core_, *this);
    }
    // Safety: the handler may own the memory, or whatever else is used here.
    allocator_type allocator = allocator_for(handler_);
    [[maybe_unused]] const Handler handler(std::move(handler_));
    free(allocator);
  }

private:
  using allocator_type = typename std::allocator_traits<std::conditional_t<
      is_std_allocator<boost::asio::associated_allocator_t<Handler>>::value,
      boost::asio::recycling_allocator<void>,
      boost::asio::associated_allocator_t<Handler>>>::
      template rebind_alloc<wait_op>;

  using allocator_traits = std::allocator_traits<allocator_type>;

  using completion_type = completion<value_type>;

  // Whether a completion may have to travel without the block.
  static constexpr bool travels = !Core::threading::is_shared &&
                                  (has_own_executor<Handler> || is_immediate);

  struct nothing
  {
  };

  struct reservation
  {
    allocator_type& allocator;
    wait_op* place;

    ~reservation()
    {
      if (place)
        allocator_traits::deallocate(allocator, place, 1);
    }
  };

  wait_op(typename Core::pointer core, executor_slot<IoExecutor>& executor,
          Request&& request, Handler& handler)
    : core_(std::move(core)),
      executor_slot_(executor),
      route_(executor.get(), handler),
      request_(std::move(request)),
      handler_(std::move(handler))
  {
    request_.bind(*this);
  }

  ~wait_op() = default;

  static allocator_type allocator_for(const Handler& handler)
  {
    if constexpr (is_std_allocator<
                      boost::asio::associated_allocator_t<Handler>>::value)
      return allocator_type(boost::asio::recycling_allocator<void>());
    else
      return allocator_type(boost::asio::get_associated_allocator(handler));
  }

  // What the executor is to allocate its own part with.
  auto handler_allocator() const
  {
    return boost::asio::get_associated_allocator(handler_);
  }

  // Requires that the handler was moved from.
  void free(allocator_type& allocator) noexcept
  {
    this->~wait_op();
    allocator_traits::deallocate(allocator, this, 1);
  }

  // Hands the operation on from where the object's executor runs.
  template <class Function>
  void hand_on(Function function)
  {
    std::exception_ptr failure;
    // Order: before a result takes the block.
    const typename Core::pointer core = core_;
    if constexpr (travels)
    {
      if (!travelling_)
      {
        if (!confirm(failure))
          return;
        pointer self(this);
        settle(travelling_);
        static_cast<void>(self.release());
      }
    }
    if constexpr (travels)
      core_.reset();
    on_last_leg_ = true;
    const submission current(*this);
    BOOST_TRY
    {
      function(delivery(*this), current);
    }
    BOOST_CATCH(...)
    {
      if (current.dropped())
        come_back(core).keep(*this);
      BOOST_RETHROW
    }
    BOOST_CATCH_END
    if (current.dropped())
      come_back(core).drop(*this);
    if (failure)
      std::rethrow_exception(failure);
  }

  Core& come_back(const typename Core::pointer& core) noexcept
  {
    on_last_leg_ = false;
    core_ = core;
    return *core;
  }

  // Asks the predicate whether to complete. False, or an exception: the
  // operation waits again, or is to be asked again, and may be gone. A
  // predicate that throws while the operation is cancelled leaves its exception
  // for after the handler.
  bool confirm(std::exception_ptr& failure)
  {
    if constexpr (Request::has_predicate)
    {
      const typename Core::pointer core = core_;
      if (request_.is_satisfied() || !core->is_granted(*this))
        return true;
      on_last_leg_ = false;
      const auto seen = core->notifications();
      if (ask(failure) || !put_back(*core, seen))
        return true;
      if (failure)
        std::rethrow_exception(failure);
      return false;
    }
    return true;
  }

  bool ask(std::exception_ptr& failure)
  {
    BOOST_TRY
    {
      return request_.ask();
    }
    BOOST_CATCH(...)
    {
      failure = std::current_exception();
    }
    BOOST_CATCH_END
    return false;
  }

  // Returns false where the operation has ended and is to be delivered; else it
  // may be gone. While it waits it has work on the object's executor.
  template <class Count>
  bool put_back(Core& core, Count seen)
  {
    bool has_ended = true;
    core.use_context(
        [&]
        {
          const bool returns = route_.lacks_home();
          if (returns)
            route_.set_home(executor_slot_.get());
          const auto result = core.decline(*this, seen);
          has_ended = result == Core::declined::ended;
          if (has_ended && returns)
            route_.drop_home();
          // Not asked again here, so that others have their turn.
          if (result == Core::declined::outdated)
            core.resubmit(*this);
        });
    return !has_ended;
  }

  // Commits, and makes what the handler gets of it. An executor that refuses
  // what follows must not keep the handler from its call.
  void settle(std::optional<completion_type>& result)
  {
    typename Core::aftermath after;
    const outcome ending = core_->conclude(*this, after);
    core_->run_quietly(after);
    result.emplace(request_.complete(core_, *this, to_error_code(ending)));
  }

  void finish()
  {
    if constexpr (travels)
    {
      if (travelling_)
      {
        call(std::move(*travelling_));
        return;
      }
    }
    std::exception_ptr failure;
    if (!confirm(failure))
      return;
    {
      pointer self(this);
      std::optional<completion_type> result;
      settle(result);
      static_cast<void>(self.release());
      call(std::move(*result));
    }
    if (failure)
      std::rethrow_exception(failure);
  }

  void call(completion_type result)
  {
    allocator_type allocator = allocator_for(handler_);
    Handler handler(std::move(handler_));
    free(allocator);
    result(std::move(handler));
  }

  typename Core::pointer core_;
  executor_slot<IoExecutor>& executor_slot_;
  route<IoExecutor, Handler, Core::threading::is_shared> route_;
  bool on_last_leg_ = false;
  [[no_unique_address]] std::conditional_t<
      travels, std::optional<completion_type>, nothing>
      travelling_;
  [[no_unique_address]] Request request_;
  Handler handler_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_WAIT_OP_HPP
