// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FAULT_INJECTION_TRIAL_HPP
#define TORO_TEST_ROBUSTNESS_FAULT_INJECTION_TRIAL_HPP

#include <toro/deadline.hpp>
#include <toro/threading.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

#include "robustness/fault_injection/blocks.hpp"
#include "robustness/fault_injection/failing_handler.hpp"
#include "support/counting_allocator.hpp"
#include "support/faults.hpp"
#include "support/function_ref.hpp"
#include "support/manual_clock.hpp"
#include "support/recording_handler.hpp"
#include "support/throwing_executor.hpp"

namespace toro_test {

using namespace std::chrono_literals;

// The calls that every operation makes, and those of one with a deadline.
inline const std::set<failing> usual_calls = {
    failing::memory, failing::execution, failing::delivery, failing::handler,
    failing::handler_move};
inline const std::set<failing> timed_calls = {
    failing::memory, failing::execution, failing::delivery,
    failing::alarm,  failing::handler,   failing::handler_move};

// One run of a scenario, in which one call may fail. It carries out the steps,
// catches what may leave them, and holds each of them to the strong guarantee.
class trial
{
public:
  trial()
  {
    clock_.install(*io_);
  }

  // The executor of primitives.
  throwing_executor executor()
  {
    return throwing_executor(*io_, here_);
  }

  // Has to_string() tell what users see of a primitive.
  template <class Primitive>
  void watch(const Primitive& primitive)
  {
    watch_by(
        [&primitive]
        {
          return to_string(primitive);
        });
  }

  void watch_by(std::function<std::string()> look)
  {
    look_ = std::move(look);
  }

  // Starts an operation: a function is called with the handler, which has an
  // executor of its own every other time. Returns what becomes of the handler.
  template <class Start>
  const call_record& start(Start with)
  {
    return add(with, false);
  }

  // The same for several operations with one handler. If one of them cannot be
  // started, those before it are cancelled, and the handler ends with them.
  template <class Start>
  const call_record& start_several(Start with)
  {
    return add(with, true);
  }

  // Calls a function that may fail with nothing changed, or with its work done
  // where an executor failed.
  void act(function_ref<> function)
  {
    const std::string before = look_();
    if (!attempt(function) && faults.what() != failing::execution)
      check_unchanged(before);
  }

  // Calls a function that must not tell of a failed executor. Returns whether
  // it returned.
  bool try_to(function_ref<> function)
  {
    const std::string before = look_();
    if (attempt(function))
      return true;
    check_unchanged(before);
    return false;
  }

  // Calls a function that only one kind of failure may leave. Returns whether
  // it returned.
  static bool attempt_to(failing what, function_ref<> function)
  {
    const bool done = attempt(function);
    BOOST_TEST((done || faults.what() == what));
    return done;
  }

  void emit(std::size_t k)
  {
    operations_[k].signal.emit(boost::asio::cancellation_type::terminal);
  }

  // Runs what is ready, whatever leaves it.
  void poll()
  {
    io_->restart();
    while (!attempt(
        [&]
        {
          io_->poll();
        }))
      BOOST_TEST(leave_run_.contains(faults.what()));
  }

  void advance(manual_clock::duration by)
  {
    // Timers have executors of Asio's to tell their owners.
    {
      const fault_pause undisturbed;
      clock_.advance(by);
    }
    poll();
  }

  // Gives back what handlers were given.
  void let_go()
  {
    for (operation& op : operations_)
      op.report.let_go();
  }

  void let_go(std::size_t k)
  {
    operations_[k].report.let_go();
  }

  const call_record& operator[](std::size_t k) const
  {
    return operations_[k].report;
  }

  const call_record& newest() const
  {
    return operations_.back().report;
  }

  // Whether an operation can have failed without a trace.
  static bool loses_handlers()
  {
    return loses_deliveries() || faults.what() == failing::copy ||
           faults.what() == failing::move;
  }

  // Whether that may be after it was decided.
  static bool loses_deliveries()
  {
    return faults.what() == failing::delivery ||
           faults.what() == failing::handler_move;
  }

  std::size_t successes() const
  {
    return static_cast<std::size_t>(
        std::ranges::count_if(operations_,
                              [](const operation& op)
                              {
                                return op.report.succeeded();
                              }));
  }

  // Whether an executor may have lost a handler with what it had got: without a
  // lock, a grant is final before the handler's own executor gets the handler.
  template <class Threading>
  bool may_lack_one() const
  {
    return std::is_same_v<Threading, toro::strand_bound> &&
           std::ranges::any_of(operations_,
                               [](const operation& op)
                               {
                                 return op.elsewhere && !op.refused &&
                                        op.report.was_dropped();
                               });
  }

  // Lets each holder have its turn.
  void pass_on()
  {
    for (std::size_t turns = operations_.size(); turns > 0; --turns)
    {
      let_go();
      poll();
    }
  }

