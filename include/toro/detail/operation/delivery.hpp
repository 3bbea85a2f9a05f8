// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_DELIVERY_HPP
#define TORO_DETAIL_OPERATION_DELIVERY_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/executor/embedded_memory.hpp>

#include <utility>

namespace toro::detail {

// What a delivery delivers: an operation, or a turn of the core.
class deliverable
{
public:
  // The executor runs the delivery. Throws what the handler throws.
  virtual void deliver() = 0;

  // The executor destroyed the delivery without running it.
  virtual void on_drop() noexcept = 0;

protected:
  ~deliverable() = default;
};

// Marks the time in which a delivery is submitted to an executor.
//
// An executor that throws destroys the delivery without running it. An executor
// that silently drops the delivery does so as well. After an exception the
// operation is kept, and after a drop it is destroyed, but the destructor of
// the delivery cannot tell the two apart. So it only notes the drop here. The
// caller of the executor decides once the call has returned or thrown.
class TORO_DETAIL_VISIBLE submission
{
public:
  explicit submission(deliverable& op) noexcept
    : op_(&op),
      outer_(innermost_)
  {
    innermost_ = this;
  }

  submission(const submission&) = delete;
  submission& operator=(const submission&) = delete;

  ~submission()
  {
    innermost_ = outer_;
  }

  // Whether the delivery was destroyed without having been run.
  bool dropped() const noexcept
  {
    return dropped_;
  }

  // The delivery runs, so its submission is over. Another operation may soon be
  // at the same address.
  static void note_over(deliverable& op) noexcept
  {
    for (submission* s = innermost_; s; s = s->outer_)
    {
      if (s->op_ == &op)
        s->op_ = nullptr;
    }
  }

  // Returns whether this thread is submitting the operation right now.
  static bool note_drop(deliverable& op) noexcept
  {
    for (submission* s = innermost_; s; s = s->outer_)
    {
      if (s->op_ == &op)
      {
        s->dropped_ = true;
        return true;
      }
    }
    return false;
  }

private:
  inline static constinit thread_local submission* innermost_ = nullptr;

  deliverable* op_;
  submission* outer_;
  bool dropped_ = false;
};

// The function object that executors run. It owns the operation.
class delivery
{
public:
  explicit delivery(deliverable& op) noexcept
    : op_(&op)
  {
  }

  delivery(delivery&& other) noexcept
    : op_(std::exchange(other.op_, nullptr))
  {
  }

  ~delivery()
  {
    if (op_)
      on_drop();
  }

  // Gives up the operation.
  void release() noexcept
  {
    op_ = nullptr;
  }

  void operator()()
  {
    deliverable& op = *std::exchange(op_, nullptr);
    submission::note_over(op);
    op.deliver();
  }

private:
  void on_drop() noexcept
  {
    if (!submission::note_drop(*op_))
      op_->on_drop();
  }

  deliverable* op_;
};

// Memory for a delivery as Asio wraps it, with three pointers and the
// allocator.
using delivery_memory = embedded_memory<sizeof(delivery) + 4 * sizeof(void*)>;
using delivery_allocator = embedded_allocator<void, sizeof(delivery_memory)>;

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_DELIVERY_HPP
