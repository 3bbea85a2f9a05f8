// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_WORLD_HPP
#define TORO_TEST_SUPPORT_WORLD_HPP

#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "support/manual_clock.hpp"
#include "support/recorder.hpp"

namespace toro_test {

using any_executor = boost::asio::any_io_executor;

// Cases that hold for both run once for each.
using policies = std::tuple<toro::thread_safe, toro::strand_bound>;

// A context with a clock of its own, and the history of what happens in it.
class world : public recorder
{
public:
  world()
  {
    clock.install(*context_);
  }

  boost::asio::io_context& context()
  {
    return *context_;
  }

  // Runs what is ready, and what that makes ready. Returns what happened.
  std::string poll()
  {
    const open_hours open(*this);
    context_->restart();
    context_->poll();
    return take();
  }

  std::string advance(manual_clock::duration by)
  {
    clock.advance(by);
    return poll();
  }

  // Runs one handler.
  std::string poll_one()
  {
    const open_hours open(*this);
    context_->restart();
    context_->poll_one();
    return take();
  }

  // Runs until there is no work left.
  std::string run()
  {
    const open_hours open(*this);
    context_->restart();
    context_->run();
    return take();
  }

  void spawn(std::string name, boost::asio::awaitable<void> coroutine)
  {
    boost::asio::co_spawn(*context_, std::move(coroutine), on(std::move(name)));
  }

  void end_context()
  {
    context_.reset();
  }

  manual_clock clock;

private:
  std::optional<boost::asio::io_context> context_ =
      std::optional<boost::asio::io_context>(std::in_place);
};

// A primitive that nobody may wait for any more when it is destroyed.
template <class Primitive>
class idle_at_end : public Primitive
{
public:
  using Primitive::Primitive;

  idle_at_end(idle_at_end&&) = delete;

  ~idle_at_end()
  {
    BOOST_TEST(this->waiters() == 0u);
  }
};

// Whether a synchronous function throws a system_error with this code.
template <class Function>
bool throws_code(Function function, const boost::system::error_code& code)
{
  try
  {
    function();
  }
  catch (const boost::system::system_error& e)
  {
    return e.code() == code;
  }
  return false;
}

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_WORLD_HPP
