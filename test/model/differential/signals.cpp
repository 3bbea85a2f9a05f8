// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>

#include "model/differential/one_by_one.hpp"
#include "model/differential/subject.hpp"

namespace toro_test {

namespace {

using boost::asio::any_io_executor;
using boost::system::error_code;

template <class Threading>
class event_subject final : public subject
{
public:
  event_subject(const object&, boost::asio::io_context& context)
    : event_(one_by_one(context))
  {
  }

  std::string call(const step& s) override
  {
    if (s.verb == "set")
      event_.set();
    else if (s.verb == "clear")
      event_.clear();
    else
      refuse(s);
    return "ok";
  }

  void start(const step&, toro::deadline limit, completion done) override
  {
    event_.async_wait(limit, std::move(done));
  }

  std::vector<std::size_t> state() const override
  {
    return {event_.is_set(), event_.waiters()};
  }

private:
  toro::basic_event<any_io_executor, Threading> event_;
};

template <class Threading>
class condition_subject final : public subject
{
public:
  condition_subject(const object&, boost::asio::io_context& context)
    : condition_(one_by_one(context))
  {
  }

  std::string call(const step& s) override
  {
    if (s.verb == "notify")
      return std::to_string(
          condition_.notify(static_cast<std::size_t>(s.value)));
    if (s.verb == "notify_all")
      return std::to_string(condition_.notify_all());
    refuse(s);
  }

  void start(const step&, toro::deadline limit, completion done) override
  {
    condition_.async_wait(limit, std::move(done));
  }

  std::vector<std::size_t> state() const override
  {
    return {condition_.waiters()};
  }

private:
  toro::basic_condition<any_io_executor, Threading> condition_;
};

template <class Threading>
class result_subject final : public subject
{
public:
  result_subject(const object&, boost::asio::io_context& context)
    : result_(one_by_one(context))
  {
  }

  std::string call(const step& s) override
  {
    error_code ec;
    if (s.verb == "set")
      result_.set(s.value, ec);
    else if (s.verb != "get_now")
      refuse(s);
    else if (const auto value = result_.get(ec))
      return std::to_string(*value);
    return word_of(ec);
  }

  void start(const step&, toro::deadline limit, completion done) override
  {
    result_.async_get(limit, std::move(done));
  }

  std::vector<std::size_t> state() const override
  {
    return {result_.ready(), result_.waiters()};
  }

private:
  toro::basic_async_result<int, any_io_executor, Threading> result_;
};

template <class Threading>
std::unique_ptr<subject> make_signal(const object& what,
                                     boost::asio::io_context& context)
{
  if (what.kind == "event")
    return std::make_unique<event_subject<Threading>>(what, context);
  if (what.kind == "condition")
    return std::make_unique<condition_subject<Threading>>(what, context);
  if (what.kind == "result")
    return std::make_unique<result_subject<Threading>>(what, context);
  return nullptr;
}

} // namespace

std::unique_ptr<subject> make_signal(const object& what, threading policy,
                                     boost::asio::io_context& context)
{
  return policy == threading::thread_safe
             ? make_signal<toro::thread_safe>(what, context)
             : make_signal<toro::strand_bound>(what, context);
}

} // namespace toro_test
