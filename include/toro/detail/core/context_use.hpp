// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CONTEXT_USE_HPP
#define TORO_DETAIL_CORE_CONTEXT_USE_HPP

#include <toro/detail/config.hpp>

namespace toro::detail {

// Implementation notes
//
// A thread that has unlocked an object still uses the object's context: it
// submits operations to executors and services the timer. The shutdown of the
// context waits for such threads, since it destroys what they use.
//
// A thread must not wait for itself. It calls foreign code (executors,
// allocators, destructors), which may end the context. So each thread has a
// list of its uses, innermost first. The shutdown does not wait for the uses of
// its own thread, but marks them as over. A function that has called foreign
// code looks at the mark before it uses the context again.
//
// The list also keeps the stack flat. Foreign code may enter an object while
// this thread is submitting operations of that object further up the stack. For
// example, an executor that drops each delivery enters once for each waiter
// that is granted in turn. Such an entry leaves its operations to the use
// further up.
class TORO_DETAIL_VISIBLE context_use
{
public:
  // A use of the context of an object, which is known by its address.
  explicit context_use(const void* object) noexcept
    : object_(object),
      outer_(innermost_)
  {
    innermost_ = this;
  }

  context_use(const context_use&) = delete;
  context_use& operator=(const context_use&) = delete;

  ~context_use()
  {
    innermost_ = outer_;
  }

  // Whether this thread has ended the context in the meantime.
  bool is_over() const noexcept
  {
    return over_;
  }

  // Marks this use as submitting operations. Entries from within leave theirs
  // to it.
  void set_submitting(bool on) noexcept
  {
    submits_ = on;
  }

  // Whether entries from within have left operations since the last call.
  bool take_left() noexcept
  {
    const bool result = left_;
    left_ = false;
    return result;
  }

  bool has_left() const noexcept
  {
    return left_;
  }

  // Leaves the submission of operations to a use of the object further up the
  // stack. Returns false if there is none.
  static bool leave_to_outer(const void* object) noexcept
  {
    context_use* const use = find_submitting(object);
    if (!use)
      return false;
    use->left_ = true;
    return true;
  }

  // Whether this thread is submitting operations of the object further up the
  // stack.
  static bool is_submitting(const void* object) noexcept
  {
    return find_submitting(object) != nullptr;
  }

  // Whether this thread uses the object.
  static bool is_used_by_this_thread(const void* object) noexcept
  {
    const context_use* use = innermost_;
    while (use && use->object_ != object)
      use = use->outer_;
    return use != nullptr;
  }

  // Marks all uses of the object by this thread as over. Calls a function for
  // each one that was not over before.
  template <class Function>
  static void end_all(const void* object, Function each) noexcept
  {
    for (context_use* use = innermost_; use; use = use->outer_)
    {
      if (use->object_ == object && !use->over_)
      {
        use->over_ = true;
        each();
      }
    }
  }

private:
  static context_use* find_submitting(const void* object) noexcept
  {
    context_use* use = innermost_;
    while (use && !(use->object_ == object && use->submits_))
      use = use->outer_;
    return use;
  }

  inline static constinit thread_local context_use* innermost_ = nullptr;

  const void* const object_;
  context_use* const outer_;
  bool over_ = false;
  bool submits_ = false;
  bool left_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_CONTEXT_USE_HPP
