// SPDX-License-Identifier: BSL-1.0
// What a fuzzer calls with an input: a world of primitives that lives by it.

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "robustness/fuzz/choices.hpp"
#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

// Implementation notes
//
// One primitive of each kind in one context, or of one kind only, which then
// has a longer history. Every step has one of them act, runs one handler, moves
// time, emits a signal, or moves, cancels or replaces a primitive; handlers may
// do the same when they have told of their result, or throw. In the end nothing
// is under way, and the books must balance.
class world
{
public:
  explicit world(choices& in)
    : shared_(in.below(2) == 1),
      around_{in,
              clock_,
              {},
              context_->get_executor(),
              boost::asio::make_strand(*context_),
              elsewhere_.get_executor(),
              [this]
              {
                return choose_reaction();
              }}
  {
    clock_.install(*context_);
    const bool is_alone = in.below(2) == 1;
    const std::size_t first = is_alone ? in.below(kinds) : 0;
    const std::size_t last = is_alone ? first + 1 : kinds;
    for (std::size_t kind = first; kind != last; ++kind)
      subjects_.push_back({kind, make(kind)});
  }

  world(const world&) = delete;
  world& operator=(const world&) = delete;

  ~world()
  {
    around_.all.may_drop = true;
  }

  void live()
  {
    while (context_ && around_.in.any_left())
      step();
    if (context_)
      finish();
    end_context();
    require(around_.all.all_are_over(), "a handler is neither here nor there");
  }

private:
  static constexpr std::array<subject_factory*, 7> others = {
      make_queue,          make_lifo_queue,  make_priority_queue,
      make_weighted_queue, make_delay_queue, make_broadcast,
      make_watch};

  static constexpr std::size_t kinds =
      lock_kinds + signal_kinds + others.size();

  struct resident
  {
    std::size_t kind;
    subject_pointer it;
  };

  subject_pointer make(std::size_t kind)
  {
    if (kind < lock_kinds)
      return make_lock(kind, shared_, around_);
    kind -= lock_kinds;
    if (kind < signal_kinds)
      return make_signal(kind, shared_, around_);
    return others[kind - signal_kinds](shared_, around_);
  }

  resident& any_subject()
  {
    return subjects_[around_.in.below(subjects_.size())];
  }

  void step()
  {
    switch (around_.in.below(16))
    {
    case 0:
    case 1:
    case 2:
      run_one(*context_);
      return;
    case 3:
      run_one(elsewhere_);
      return;
    case 4:
      clock_.advance(std::chrono::seconds(around_.in.below(3)));
      return;
    case 5:
      return emit();
    case 6:
      return upheave();
    default:
      act();
    }
  }

  // Nothing is called from within, though a predicate or a comparison may
  // throw.
  void act()
  {
    const bool could_call = std::exchange(around_.all.may_call, false);
    around_.all.may_drop = true;
    try
    {
      any_subject().it->act();
    }
    catch (const user_exception&)
    {
    }
    around_.all.may_drop = false;
    around_.all.may_call = could_call;
  }

  bool run_one(boost::asio::io_context& context)
  {
    std::size_t ran = 1;
    const bool could_drop = around_.all.may_drop;
    context.restart();
    around_.all.may_call = true;
    try
    {
      ran = context.poll_one();
    }
    catch (const user_exception&)
    {
    }
    around_.all.may_call = false;
    // A copy that throws lets its handler be dropped.
    around_.all.may_drop = could_drop;
    return ran != 0;
  }

  // The latest operations are the most likely to be under way.
  void emit()
  {
    const std::size_t back = around_.in.below(16) + 1;
    if (back <= around_.all.size())
      around_.all[around_.all.size() - back].signal.emit(
          boost::asio::cancellation_type::total);
  }

  void upheave()
  {
    resident& which = any_subject();
    switch (around_.in.below(8))
    {
    case 0:
    case 1:
      return which.it->cancel();
    case 2:
    case 3:
      return which.it->move();
    case 4:
      return which.it->destroy();
    case 5:
      if (around_.in.below(8) == 1)
        end_context();
      return;
    default:
      return replace(which);
    }
  }

  // What is under way tells the old one.
  void replace(resident& which)
  {
    which.it->destroy();
    gone_.push_back(std::move(which.it));
    which.it = make(which.kind);
  }

  std::function<void()> choose_reaction()
  {
    switch (around_.in.below(8))
    {
    case 1:
      return []
      {
        throw user_exception();
      };
    case 2:
    case 3:
      return [this]
      {
        if (context_)
          act();
      };
    default:
      return nullptr;
    }
  }

  // Has all operations end, and asks whether the books balance.
  void finish()
  {
    clock_.advance(std::chrono::hours(1));
    run_all();
    for (const resident& r : subjects_)
      r.it->settle();
    for (const resident& r : subjects_)
      r.it->cancel();
    run_all();
    require(around_.all.all_are_over(), "an operation did not end");
    for (const resident& r : subjects_)
      r.it->balance();
    require(clock_.pending() == 0, "a timer is set for nobody");
  }

  void run_all()
  {
    while (run_one(*context_) || run_one(elsewhere_))
    {
    }
  }

  void end_context()
  {
    around_.all.may_drop = true;
    for (const resident& r : subjects_)
      r.it->expect_end_of_context();
    // Nobody may ask for these any more.
    around_.object_executor = nullptr;
    around_.strand = nullptr;
    context_.reset();
    while (run_one(elsewhere_))
    {
    }
    for (const resident& r : subjects_)
      r.it->outlive();
    for (const subject_pointer& s : gone_)
      s->outlive();
    around_.all.may_drop = false;
  }

  bool shared_;
  manual_clock clock_;
  boost::asio::io_context elsewhere_;
  std::optional<boost::asio::io_context> context_ =
      std::optional<boost::asio::io_context>(std::in_place);
  surroundings around_;
  std::vector<resident> subjects_;
  std::vector<subject_pointer> gone_;
};

} // namespace

} // namespace toro_test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size)
{
  toro_test::choices in(data, size);
  toro_test::world(in).live();
  return 0;
}
