// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_DIFFERENTIAL_SUBJECT_HPP
#define TORO_TEST_MODEL_DIFFERENTIAL_SUBJECT_HPP

#include <toro/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/differential/program.hpp"

namespace toro_test {

// Hears how operations end.
class listener
{
public:
  // The number is that of the operation, in the order of their starts; the
  // outcome is a word for what the handler got.
  virtual void ended(std::size_t number, const boost::system::error_code& ec,
                     const std::string& outcome) = 0;

protected:
  ~listener() = default;
};

// A word for how a call or an operation ended.
std::string word_of(const boost::system::error_code& ec);

// The handler of an operation.
class completion
{
public:
  using cancellation_slot_type = boost::asio::cancellation_slot;

  // The slot may be unconnected.
  completion(listener& hearer, std::size_t number, cancellation_slot_type slot)
    : listener_(&hearer),
      number_(number),
      slot_(slot)
  {
  }

  completion(completion&& other) noexcept
    : listener_(std::exchange(other.listener_, nullptr)),
      number_(other.number_),
      slot_(other.slot_)
  {
  }

  cancellation_slot_type get_cancellation_slot() const noexcept
  {
    return slot_;
  }

  void operator()(const boost::system::error_code& ec)
  {
    end(ec, word_of(ec));
  }

  void operator()(const boost::system::error_code& ec, int result)
  {
    end(ec, ec ? word_of(ec) : std::to_string(result));
  }

  void operator()(const boost::system::error_code& ec,
                  const std::optional<int>& result)
  {
    if (ec || result)
      operator()(ec, result.value_or(0));
    else
      end(ec, "nothing");
  }

private:
  void end(const boost::system::error_code& ec, const std::string& outcome)
  {
    std::exchange(listener_, nullptr)->ended(number_, ec, outcome);
  }

  listener* listener_;
  std::size_t number_;
  cancellation_slot_type slot_;
};

// One primitive of the library, as a program sees it.
class subject
{
public:
  virtual ~subject() = default;

  // Calls a synchronous function and returns its answer.
  virtual std::string call(const step& s) = 0;

  // Starts an operation.
  virtual void start(const step& s, toro::deadline limit, completion done) = 0;

  // What can be seen of the primitive.
  virtual std::vector<std::size_t> state() const = 0;
};

enum class threading
{
  thread_safe,
  strand_bound
};

// Makes a subject of one of its kinds, and nothing of any other.
using subject_factory = std::unique_ptr<subject>(
    const object& what, threading policy, boost::asio::io_context& context);

subject_factory make_signal;
subject_factory make_lock;
subject_factory make_rw_lock;
subject_factory make_queue;

[[noreturn]] void refuse(const step& s);

} // namespace toro_test

#endif // TORO_TEST_MODEL_DIFFERENTIAL_SUBJECT_HPP
