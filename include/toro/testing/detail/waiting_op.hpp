// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_DETAIL_WAITING_OP_HPP
#define TORO_TESTING_DETAIL_WAITING_OP_HPP

#include <toro/testing/detail/engine.hpp>

#include <toro/detail/executor/executor_work.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/system/error_code.hpp>

#include <cstdio>
#include <functional>
#include <memory>
#include <ostream>
#include <tuple>
#include <utility>

namespace toro::testing::detail {

// Implementation notes
//
// An operation of the kit that waits: an alarm with a handler. It belongs to a
// waiting_list, and whoever removes it from there completes or destroys it.
// Results are those of the handler, behind the error code.

template <class... Results>
class waiting_list;

struct waiting_tag;

template <class... Results>
class waiting_op
  : public alarm,
    public boost::intrusive::list_base_hook<boost::intrusive::tag<waiting_tag>>
{
public:
  waiting_op(waiting_list<Results...>& owner, const char* name);

  // Ends the operation, and posts its handler.
  virtual void complete(boost::system::error_code ec, Results... results) = 0;

  // Ends the operation.
  virtual void destroy() noexcept = 0;

protected:
  ~waiting_op() = default;

  waiting_list<Results...>& owner_list() const noexcept
  {
    return list_;
  }

private:
  void ring() final
  {
    list_.on_due(*this);
  }

  void abandon() noexcept final
  {
    list_.remove(*this);
    destroy();
  }

  void describe(std::ostream& out) const final
  {
    const std::chrono::duration<double> waited = owner().now() - since_;
    char time[32];
    std::snprintf(time, sizeof(time), "%.3f", waited.count());
    out << name_ << " for " << time << " s\n";
  }

  waiting_list<Results...>& list_;
  const char* const name_;
  const time_point since_ = owner().now();
};

// The operations of one I/O object, in order.
template <class... Results>
class waiting_list
{
public:
  using op_type = waiting_op<Results...>;

  explicit waiting_list(std::shared_ptr<engine> owner) noexcept
    : engine_(std::move(owner))
  {
  }

  waiting_list(const waiting_list&) = delete;
  waiting_list& operator=(const waiting_list&) = delete;

  engine& owner() const noexcept
  {
    return *engine_;
  }

  bool empty() const noexcept
  {
    return ops_.empty();
  }

  op_type& front() noexcept
  {
    return ops_.front();
  }

  void add(op_type& op) noexcept
  {
    ops_.push_back(op);
  }

  void remove(op_type& op) noexcept
  {
    ops_.erase(ops_.iterator_to(op));
  }

  // Removes the first operation and completes it.
  void complete_front(boost::system::error_code ec, Results... results)
  {
    op_type& op = ops_.front();
    ops_.pop_front();
    op.complete(ec, results...);
  }

  // The alarm of an operation has rung.
  virtual void on_due(op_type& op) = 0;

  // The operation is cancelled.
  void cancel(op_type& op)
  {
    remove(op);
    op.complete(boost::asio::error::operation_aborted, Results()...);
  }

  std::size_t cancel_all()
  {
    std::size_t count = 0;
    for (; !empty(); ++count)
      complete_front(boost::asio::error::operation_aborted, Results()...);
    return count;
  }

protected:
  ~waiting_list() = default;

private:
  const std::shared_ptr<engine> engine_;
  boost::intrusive::list<
      op_type, boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                   boost::intrusive::tag<waiting_tag>>>>
      ops_;
};

template <class... Results>
waiting_op<Results...>::waiting_op(waiting_list<Results...>& owner,
                                   const char* name)
  : alarm(owner.owner()),
    list_(owner),
    name_(name)
{
}

// What is in the cancellation slot of a handler. The operation and the link
// know each other while both are there.
template <class Operation>
class slot_link
{
public:
  explicit slot_link(Operation& op) noexcept
    : op_(&op)
  {
    op.link = this;
  }

  slot_link(const slot_link&) = delete;
  slot_link& operator=(const slot_link&) = delete;

  ~slot_link()
  {
    unlink();
  }

  void unlink() noexcept
  {
    if (Operation* const op = std::exchange(op_, nullptr))
      op->link = nullptr;
  }

  void operator()(boost::asio::cancellation_type_t type)
  {
    if (op_ && type != boost::asio::cancellation_type::none)
      op_->cancel();
  }

private:
  Operation* op_;
};

// A handler and what it is called with.
template <class Handler, class... Results>
struct completed_handler
{
  void operator()()
  {
    std::apply(std::move(handler), std::move(results));
  }

  Handler handler;
  std::tuple<boost::system::error_code, Results...> results;
};

template <class Handler, class Executor, class... Results>
class waiting_op_of final : public waiting_op<Results...>
{
public:
  // Starts an operation, at the end of the list. Returns null, and leaves the
  // handler alone, if the simulation has ended.
  static waiting_op_of* start(waiting_list<Results...>& owner, const char* name,
                              Handler& handler, const Executor& io)
  {
    if (owner.owner().has_ended())
      return nullptr;
    allocator_type allocator(boost::asio::get_associated_allocator(handler));
    waiting_op_of* const memory =
        std::allocator_traits<allocator_type>::allocate(allocator, 1);
    waiting_op_of* op = nullptr;
    try
    {
      op = new (memory) waiting_op_of(owner, name, handler, io);
      op->connect();
    }
    catch (...)
    {
      if (op)
        op->~waiting_op_of();
      std::allocator_traits<allocator_type>::deallocate(allocator, memory, 1);
      throw;
    }
    owner.add(*op);
    return op;
  }

  void complete(boost::system::error_code ec, Results... results) override
  {
    allocator_type allocator(boost::asio::get_associated_allocator(handler_));
    const work_type work = std::move(work_);
    completed_handler<Handler, Results...> function{std::move(handler_),
                                                    {ec, results...}};
    release(allocator);
    work.post(std::move(function), allocator);
  }

  void destroy() noexcept override
  {
    allocator_type allocator(boost::asio::get_associated_allocator(handler_));
    // Order: destroying the handler may destroy the owner.
    [[maybe_unused]] const Handler ended(std::move(handler_));
    release(allocator);
  }

  void cancel()
  {
    this->owner_list().cancel(*this);
  }

  slot_link<waiting_op_of>* link = nullptr;

private:
  using allocator_type =
      typename std::allocator_traits<boost::asio::associated_allocator_t<
          Handler>>::template rebind_alloc<waiting_op_of>;
  using work_type = toro::detail::executor_work<
      boost::asio::associated_executor_t<Handler, Executor>>;

  waiting_op_of(waiting_list<Results...>& owner, const char* name,
                Handler& handler, const Executor& io)
    : waiting_op<Results...>(owner, name),
      work_(boost::asio::get_associated_executor(handler, io)),
      handler_(std::move(handler))
  {
    work_.track();
  }

  ~waiting_op_of()
  {
    if (link)
      link->unlink();
  }

  void connect()
  {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected())
      slot.template emplace<slot_link<waiting_op_of>>(*this);
  }

  // Frees the memory.
  void release(allocator_type& allocator) noexcept
  {
    this->~waiting_op_of();
    std::allocator_traits<allocator_type>::deallocate(allocator, this, 1);
  }

  work_type work_;
  Handler handler_;
};

} // namespace toro::testing::detail

#endif // TORO_TESTING_DETAIL_WAITING_OP_HPP
