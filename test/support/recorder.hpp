// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_RECORDER_HPP
#define TORO_TEST_SUPPORT_RECORDER_HPP

#include <toro/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace toro_test {

// How an operation ended, in one short word; nothing for success.
inline std::string outcome_of(const boost::system::error_code& ec)
{
  if (!ec)
    return {};
  if (ec == boost::asio::error::timed_out)
    return ":TO";
  if (ec == boost::asio::error::operation_aborted)
    return ":AB";
  if (ec == make_error_code(toro::error::closed))
    return ":closed";
  if (ec == make_error_code(toro::error::impossible))
    return ":impossible";
  if (ec == make_error_code(toro::error::task_underflow))
    return ":underflow";
  return ":" + ec.message();
}

inline std::string outcome_of(std::exception_ptr failure)
{
  if (!failure)
    return {};
  try
  {
    std::rethrow_exception(std::move(failure));
  }
  catch (const boost::system::system_error& e)
  {
    return outcome_of(e.code());
  }
  catch (const std::exception& e)
  {
    return std::string(":") + e.what();
  }
}

// What a handler got, where that can be shown.
template <class T>
std::string shown(const T& value)
{
  if constexpr (std::is_convertible_v<const T&, std::string>)
    return "=" + std::string(value);
  else if constexpr (std::is_arithmetic_v<T>)
    return "=" + std::to_string(value);
  else
    return {};
}

// Ways of dealing with what an operation brings.
struct ignore
{
  void operator()(auto&&...) const
  {
  }
};

struct let_go
{
  void operator()(auto guard) const
  {
    guard.detach();
  }
};

template <class T>
struct keep_in
{
  T& place;

  void operator()(T value) const
  {
    place = std::move(value);
  }
};

template <class T>
keep_in(T&) -> keep_in<T>;

// Writes one history of the handlers that were called. It reports a handler
// that is called a second time, that is destroyed without having been called,
// or that is called while no handler should be: from within an initiating or a
// notifying function, of a test or of another handler.
class recorder
{
public:
  template <class Body>
  class handler
  {
  public:
    handler(recorder& records, std::string name, Body body)
      : records_(&records),
        name_(std::move(name)),
        body_(std::move(body))
    {
      ++records_->pending_;
    }

    handler(handler&& other) noexcept
      : records_(std::exchange(other.records_, nullptr)),
        name_(std::move(other.name_)),
        body_(std::move(other.body_))
    {
    }

    ~handler()
    {
      if (records_)
        records_->drop(name_);
    }

    template <class Outcome, class... Values>
    void operator()(Outcome outcome, Values... values)
    {
      BOOST_REQUIRE_MESSAGE(records_, "a handler was called twice");
      recorder& records = *std::exchange(records_, nullptr);
      const running scope(records, name_);
      const std::string ending = outcome_of(outcome);
      if (!ending.empty())
        records.note(name_ + ending);
      else
        records.note((name_ + ... + shown(values)));
      if (ending.empty())
        body_(std::move(values)...);
    }

  private:
    recorder* records_;
    std::string name_;
    Body body_;
  };

  recorder() = default;
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  ~recorder()
  {
    BOOST_TEST(pending_ == 0u, pending_ << " handlers were never called");
    BOOST_TEST(history_ == "", "not looked at: " << history_);
  }

  // A handler that notes its name and how the operation ended, and gives the
  // body what came of a success.
  template <class Body = ignore>
  handler<Body> on(std::string name, Body body = {})
  {
    return handler<Body>(*this, std::move(name), std::move(body));
  }

  void note(const std::string& word)
  {
    history_ += (history_.empty() ? "" : " ") + word;
  }

  // The words noted since the last call.
  std::string take()
  {
    return std::exchange(history_, {});
  }

  // How many handlers have been neither called nor destroyed.
  std::size_t pending() const
  {
    return pending_;
  }

  // From now on it is all right to destroy a handler that was not called.
  void allow_drops()
  {
    drops_allowed_ = true;
  }

  std::size_t drops() const
  {
    return drops_;
  }

protected:
  // The time in which handlers may run.
  class open_hours
  {
  public:
    explicit open_hours(recorder& records)
      : records_(records)
    {
      records_.open_ = true;
    }

    open_hours(const open_hours&) = delete;
    open_hours& operator=(const open_hours&) = delete;

    ~open_hours()
    {
      records_.open_ = false;
    }

  private:
    recorder& records_;
  };

private:
  class running
  {
  public:
    running(recorder& records, const std::string& name)
      : records_(records)
    {
      BOOST_TEST(records_.open_, name << " was called from within a function");
      BOOST_TEST(!records_.running_, name << " was called in another handler");
      records_.running_ = true;
      --records_.pending_;
    }

    running(const running&) = delete;
    running& operator=(const running&) = delete;

    ~running()
    {
      records_.running_ = false;
    }

  private:
    recorder& records_;
  };

  void drop(const std::string& name)
  {
    --pending_;
    ++drops_;
    BOOST_TEST(drops_allowed_, name << " was destroyed without a call");
  }

  std::string history_;
  std::size_t pending_ = 0;
  std::size_t drops_ = 0;
  bool open_ = false;
  bool running_ = false;
  bool drops_allowed_ = false;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_RECORDER_HPP
