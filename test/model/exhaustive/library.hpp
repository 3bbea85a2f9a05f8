// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_EXHAUSTIVE_LIBRARY_HPP
#define TORO_TEST_MODEL_EXHAUSTIVE_LIBRARY_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "model/actions/machine.hpp"
#include "model/exhaustive/step_context.hpp"
#include "support/manual_clock.hpp"
#include "support/pool.hpp"

namespace toro_test {

using boost::system::error_code;

// Nothing where it is no code that an operation may end with.
inline std::optional<ending> ending_of(const error_code& ec)
{
  if (!ec)
    return ending::success;
  if (ec == boost::asio::error::operation_aborted)
    return ending::aborted;
  if (ec == boost::asio::error::timed_out)
    return ending::timed_out;
  if (ec == make_error_code(toro::error::closed))
    return ending::closed;
  if (ec == make_error_code(toro::error::impossible))
    return ending::impossible;
  if (ec == make_error_code(toro::error::task_underflow))
    return ending::underflow;
  return std::nullopt;
}

// What a function gave that counts grants: nothing with an error, which has to
// come with a count of zero.
inline std::size_t count_of(std::size_t granted, const error_code& ec)
{
  return ec ? nothing - granted : granted;
}

// Whether a handler got something, which it should not with an error.
template <class Value>
bool is_something(const Value& value)
{
  return static_cast<bool>(value);
}

template <class T>
bool is_something(const std::vector<T>& values)
{
  return !values.empty();
}

// What a public object is to a machine: of a type that the machine knows, or
// abstract.
struct known_object
{
  static constexpr bool is_public = true;

  message told;
};

class abstract_object : public abstract_library
{
public:
  static constexpr bool is_public = true;

  virtual void tick() = 0;
  virtual void move() = 0;
  virtual void destroy() = 0;
  virtual void assign_over() = 0;
  virtual void shut_down() = 0;

protected:
  ~abstract_object() = default;
};

// Implementation notes
//
// A public object in a world of its own, as the library's side of a machine.
// The world runs one handler when it is told to, and whatever else the library
// has to run at once. Each tick is an hour.
//
// A mistake is a handler that is called or destroyed twice, or from within a
// function, or with what it should not get.
template <class Derived, class Primitive, class Interface = known_object>
class public_library : public Interface
{
public:
  using primitive_type = Primitive;

  public_library(const public_library&) = delete;
  public_library& operator=(const public_library&) = delete;

  void cancel(std::size_t w)
  {
    emit(w, boost::asio::cancellation_type::terminal);
  }

  std::size_t cancel_all()
  {
    return object().cancel();
  }

  void deliver()
  {
    may_call_ = true;
    context_->complete_one();
    may_call_ = false;
  }

  void abandon()
  {
    may_drop_ = true;
    context_->drop_one();
    may_drop_ = false;
  }

  // An alarm may be due already when it is set.
  void settle()
  {
    if (!context_)
      return;
    do
    {
      clock_.advance({});
    } while (context_->run_internal());
  }

  std::size_t under_way_count() const
  {
    return context_ ? context_->completions() : 0;
  }

  bool alarm_is_set() const
  {
    return clock_.pending() != 0;
  }

  std::size_t mistakes() const
  {
    return mistakes_;
  }

  void tick()
  {
    clock_.advance(std::chrono::hours(1));
  }

  // By construction and by assignment, also over another one.
  void move()
  {
    Primitive other(std::move(object()));
    object() = std::move(other);
    if (!context_)
      return;
    Primitive another = derived().make();
    another = std::move(object());
    object_.emplace(std::move(another));
  }

  void destroy()
  {
    object_.reset();
  }

  void assign_over()
  {
    object() = derived().make();
    destroy();
  }

  void shut_down()
  {
    may_drop_ = true;
    context_.reset();
  }

  // Where there is nothing to be counted.
  bool balances()
  {
    return true;
  }

