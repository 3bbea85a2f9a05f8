// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_WAIT_OP_HPP
#define TORO_DETAIL_OPERATION_WAIT_OP_HPP

#include <toro/detail/associated_name.hpp>
#include <toro/detail/compat.hpp>
#include <toro/detail/executor/executor_work.hpp>
#include <toro/detail/executor/handler_executor.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/operation/cancellation_link.hpp>
#include <toro/detail/operation/completion.hpp>
#include <toro/detail/operation/handler_claim.hpp>
#include <toro/detail/operation/handler_memory.hpp>
#include <toro/detail/operation/operation.hpp>
#include <toro/detail/operation/predicate_op.hpp>
#include <toro/detail/operation/request.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// An operation is one allocation, with the allocator of handler_memory. It is
// freed before the handler is called: the handler may start the next operation,
// own the memory, or throw.
//
// The commit comes right before the handler's call. The exception: with
// strand_bound the commit is made before the completion leaves the object's
// executor, or the initiation, for another executor. The completion then
// travels in the operation.
template <class Core, operation_request<typename Core::state_type> Request,
          class Handler, class IoExecutor, bool Timed>
class wait_op final
  : public std::conditional_t<Timed, typename Core::timed_operation_type,
                              typename Core::operation_type>,
    private predicate_op<wait_op<Core, Request, Handler, IoExecutor, Timed>,
                         Request::has_predicate>
{
public:
  using value_type = typename Request::value_type;

  static constexpr bool has_predicate = Request::has_predicate;

  // Whether the handler has an immediate executor, by which it may be called
  // within the initiation.
  static constexpr bool is_immediate = has_immediate_executor<Handler>;

  // Whether the handler has a claim, which the commit asks.
  static constexpr bool asks_claim = handler_claim<Handler>::exists;

  using pointer = operation_pointer<typename Core::state_type>;

  static pointer make(typename Core::pointer&& core,
                      kept_executor<IoExecutor>& executor, Request&& request,
                      Handler& handler)
  {
    allocator_type allocator = allocator_for(handler);
    reservation memory{allocator, allocator_traits::allocate(allocator, 1)};
    wait_op* const op = ::new (static_cast<void*>(memory.memory))
        wait_op(std::move(core), executor, std::move(request), handler);
    memory.memory = nullptr;
    pointer result(op);
    // Order: the slot knows the operation before the operation can end.
    auto slot = boost::asio::get_associated_cancellation_slot(op->handler_);
    if (slot.is_connected())
    {
      using link = typename cancellation_link_of<Core, Request>::type;
      slot.template emplace<link>(*op->core_, *op);
    }
    return result;
  }

  static launch_traits<typename Core::state_type> traits() noexcept
  {
    launch_traits<typename Core::state_type> result{Request::kind};
    if constexpr (asks_claim)
      result.note_immediate = &note_immediate;
    if constexpr (is_immediate)
      result.submit_immediately = &submit_immediately;
    return result;
  }

  std::string_view name() const override
  {
    return detail::name_of(handler_);
  }

  bool start(typename Core::state_type& state, bool may_wait) override
  {
    return request_.start(state, *this, may_wait);
  }

  void watch_deadline([[maybe_unused]] deadline::time_point when) override
  {
    if constexpr (has_own_executor<Handler>)
      handler_executor_.watch_deadline(when, *core_);
  }

  void prepare_to_wait() override
  {
    handler_executor_.track();
  }

  void submit(const submission& current) override
  {
    if constexpr (has_own_executor<Handler>)
    {
      BOOST_TRY
      {
        post();
      }
      BOOST_CATCH(...)
      {
        // Safety: an operation whose delivery was not dropped may be gone.
        if (current.dropped())
          return_to_object(*core_);
        BOOST_RETHROW
      }
      BOOST_CATCH_END
    }
    else
    {
      static_cast<void>(current);
      post();
    }
  }

  void deliver() override
  {
    if constexpr (has_own_executor<Handler>)
    {
      if (step_ == step::immediate ||
          (step_ == step::first &&
           handler_executor_.path() == handler_path::by_object))
        return go_on();
    }
    finish();
  }

  void on_drop() noexcept override
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
      request_.take(*this);
      request_.dispose(*core_);
    }
    // Safety: the handler may own the memory, or anything else that is used
    // here.
    allocator_type allocator = allocator_for(handler_);
    [[maybe_unused]] const Handler handler(std::move(handler_));
    free(allocator);
  }

