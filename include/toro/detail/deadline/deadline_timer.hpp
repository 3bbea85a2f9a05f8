// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_DEADLINE_DEADLINE_TIMER_HPP
#define TORO_DETAIL_DEADLINE_DEADLINE_TIMER_HPP

#include <toro/deadline.hpp>

#include <toro/detail/deadline/deadline_set.hpp>
#include <toro/detail/deadline/time_source.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <algorithm>
#include <memory>
#include <mutex>

namespace toro::detail {

// Implementation notes
//
// The deadlines of one primitive and the one timer behind them.
//
// The timer is made before the first wait with a deadline is parked. Until it
// fires, it is set again only for an earlier deadline. When the earliest wait
// leaves, the timer stays set and may fire in vain. When the last wait leaves,
// one check is posted, and the timer is unset only if that check finds no
// deadline. So a busy primitive does not set the timer at every hand-off, and
// an idle primitive does not keep its context running.
//
// A timer is not thread-safe and calls foreign code. So each step is decided
// under the lock of the primitive and carried out without it, by one thread at
// a time. This thread services the timer: it asks for the next step until there
// is none.
class deadline_timer
{
public:
  static constexpr deadline::time_point never = deadline_set::never;

  enum class action
  {
    rest,  // nothing: this thread no longer services the timer
    set,   // set the timer
    unset, // unset the timer
    ask    // post a check
  };

  struct step
  {
    action what;
    deadline::time_point when;
    timer_client::wake_id number;
  };

  // The following require the lock.

  void insert(deadline_entry& entry) noexcept
  {
    deadlines_.insert(entry);
    used_ = true;
  }

  void erase(deadline_entry& entry) noexcept
  {
    deadlines_.erase(entry);
  }

  deadline_entry* pop_due(deadline::time_point now) noexcept
  {
    return deadlines_.pop_due(now);
  }

  // Whether there ever was a deadline.
  bool is_used() const noexcept
  {
    return used_;
  }

  // Returns whether this thread is to service the timer from now on.
  bool start_service() noexcept
  {
    if (in_service_)
      return false;
    in_service_ = deadlines_.earliest() < set_for_ ||
                  (set_for_ != never && deadlines_.empty() &&
                   (unset_due_ || !check_posted_));
    return in_service_;
  }

  // The same for a deadline that will be inserted later, so that a failure to
  // set the timer leaves nothing in the queue.
  bool start_service(deadline::time_point coming) noexcept
  {
    if (in_service_ || set_for_ <= coming)
      return false;
    used_ = true;
    in_service_ = true;
    return true;
  }

  // No thread services the timer from now on.
  void stop() noexcept
  {
    stopped_ = true;
  }

  // Decides the next step of the thread that services the timer.
  step next(deadline::time_point coming) noexcept
  {
    step result{action::rest, std::min(deadlines_.earliest(), coming), 0};
    if (stopped_)
      result.what = action::rest;
    else if (result.when < set_for_)
      result.what = action::set;
    else if (result.when == never && set_for_ != never)
      result.what = unset_due_      ? action::unset
                    : check_posted_ ? action::rest
                                    : action::ask;
    unset_due_ = false;
    switch (result.what)
    {
    case action::rest:
      in_service_ = false;
      break;
    case action::set:
    case action::unset:
      set_for_ = result.when;
      result.number = ++number_;
      break;
    case action::ask:
      check_posted_ = true;
      result.number = check_number;
      break;
    }
    return result;
  }

  // The step failed, and this thread no longer services the timer.
  void give_up(const step& failed) noexcept
  {
    if (failed.what == action::set)
      set_for_ = never;
    if (failed.what == action::ask)
      check_posted_ = false;
    in_service_ = false;
  }

  // The timer has fired, a check runs, or a thread that waits has seen its
  // deadline pass. Returns whether deadlines may be due.
  bool on_timer(timer_client::wake_id number) noexcept
  {
    if (number == timer_client::of_thread)
      return true;
    if (number == check_number)
    {
      check_posted_ = false;
      unset_due_ = deadlines_.empty();
      return false;
    }
    if (number != number_)
      return false;
    set_for_ = never;
    return true;
  }

  // The following are for the thread that services the timer, without the lock.

  // Services the timer, for a coming deadline as well, until there is nothing
  // left to do. A function carries out each step. If it throws, this does so.
  template <class Mutex, class Function>
  void service(Mutex& mutex, deadline::time_point coming, Function carry_out)
  {
    for (;;)
    {
      step current;
      {
        const std::lock_guard lock(mutex);
        current = next(coming);
      }
      if (current.what == action::rest)
        return;
      BOOST_TRY
      {
        carry_out(current);
      }
      BOOST_CATCH(...)
      {
        const std::lock_guard lock(mutex);
        give_up(current);
        BOOST_RETHROW
      }
      BOOST_CATCH_END
    }
  }

  // Sets or unsets the timer. If there is none yet, makes one and calls a
  // function. If that throws, the next step tries both again.
  template <class Executor, class Function>
  void carry_out(const step& s, timer_client& whom, time_source& time,
                 const Executor& executor, Function on_made)
  {
    if (!timer_)
    {
      auto fresh = time.make_timer(executor);
      on_made();
      timer_ = std::move(fresh);
    }
    if (s.what == action::set)
      timer_->set(s.when, timer_handler(whom, s.number));
    else if (s.what == action::unset)
      timer_->unset();
  }

  // Requires that no thread services the timer.
  void drop() noexcept
  {
    timer_.reset();
  }

private:
  // The wake_id of a check; other ids are those of the timer.
  static constexpr timer_client::wake_id check_number = 0;

  deadline_set deadlines_;

  // Invariant: only the thread that services the timer touches this.
  std::unique_ptr<client_timer> timer_;

  deadline::time_point set_for_ = never;
  timer_client::wake_id number_ = check_number;
  bool used_ = false;
  bool stopped_ = false;
  bool in_service_ = false;
  bool check_posted_ = false;

  // Whether a check has found no deadline.
  bool unset_due_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_DEADLINE_DEADLINE_TIMER_HPP