  // From here on nothing fails. An entry, whatever it is, hands over what an
  // executor refused; then all that was decided is delivered.
  void recover(function_ref<> entry)
  {
    faults.spare_all();
    entry();
    poll();
  }

  // Requires that nothing waits any more.
  void check_ends() const
  {
    std::size_t lost = 0;
    for (const operation& op : operations_)
    {
      const call_record& report = op.report;
      if (!op.refused && report.was_dropped())
        ++lost;
      else
        BOOST_TEST((report.was_dropped() || report.has(report.ec)));
    }
    BOOST_TEST(lost <= (loses_handlers() ? 1u : 0u));
  }

  // The k-th operation has ended like this, where it was begun and not lost.
  void check_end(std::size_t k, const error_code& ec) const
  {
    const call_record& report = operations_[k].report;
    BOOST_TEST((report.was_dropped() || report.has(ec)));
  }

  // All have ended, with success where they were begun and not lost.
  void check_successes() const
  {
    check_ends();
    for (const operation& op : operations_)
      BOOST_TEST((op.report.was_dropped() || op.report.succeeded()));
  }

  // A newcomer succeeds, and its handler has what it was given.
  template <class Start>
  void serve(Start with)
  {
    const call_record& report = start(with);
    poll();
    BOOST_TEST(report.succeeded());
  }

  // Whatever is pending ends without a call.
  void end_context()
  {
    faults.spare_all();
    io_.reset();
  }

  // Each handler was called once or destroyed once, and no memory is left.
  void end()
  {
    let_go();
    end_context();
    for (const operation& op : operations_)
      BOOST_TEST(op.report.calls + op.report.dropped == 1);
    BOOST_TEST(memory_.live == 0u);
  }

private:
  void check_unchanged(const std::string& before) const
  {
    BOOST_TEST(leave_calls_.contains(faults.what()));
    BOOST_TEST(look_() == before);
  }

  struct operation
  {
    call_record report;
    boost::asio::cancellation_signal signal;

    // Its handler has an executor of its own.
    bool elsewhere = false;

    // Its initiation threw, and it was never begun.
    bool refused = false;
  };

  template <class Start>
  const call_record& add(Start& with, bool may_end_later)
  {
    operation& op = operations_.emplace_back();
    op.elsewhere = operations_.size() % 2 == 0;
    begin(op, may_end_later,
          [&]
          {
            if (op.elsewhere)
              with(failing_handler_elsewhere(
                  op.report, memory_, op.signal.slot(),
                  throwing_executor(*io_, elsewhere_)));
            else
              with(failing_handler(op.report, memory_, op.signal.slot()));
          });
    return op.report;
  }

  void begin(operation& op, bool may_end_later, function_ref<> launch)
  {
    const std::string before = look_();
    const bool begun = attempt(launch);
    op.refused = !begun && faults.what() != failing::execution;
    const bool ends_later = may_end_later && op.report.is_pending();
    if (op.refused && !ends_later)
      BOOST_TEST(look_() == before);
    if (op.refused)
      BOOST_TEST((op.report.was_dropped() || ends_later));
    else
      BOOST_TEST((op.report.is_pending() || loses_handlers()),
                 "a handler was called in an initiation");
  }

  static bool attempt(function_ref<> function)
  {
    try
    {
      function();
      return true;
    }
    catch (const injected&)
    {
      return false;
    }
  }

  // What may leave the loop, and what a call that changes nothing then.
  static inline const std::set<failing> leave_run_ = {
      failing::execution, failing::handler, failing::handler_move,
      failing::copy,      failing::move,    failing::predicate};
  static inline const std::set<failing> leave_calls_ = {
      failing::memory, failing::alarm, failing::copy, failing::move,
      failing::comparison};

  // Order: what handlers refer to outlives the context.
  std::deque<operation> operations_;
  allocations memory_;
  planned_throws here_;
  planned_throws elsewhere_;
  manual_clock clock_;
  std::function<std::string()> look_;
  std::optional<boost::asio::io_context> io_ =
      std::optional<boost::asio::io_context>(std::in_place);
};

// Plays a scenario again and again, of each kind of call with the first one
// failing, the second one, and so on until it is through without a failure.
// The kinds are those that occur in the scenario.
inline void fail_each_call(const std::set<failing>& kinds,
                           function_ref<trial&> play)
{
  for (const failing what : all_failing)
  {
    int n = 0;
    do
    {
      faults.plan(what, ++n);
      BOOST_TEST_CONTEXT(name_of(what) << " " << n)
      {
        const std::size_t before = live_blocks;
        {
          trial t;
          play(t);
          t.end();
        }
        BOOST_TEST(live_blocks == before);
      }
    } while (faults.has_struck());
    BOOST_TEST_MESSAGE(name_of(what) << " failed " << n - 1 << " times");
    BOOST_TEST((n > 1) == kinds.contains(what),
               name_of(what) << " failed " << n - 1 << " times");
  }
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FAULT_INJECTION_TRIAL_HPP