private:
  friend class predicate_op<wait_op, has_predicate>;

  using operation_type = typename Core::operation_type;

  using allocator_type = typename std::allocator_traits<
      decltype(handler_memory<Handler>::allocator(
          std::declval<const Handler&>()))>::template rebind_alloc<wait_op>;

  using allocator_traits = std::allocator_traits<allocator_type>;

  // What calls the handler. It may be a type that cannot be moved before.
  using completion_type = decltype(std::declval<Request&>().complete(
      std::declval<typename Core::pointer&>(), outcome::success));

  // What it becomes if it travels to another executor.
  using travelling_type = typename completion_type::travelling_type;

  // Whether a completion may have to travel without the core.
  static constexpr bool travels = !Core::threading::is_shared &&
                                  (has_own_executor<Handler> || is_immediate);

  // Where the delivery goes that is submitted next, or under way.
  enum class step : unsigned char
  {
    first,     // to the executor that handler_executor posts to
    immediate, // to the immediate executor, then on to the handler's
    last       // to the executor on which the handler is called
  };

  // Whether a completion goes on from the immediate executor to an executor of
  // the handler's own.
  static constexpr bool has_last = is_immediate && has_own_executor<Handler>;

  // Whether the object's executor may be needed again.
  static constexpr bool needs_object_executor =
      has_own_executor<Handler> || is_immediate;

  // Whether the operation has the memory for the executor's function.
  static constexpr bool has_memory =
      is_std_allocator<boost::asio::associated_allocator_t<Handler>>;

  using kept_pointer = kept_executor<IoExecutor>*;

  using last_executor = executor_work<boost::asio::associated_executor_t<
      Handler, immediate_executor_t<Handler, IoExecutor>>>;

  struct nothing
  {
    nothing() = default;

    nothing(kept_pointer)
    {
    }
  };

  struct no_last
  {
  };

  struct reservation
  {
    allocator_type& allocator;
    wait_op* memory;

    ~reservation()
    {
      if (memory)
        allocator_traits::deallocate(allocator, memory, 1);
    }
  };

  // Frees the operation at the end of a scope. Why not by destroy(): the
  // handler was moved out, and what is left of it knows no allocator.
  struct departure
  {
    wait_op& op;
    const Handler& handler;

    ~departure()
    {
      op.leave_for(handler);
    }
  };

  wait_op(typename Core::pointer&& core, kept_executor<IoExecutor>& executor,
          Request&& request, Handler& handler)
    : core_(std::move(core)),
      object_executor_(&executor),
      handler_executor_(executor, handler),
      request_(std::move(request)),
      handler_(std::move(handler))
  {
    if constexpr (is_thread_executor<
                      boost::asio::associated_executor_t<Handler, IoExecutor>>)
      core_->check_may_block();
    if constexpr (asks_claim)
      this->has_claim = true;
    request_.bind(*this);
    this->may_wait_at_once =
        !Timed && !has_predicate && handler_executor_.can_track_locked();
    if (handler_executor_.core_tracks())
      this->work = object_work::due;
    // An operation with a predicate may wait again. It keeps its work on the
    // object's executor until then.
    this->posts_directly =
        !has_predicate && handler_executor_.path() == handler_path::direct;
    if (core_->can_batch() && !handler_executor_.differs())
      this->can_batch = true;
  }

  ~wait_op() = default;

  static allocator_type allocator_for(const Handler& handler)
  {
    return allocator_type(handler_memory<Handler>::allocator(handler));
  }

  // The allocator for the executor's function.
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

  // The first step.
  void post()
  {
    if constexpr (has_own_executor<Handler>)
    {
      if (handler_executor_.path() == handler_path::by_object && !track_own())
        return;
    }
    const auto& object = core_->get_object_executor();
    if constexpr (has_memory)
      handler_executor_.post(object, delivery(*this),
                             detail::allocator_of(memory_));
    else
      handler_executor_.post(object, delivery(*this), handler_allocator());
  }

  // Tracks work on the handler's executor, to which the delivery goes on from
  // the object's. Returns false, with the delivery dropped, if that has ended
  // the object's context.
  bool track_own()
  {
    delivery mine(*this);
    handler_executor_.track_own();
    if (core_->is_shut_down())
      return false;
    mine.release();
    return true;
  }

  static void note_immediate(operation_type& op) noexcept
  {
    handler_claim<Handler>::note_immediate(static_cast<wait_op&>(op).handler_);
  }

  // From the immediate executor the completion goes on to the handler's
  // associated executor. The default is the immediate executor, since the type
  // of the handler may hide that it has no executor of its own.
  static void submit_immediately(operation_type& op)
  {
    auto& self = static_cast<wait_op&>(op);
    const auto allocator = self.handler_allocator();
    self.pass_on(has_last ? step::immediate : step::last,
                 [&](delivery&& d, [[maybe_unused]] const Core* core)
                 {
                   const auto executor = detail::immediate_executor(
                       self.handler_, self.object_executor_->get());
                   if constexpr (has_last)
                   {
                     self.last_.emplace(boost::asio::get_associated_executor(
                         self.handler_, executor));
                     self.last_->track();
                     // Order: after work was tracked, which may end the
                     // object's context. The delivery is dropped then.
                     if (core->is_shut_down())
                       return;
                   }
                   [[maybe_unused]] const auto leaving =
                       self.handler_executor_.release_object_work();
                   detail::execute_with(executor, std::move(d), allocator);
                 });
  }

  // The last step, to the handler's own executor.
  void go_on()
  {
    const auto allocator = handler_allocator();
    [[maybe_unused]] const bool by_immediate = step_ == step::immediate;
    pass_on(step::last,
            [&](delivery&& d, const Core*)
            {
              if constexpr (has_last)
              {
                if (by_immediate)
                  return last_->dispatch(std::move(d), allocator);
              }
              handler_executor_.dispatch(std::move(d), allocator);
            });
  }

  // Submits the operation to the next executor on its way. The function gets
  // the delivery, and the core unless the operation has left that.
  template <class Function>
  void pass_on(step next, Function function)
  {
    std::exception_ptr failure;
    // Order: copied before a result takes core_.
    const typename Core::pointer core = core_;
    if constexpr (travels)
    {
      if (!travelling_.has_value())
      {
        if (!this->confirm(failure))
          return;
        pointer self(this);
        travelling_.emplace(commit(handler_).depart());
        self.release();
      }
      core_.reset();
    }
    if (core.get() && (travels || !has_predicate))
      core->end_object_work(*this);
    step_ = next;
    const submission current(*this);
    BOOST_TRY
    {
      function(delivery(*this), core.get());
    }
    BOOST_CATCH(...)
    {
      if (current.dropped() && come_back(core))
        core->keep(*this);
      BOOST_RETHROW
    }
    BOOST_CATCH_END
    if (current.dropped() && come_back(core))
      core->drop(*this);
    if (failure)
      std::rethrow_exception(failure);
  }

  // The next executor has dropped the operation, which returns to its core. If
  // it has no core any more, since it has left the object's executor, it is
  // destroyed and this returns false.
  bool come_back(const typename Core::pointer& core) noexcept
  {
    if (!core)
    {
      destroy();
      return false;
    }
    step_ = step::first;
    if constexpr (has_last)
      last_.reset();
    core_ = core;
    return_to_object(*core);
    return true;
  }

  // Tracks work on the object's executor again, which the delivery has left.
  // Requires that this thread uses the object's context.
  void regain_object_work() noexcept
  {
    if constexpr (has_own_executor<Handler>)
      handler_executor_.regain_object_work(object_executor_->get());
  }

  // The delivery was refused.
  void return_to_object(Core& core) noexcept
  {
    if (handler_executor_.lacks_object_work())
      core.use_context(
          [this]
          {
            regain_object_work();
          });
  }

  // Commits, and makes the arguments of the handler.
  completion_type commit(const Handler& handler)
  {
    const outcome ending =
        core_->commit(*this, handler_claim<Handler>::get(handler), request_);
    request_.take(*this);
    if constexpr (!Request::brings_guard)
    {
      return request_.complete(core_, ending);
    }
    else
    {
      completion_type result = request_.complete(core_, ending);
      detail::pass_on_name<Request>(result, handler);
      return result;
    }
  }

  // The same for a handler that was moved out. Frees the operation, also if
  // this throws.
  completion_type commit_for(const Handler& handler)
  {
    const departure leaving{*this, handler};
    return commit(handler);
  }

  // Takes the completion that has travelled, in the same way.
  travelling_type arrive_for(const Handler& handler)
  {
    const departure leaving{*this, handler};
    return std::move(*travelling_);
  }

  void finish()
  {
    if constexpr (travels)
    {
      if (travelling_)
      {
        Handler handler = take_handler();
        travelling_type result = arrive_for(handler);
        result(std::move(handler));
        return;
      }
    }
    std::exception_ptr failure;
    if (!this->confirm(failure))
      return;
    {
      Handler handler = take_handler();
      completion_type result = commit_for(handler);
      result(std::move(handler));
    }
    if (failure)
      std::rethrow_exception(failure);
  }

  // Order: before the commit. If the handler cannot be moved, the grant can
  // still be revoked.
  Handler take_handler()
  {
    BOOST_TRY
    {
      return Handler(std::move(handler_));
    }
    BOOST_CATCH(...)
    {
      on_drop();
      BOOST_RETHROW
    }
    BOOST_CATCH_END
  }

  // Requires that the handler was moved out.
  void leave_for(const Handler& handler) noexcept
  {
    allocator_type allocator = allocator_for(handler);
    free(allocator);
  }

  step step_ = step::first;
  typename Core::pointer core_;
  [[no_unique_address]] std::conditional_t<needs_object_executor, kept_pointer,
                                           nothing>
      object_executor_;
  [[no_unique_address]] handler_executor<IoExecutor, Handler,
                                         Core::threading::is_shared>
      handler_executor_;
  [[no_unique_address]] std::conditional_t<
      travels, std::optional<travelling_type>, nothing>
      travelling_;
  [[no_unique_address]] Request request_;
  Handler handler_;

  // The executor of a handler that is reached through its immediate executor.
  [[no_unique_address]] std::conditional_t<
      has_last, std::optional<last_executor>, no_last>
      last_;

  [[no_unique_address]] std::conditional_t<has_memory, delivery_memory, nothing>
      memory_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_WAIT_OP_HPP
