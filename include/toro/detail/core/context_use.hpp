// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CONTEXT_USE_HPP
#define TORO_DETAIL_CORE_CONTEXT_USE_HPP

#include <toro/detail/config.hpp>

namespace toro::detail {

// Implementation notes
//
// A thread that has released the lock of an object still uses the object's
// context: it hands completions to executors, and sets the timer. The end of
// the context waits for such threads, since what they use is about to be
// destroyed.
//
// A thread must not wait for itself. The executors, allocators and destructors
// that it calls are foreign code, which may end the context. So each thread has
// a list of its uses, innermost first. The end of the context marks those of
// its own thread as over instead of waiting for them, and whoever called the
// foreign code looks at the mark before it touches the context again.
//
// The list also keeps the stack flat. Foreign code may enter an object that is
// submitting completions further up: an executor that drops what it is given
// does, once for each waiter that is granted in turn. What such an entry has to
// submit is left to the use further up.
class TORO_DETAIL_VISIBLE context_use
{
public:
  // A use of what the object refers to, which is known by its address.
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

  // Whether this thread has ended the context meanwhile.
  bool is_over() const noexcept
  {
    return over_;
  }

  // Whether this thread is submitting completions from now on, so that entries
  // from within leave theirs to it.
  void set_submitting(bool on) noexcept
  {
    submits_ = on;
  }

  // Whether entries from within have left something since this was last asked.
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

  // Leaves what is to be submitted to a use of the object further up. Returns
  // false if there is none.
  static bool leave_to_outer(const void* object) noexcept
  {
    context_use* const use = find_submitting(object);
    if (!use)
      return false;
    use->left_ = true;
    return true;
  }

  // Whether this thread submits completions of the object further up.
  static bool is_submitting(const void* object) noexcept
  {
    return find_submitting(object) != nullptr;
  }

  // Whether this thread uses the object.
  static bool running_in_this_thread(const void* object) noexcept
  {
    const context_use* use = innermost_;
    while (use && use->object_ != object)
      use = use->outer_;
    return use != nullptr;
  }

  // Marks all uses of the object by this thread as over. Calls a function for
  // each that was not before.
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
