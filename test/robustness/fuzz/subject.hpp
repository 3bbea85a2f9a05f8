// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FUZZ_SUBJECT_HPP
#define TORO_TEST_ROBUSTNESS_FUZZ_SUBJECT_HPP

#include <toro/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "robustness/fuzz/choices.hpp"
#include "robustness/fuzz/journal.hpp"
#include "support/manual_clock.hpp"

namespace toro_test {

using any_executor = boost::asio::any_io_executor;

// What subjects share, and where handlers run that are not to run on the
// executor of their object.
struct surroundings
{
  choices& in;
  manual_clock& clock;
  journal all;
  any_executor object_executor;
  any_executor strand;
  any_executor elsewhere;

  // What a handler does when it has told of its result, which may be nothing.
  std::function<std::function<void()>()> choose_reaction;
};

// A primitive with what its owner knows of it.
class subject
{
public:
  virtual ~subject() = default;

  // Calls one of its functions, or starts an operation.
  virtual void act() = 0;

  virtual void cancel() = 0;
  virtual void move() = 0;

  // Ends the primitive; operations may tell of their results still.
  virtual void destroy() = 0;

  // Whether those that wait have to. Requires that all deadlines have passed
  // and no handler is left to run.
  virtual void settle()
  {
  }

  // Whether the primitive agrees with what is known of it. Requires that no
  // operation is under way.
  virtual void balance() = 0;

  // The context is about to end.
  virtual void expect_end_of_context()
  {
  }

  // Uses what outlives the context.
  virtual void outlive()
  {
  }
};

template <class Primitive>
class subject_of : public subject
{
public:
  template <class... Args>
  explicit subject_of(surroundings& around, Args... args)
    : around_(around),
      in_(around.in),
      object_(std::in_place, around.object_executor, args...)
  {
  }

  void cancel() override
  {
    if (object_)
      object_->cancel();
  }

  void move() override
  {
    if (!object_)
      return;
    Primitive other(std::move(*object_));
    object_ = std::move(other);
  }

  void destroy() override
  {
    object_.reset();
  }

protected:
  Primitive& object()
  {
    return *object_;
  }

  bool is_there() const
  {
    return object_.has_value();
  }

  // Whether no operation is under way. Then all is known that has happened.
  bool is_quiet()
  {
    std::erase_if(under_way_,
                  [](const journal::entry* e)
                  {
                    return e->calls + e->drops != 0;
                  });
    return under_way_.empty();
  }

  // Starts an operation, with start(limit..., handler), whose handler calls
  // tell(ec, values...).
  template <class Start, class Tell>
  void begin(Start start, Tell tell)
  {
    visitor handler = make_handler(std::move(tell));
    switch (in_.below(4))
    {
    case 0:
      return begin_in_time(start, boost::asio::bind_executor(
                                      around_.strand, std::move(handler)));
    case 1:
      return begin_in_time(start, boost::asio::bind_executor(
                                      around_.elsewhere, std::move(handler)));
    default:
      return begin_in_time(start, std::move(handler));
    }
  }

  // The same with only one type of handlers, which takes less time to compile:
  // start(limit, handler).
  template <class Start, class Tell>
  void begin_plainly(Start start, Tell tell)
  {
    visitor handler = make_handler(std::move(tell));
    const any_executor executors[] = {around_.strand, around_.elsewhere,
                                      around_.object_executor};
    const any_executor& executor = executors[in_.below(3)];
    const std::size_t seconds = in_.below(4);
    start(seconds == 3 ? toro::deadline()
                       : toro::deadline(std::chrono::seconds(seconds)),
          boost::asio::bind_executor(executor, std::move(handler)));
  }

  surroundings& around_;
  choices& in_;

private:
  template <class Tell>
  visitor<Tell> make_handler(Tell tell)
  {
    journal::entry& mine = around_.all.add();
    under_way_.push_back(&mine);
    mine.reaction = around_.choose_reaction();
    return visitor<Tell>(around_.all, mine, std::move(tell));
  }

  template <class Start, class Handler>
  void begin_in_time(Start start, Handler handler)
  {
    const std::size_t seconds = in_.below(4);
    if (seconds == 3)
      start(std::move(handler));
    else
      start(toro::deadline(std::chrono::seconds(seconds)), std::move(handler));
  }

  std::optional<Primitive> object_;
  std::vector<const journal::entry*> under_way_;
};

using subject_pointer = std::unique_ptr<subject>;

// Some are families of kinds, by number.
inline constexpr std::size_t lock_kinds = 4;
inline constexpr std::size_t signal_kinds = 3;

subject_pointer make_lock(std::size_t kind, bool shared, surroundings& around);
subject_pointer make_signal(std::size_t kind, bool shared,
                            surroundings& around);

using subject_factory = subject_pointer(bool shared, surroundings& around);

subject_factory make_queue;
subject_factory make_lifo_queue;
subject_factory make_priority_queue;
subject_factory make_weighted_queue;
subject_factory make_delay_queue;
subject_factory make_broadcast;
subject_factory make_watch;

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FUZZ_SUBJECT_HPP
