// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_TASK_GROUP_REQUEST_HPP
#define TORO_DETAIL_OBJECT_TASK_GROUP_REQUEST_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/object/task_group_child.hpp>
#include <toro/detail/operation/cancellation_link.hpp>
#include <toro/detail/operation/completion.hpp>
#include <toro/detail/operation/delivery.hpp>
#include <toro/detail/operation/request.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <exception>
#include <optional>
#include <utility>

#if defined(TORO_DETAIL_HAS_CO_SPAWN)
#include <boost/asio/co_spawn.hpp>
#endif

namespace toro::detail {

#if defined(TORO_DETAIL_HAS_CO_SPAWN)

// What async_spawn starts. Made in the initiation, so that a place, once it is
// granted, is not lost for want of memory.
//
// It owns the place of the child from then on. The place is left when the last
// owner is gone: the handler of the coroutine, or the function that starts it.
// So an exception that prevents the start becomes the failure of the child
// before the place is left.
template <class Core, class Executor, class Function>
class pending_child final : public deliverable
{
public:
  using pointer = boost::intrusive_ptr<pending_child>;

  pending_child(Function&& function, const kept_executor<Executor>& executor)
    : function_(std::move(function)),
      kept_(&executor)
  {
  }

  ~pending_child()
  {
    if (core_)
      detail::leave_place(*core_, std::move(failure_));
  }

  // Takes over a place, and posts the start of the coroutine.
  static void start(pointer self, typename Core::pointer core) noexcept
  {
    self->core_ = core;
    // Safety: the executor is gone if the context is.
    core->use_context(
        [&]
        {
          self->post();
        });
  }

private:
  // Of this very type, so that no template in a user's namespace is a better
  // match.
  friend void intrusive_ptr_add_ref(pending_child* which) noexcept
  {
    which->owners_.add(1);
  }

  friend void intrusive_ptr_release(pending_child* which) noexcept
  {
    if (which->owners_.subtract(1))
      delete which;
  }

  // The handler of the coroutine.
  class handler
  {
  public:
    explicit handler(pending_child& child) noexcept
      : child_(&child)
    {
    }

    template <class... Args>
    void operator()(const Args&... args) noexcept
    {
      const pointer child = std::move(child_);
      child->failure_ = detail::failure_among(args...);
    }

  private:
    pointer child_;
  };

  void post() noexcept
  {
    const submission current(*this);
    pointer self(this);
    BOOST_TRY
    {
      executor_.emplace(kept_->get());
      detail::visit_executor(*executor_,
                             [this](const auto& inner)
                             {
                               detail::post_on(inner, delivery(*this),
                                               detail::allocator_of(memory_));
                             });
    }
    BOOST_CATCH(...)
    {
      if (current.dropped())
        failure_ = std::current_exception();
    }
    BOOST_CATCH_END
    if (!current.dropped())
      self.detach();
  }

  void deliver() override
  {
    const pointer self(this, false);
    BOOST_TRY
    {
      boost::asio::co_spawn(
          *executor_, std::move(function_),
          child_place<handler, Executor>(core_->unguarded().children(),
                                         handler(*this), *kept_));
    }
    BOOST_CATCH(...)
    {
      failure_ = std::current_exception();
    }
    BOOST_CATCH_END
  }

  void on_drop() noexcept override
  {
    const pointer self(this, false);
  }

  atomic_count owners_{0};
  Function function_;
  const kept_executor<Executor>* const kept_;
  std::optional<Executor> executor_;

  // Invariant: null unless a place is owned.
  typename Core::pointer core_;
  std::exception_ptr failure_;

  // Memory for the delivery as Asio wraps it, with three pointers and the
  // allocator.
  embedded_memory<sizeof(delivery) + 4 * sizeof(void*)> memory_;
};

// A wait for a place, for a child that is prepared.
template <class Child>
class place_request : public request<void>
{
public:
  static constexpr const char* name = "task_group::async_spawn";

  explicit place_request(typename Child::pointer child) noexcept
    : child_(std::move(child))
  {
  }

  static bool start(task_group_state& state, task_group_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_spawn(w, may_wait);
  }

  completion<void> complete(auto& core, outcome how) noexcept
  {
    typename Child::pointer child = std::move(child_);
    if (how == outcome::success)
      Child::start(std::move(child), core->share());
    return {to_error_code(how)};
  }

