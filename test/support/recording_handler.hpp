// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_RECORDING_HANDLER_HPP
#define TORO_TEST_SUPPORT_RECORDING_HANDLER_HPP

#include <toro/lock.hpp>
#include <toro/room.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace toro_test {

using boost::system::error_code;

inline error_code aborted()
{
  return boost::asio::error::operation_aborted;
}

inline error_code timed_out()
{
  return boost::asio::error::timed_out;
}

// The item that queues and results of these tests carry.
inline constexpr int the_item = 7;

// Whether a handler's value is what success brings; if not, it is what comes
// with an error.
inline bool is_full(int value)
{
  return value == the_item;
}

inline bool is_full(const std::optional<int>& value)
{
  return value == the_item;
}

inline bool is_full(const std::vector<int>& values)
{
  return !values.empty() && values.front() == the_item;
}

template <class Threading>
bool is_full(const toro::basic_guard<Threading>& held)
{
  return static_cast<bool>(held);
}

template <class Threading>
bool is_full(const toro::basic_permit<Threading>& held)
{
  return held.count() != 0;
}

template <class Threading>
bool is_full(const toro::basic_read_guard<Threading>& held)
{
  return static_cast<bool>(held);
}

template <class Threading>
bool is_full(const toro::basic_write_guard<Threading>& held)
{
  return static_cast<bool>(held);
}

template <class T, class Order, class Threading>
bool is_full(const toro::basic_room<T, Order, Threading>& held)
{
  return static_cast<bool>(held);
}

// Whether a handler's value fits its error code.
template <class Value>
bool fits(const Value& value, const error_code& ec)
{
  return is_full(value) == !ec;
}

// An arrival that succeeds may be the last of its phase.
inline bool fits(bool is_last, const error_code& ec)
{
  return !is_last || !ec;
}

// What became of one handler, whatever its type.
class call_record
{
public:
  int calls = 0;
  int dropped = 0;
  bool as_rvalue = false;
  error_code ec;
  std::thread::id thread;

  // Called by the handler when the rest of this is filled in.
  std::function<void()> on_call;

  // The handler was called with these.
  template <class... Value>
  void note(error_code result, Value&&... value)
  {
    ++calls;
    ec = result;
    thread = std::this_thread::get_id();
    consistent_ = (... && fits(value, result));
    (keep(std::forward<Value>(value)), ...);
    if (on_call)
      on_call();
  }

  // What the handler was given, or null.
  template <class Value>
  Value* kept() const
  {
    return static_cast<Value*>(kept_.get());
  }

  // Gives back what the handler was given.
  void let_go()
  {
    kept_.reset();
  }

  bool is_pending() const
  {
    return calls == 0 && dropped == 0;
  }

  // Called once, with this result, and with a value only where it succeeded.
  bool has(error_code result) const
  {
    return calls == 1 && dropped == 0 && ec == result && consistent_;
  }

  bool succeeded() const
  {
    return has({});
  }

  // Destroyed without having been called.
  bool was_dropped() const
  {
    return calls == 0 && dropped == 1;
  }

private:
  template <class Value>
  void keep(Value&& value)
  {
    kept_ = std::make_shared<std::decay_t<Value>>(std::forward<Value>(value));
  }

  std::shared_ptr<void> kept_;
  bool consistent_ = false;
};

// A handler that reports to a call_record, which outlives it, and owns what it
// is given. It takes only arguments of exact types.
class recording_handler
{
public:
  explicit recording_handler(call_record& report,
                             std::shared_ptr<void> owned = nullptr) noexcept
    : owned_(std::move(owned)),
      report_(&report)
  {
  }

  recording_handler(recording_handler&& other) noexcept
    : owned_(std::move(other.owned_)),
      report_(std::exchange(other.report_, nullptr))
  {
  }

  ~recording_handler()
  {
    if (report_)
      ++report_->dropped;
  }

  template <class E, class... V>
  requires(sizeof...(V) < 2) void operator()(E&& ec, V&&... value) &&
  {
    report_->as_rvalue = true;
    (*this)(std::forward<E>(ec), std::forward<V>(value)...);
  }

  // For Asio's adapters, which call what they adapt as they like.
  template <class E, class... V>
  requires(sizeof...(V) < 2) void operator()(E&& ec, V&&... value) &
  {
    static_assert(std::is_same_v<E, error_code>,
                  "the first argument must be an error_code, as an rvalue");
    static_assert((std::is_same_v<V, std::decay_t<V>> && ...),
                  "the second argument must be the value, as an rvalue");
    std::exchange(report_, nullptr)->note(ec, std::move(value)...);
  }

private:
  std::shared_ptr<void> owned_;
  call_record* report_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_RECORDING_HANDLER_HPP
