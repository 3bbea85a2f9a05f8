// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_TASK_GROUP_STATE_HPP
#define TORO_DETAIL_STATE_TASK_GROUP_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <exception>

namespace toro::detail {

// A wait for a place in a task_group, or until its children have ended.
class task_group_waiter : public waiter
{
public:
  // Whether the wait was cancelled, and has passed that on to the children. It
  // goes on then, and is reported as cancelled in the end.
  bool passed_on = false;

protected:
  ~task_group_waiter() = default;
};

// Whether a child may start.
enum class admission : unsigned char
{
  admitted,
  closed,
  full // no place is free; others may wait for one
};

// Implementation notes
//
// The rules of a task_group: its places, its failure, and its waits. A child
// takes a place when it starts and leaves it when it ends; a grant of
// async_spawn reserves a place for the child that it will start. A join waits
// until no place is taken, and reserves nothing.
//
// The body of with_task_group is no child: it takes no place, and joins do not
// wait for it, so that it may join the children. One wait includes the body,
// that of with_task_group itself.
//
// That the group is cancelled is remembered. The children are cancelled by the
// layers above, which is why functions return whether that is due.
class task_group_state : public state_base<task_group_state>
{
public:
  using waiter_type = task_group_waiter;

  static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

  task_group_state(std::size_t limit, bool failure_cancels) noexcept
    : limit_(limit),
      failure_cancels_(failure_cancels)
  {
  }

  // How many places are taken.
  std::size_t size() const noexcept
  {
    return size_;
  }

  std::size_t limit() const noexcept
  {
    return limit_;
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  bool is_cancelled() const noexcept
  {
    return cancelled_;
  }

  // The first failure, or null.
  const std::exception_ptr& failure() const noexcept
  {
    return failure_;
  }

  std::size_t spawners() const noexcept
  {
    return spawns_.size();
  }

  std::size_t joiners() const noexcept
  {
    return joins_.size() + whole_joins_.size();
  }

  std::size_t waiters() const noexcept
  {
    return spawners() + joiners();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : spawns_)
      function(w, "async_spawn", 1);
    for (const waiter& w : joins_)
      function(w, "async_join", 1);
    for (const waiter& w : whole_joins_)
      function(w, "with_task_group", 1);
  }

  // Takes a place for a child, or changes nothing.
  admission enter() noexcept
  {
    if (!open_)
      return admission::closed;
    if (size_ == limit_)
      return admission::full;
    ++size_;
    return admission::admitted;
  }

  // A child ends, and leaves its place.
  void leave() noexcept
  {
    --size_;
    grant_waiters();
  }

  // A child ends with a failure. Its place is left by leave(), since what the
  // failure cancels must not be granted before. Returns whether the children
  // are to be cancelled. Leaves the exception to the caller unless it is the
  // first. That a child was aborted is no failure if the group was cancelled.
  bool fail(std::exception_ptr& failure, bool aborted) noexcept;

  // The body begins, or ends. It may begin more than once, to end as often.
  void enter_body() noexcept
  {
    ++bodies_;
  }

  void leave_body() noexcept
  {
    --bodies_;
    grant_waiters();
  }

  // Admits no more. Returns how many waits this ended.
  std::size_t close() noexcept
  {
    open_ = false;
    return decide_all(spawns_, outcome::closed);
  }

  // The children are to be cancelled. Ends the waits for a place. Returns how
  // many those were.
  std::size_t stop() noexcept;

  // A join is cancelled, and passes that on: the children are to be cancelled,
  // and the wait goes on until they have ended. A grant stays, since it
  // reserves nothing. Returns whether the children are to be cancelled.
  bool pass_on(task_group_waiter& w) noexcept;

  bool start_spawn(task_group_waiter& w, bool may_wait) noexcept;
  bool start_join(task_group_waiter& w, bool may_wait) noexcept;

  // A wait until the body has ended as well.
  bool start_whole_join(task_group_waiter& w, bool may_wait) noexcept;

  // The group is destroyed: it admits no more, and all waits end.
  std::size_t cancel_all() noexcept;

  void grant_waiters() noexcept;

private:
  friend state_base<task_group_state>;

  enum queue_index : unsigned char
  {
    spawn_queue,
    join_queue,
    whole_join_queue
  };

  bool is_over() const noexcept
  {
    return size_ == 0 && bodies_ == 0;
  }

  wait_queue& queue_of(waiter& w) noexcept;

  bool give_back(waiter& w) noexcept
  {
    if (w.queue_index == spawn_queue)
      --size_;
    return true;
  }

  // Invariant: empty unless size_ equals the limit.
  wait_queue spawns_;

  // Invariant: empty if no place is taken.
  wait_queue joins_;

  // Invariant: empty if no place is taken and there is no body.
  wait_queue whole_joins_;

  std::exception_ptr failure_;
  std::size_t size_ = 0;
  std::size_t bodies_ = 0;
  std::size_t limit_;
  bool failure_cancels_;
  bool open_ = true;
  bool cancelled_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_TASK_GROUP_STATE_HPP