  // Each handler has been called or has been destroyed with its context.
  bool closes()
  {
    shut_down();
    object_.reset();
    for (std::size_t w = 0; w != records_.size(); ++w)
    {
      if (records_[w].calls + records_[w].drops != 1)
        return false;
    }
    return mistakes_ == 0;
  }

protected:
  public_library()
  {
    clock_.install(*context_);
  }

  ~public_library()
  {
    may_drop_ = true;
  }

  Primitive& object()
  {
    return *object_;
  }

  const Primitive& object() const
  {
    return *object_;
  }

  step_executor executor()
  {
    return step_executor(*context_);
  }

  void emit(std::size_t w, boost::asio::cancellation_type_t type)
  {
    records_[w].signal.emit(type);
  }

  void make_object()
  {
    object_.emplace(derived().make());
  }

  // Calls a function that starts an operation, with the handler and, before
  // it, the deadline where there is one.
  template <class Start>
  void start(patience how_long, Start begin)
  {
    records_.add();
    const std::size_t w = records_.size() - 1;
    if (how_long == endless)
      begin(listener(derived(), w));
    else
      begin(toro::deadline(std::chrono::hours(
                static_cast<std::chrono::hours::rep>(how_long))),
            listener(derived(), w));
  }

  // What comes with a success, as the model counts it.
  static std::size_t keep(std::size_t)
  {
    return 0;
  }

private:
  struct record
  {
    boost::asio::cancellation_signal signal;
    int calls = 0;
    int drops = 0;
  };

  class listener
  {
  public:
    using cancellation_slot_type = boost::asio::cancellation_slot;

    listener(Derived& library, std::size_t w) noexcept
      : library_(&library),
        wait_(w)
    {
    }

    listener(listener&& other) noexcept
      : library_(std::exchange(other.library_, nullptr)),
        wait_(other.wait_)
    {
    }

    ~listener()
    {
      if (library_)
        library_->note_drop(wait_);
    }

    cancellation_slot_type get_cancellation_slot() const noexcept
    {
      return library_->records_[wait_].signal.slot();
    }

    template <class... Values>
    void operator()(error_code ec, Values... values)
    {
      std::exchange(library_, nullptr)
          ->note_call(wait_, ec, std::move(values)...);
    }

  private:
    Derived* library_;
    std::size_t wait_;
  };

  template <class... Values>
  void note_call(std::size_t w, error_code ec, Values... values)
  {
    ++records_[w].calls;
    std::optional<ending> how = derived().ending_with(ec);
    if constexpr (requires { derived().ends_softly(values...); })
    {
      if (how == ending::success && derived().ends_softly(values...))
        how = ending::closed;
    }
    const bool success = how == ending::success;
    const bool is_right =
        may_call_ && how && (... && (success || !is_something(values)));
    mistakes_ += !is_right;
    // One handler in each step.
    may_call_ = false;
    if (!is_right)
      return;
    this->told = {w, *how,
                  success ? derived().keep(w, std::move(values)...) : 0};
  }

  static std::optional<ending> ending_with(error_code ec)
  {
    return ending_of(ec);
  }

  void note_drop(std::size_t w)
  {
    ++records_[w].drops;
    mistakes_ += !may_drop_;
  }

  Derived& derived()
  {
    return static_cast<Derived&>(*this);
  }

  bool may_call_ = false;
  bool may_drop_ = false;
  std::size_t mistakes_ = 0;
  manual_clock clock_;
  pool<record> records_;
  std::optional<step_context> context_ =
      std::optional<step_context>(std::in_place);
  std::optional<Primitive> object_;
};

// How long the sequences of a public object are.
inline lengths public_lengths()
{
  return chosen_lengths({4, 5}, {5, 6});
}

} // namespace toro_test

#endif // TORO_TEST_MODEL_EXHAUSTIVE_LIBRARY_HPP