  void dispose(auto& /*core*/) noexcept
  {
    child_.reset();
  }

private:
  typename Child::pointer child_;
};

// The same before its launch. A copy of it can be launched again.
template <class Executor, class Function>
class spawn_request : public request<void>
{
public:
  static constexpr const char* name = "task_group::async_spawn";

  spawn_request(Function&& function, const kept_executor<Executor>& executor)
    : function_(std::move(function)),
      executor_(&executor)
  {
  }

  template <class Core>
  auto prepare(Core& /*core*/) &&
  {
    using child_type = pending_child<Core, Executor, Function>;
    return place_request<child_type>(typename child_type::pointer(
        new child_type(std::move(function_), *executor_)));
  }

private:
  Function function_;
  const kept_executor<Executor>* executor_;
};

#endif // TORO_DETAIL_HAS_CO_SPAWN

// A wait for a place, which the handler gets.
template <class Core, class Executor>
class plain_place_request
  : public request<typename child_token<Core, Executor>::place_type>
{
public:
  using value_type = typename child_token<Core, Executor>::place_type;

  static constexpr const char* name = "async_for_each";

  explicit plain_place_request(const kept_executor<Executor>& executor) noexcept
    : executor_(&executor)
  {
  }

  static bool start(task_group_state& state, task_group_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_spawn(w, may_wait);
  }

  completion<value_type> complete(auto& core, outcome how) noexcept
  {
    if (how != outcome::success)
      return {failure_code(how), value_type()};
    return {{}, child_token<Core, Executor>(core, *executor_).place()};
  }

private:
  const kept_executor<Executor>* executor_;
};

// The completion of a join.
struct join_completion
{
  using travelling_type = join_completion;

  std::exception_ptr failure;

  join_completion&& depart() noexcept
  {
    return std::move(*this);
  }

  template <class Handler>
  void operator()(Handler&& handler)
  {
    std::forward<Handler>(handler)(std::move(failure));
  }
};

// What the slot of a join contains: it passes terminal cancellation on to the
// children. Types are those that end the wait.
template <class Core, boost::asio::cancellation_type_t Types>
class join_link : public cancellation_link<Core, Types>
{
  using base = cancellation_link<Core, Types>;

public:
  using base::base;

  void operator()(boost::asio::cancellation_type_t type)
  {
    using types = boost::asio::cancellation_type_t;
    if ((type & types::terminal) == types::none)
      return base::operator()(type);
    if (!this->can_enter())
      return;
    // Safety: what this cancels may destroy this link.
    const typename Core::pointer core(&this->get_core());
    bool cancels = false;
    core->emit(*this,
               [&](auto& state, auto& target)
               {
                 cancels = state.pass_on(target);
               });
    if (cancels)
      core->unguarded().cancel_children();
  }
};

// A wait for the end of the children; Whole, also for that of the body.
template <bool Whole>
class group_join_request : public request<void>
{
public:
  using signature = void(std::exception_ptr);

  static constexpr unsigned char kind = Whole ? 4 : 2;

  static constexpr const char* name =
      Whole ? "with_task_group" : "task_group::async_join";

  template <class Core>
  using link_type =
      join_link<Core,
                Whole ? boost::asio::cancellation_type::none
                      : detail::either(boost::asio::cancellation_type::partial,
                                       boost::asio::cancellation_type::total)>;

  static bool start(task_group_state& state, task_group_waiter& w,
                    bool may_wait) noexcept
  {
    return Whole ? state.start_whole_join(w, may_wait)
                 : state.start_join(w, may_wait);
  }

  void take(task_group_waiter& w) noexcept
  {
    passed_on_ = w.passed_on;
  }

  join_completion complete(auto& core, outcome how)
  {
    if (how != outcome::success)
      return {detail::to_exception(failure_code(how))};
    std::exception_ptr failure = core->read(
        [](const task_group_state& state)
        {
          return state.failure();
        });
    if (!failure && passed_on_)
      failure = detail::to_exception(boost::asio::error::operation_aborted);
    return {std::move(failure)};
  }

private:
  bool passed_on_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_TASK_GROUP_REQUEST_HPP
