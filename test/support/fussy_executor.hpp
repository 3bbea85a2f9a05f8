// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_FUSSY_EXECUTOR_HPP
#define TORO_TEST_SUPPORT_FUSSY_EXECUTOR_HPP

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>

#include "support/faults.hpp"

namespace toro_test {

// What an executor refuses to do.
struct moods
{
  // So many functions make it throw.
  int refusals = 0;
};

// Runs functions in an io_context, later, unless it is in a mood.
class fussy_executor
{
public:
  fussy_executor(boost::asio::io_context& context, moods& mood) noexcept
    : context_(&context),
      mood_(&mood)
  {
  }

  boost::asio::execution_context&
  query(boost::asio::execution::context_t) const noexcept
  {
    return *context_;
  }

  static constexpr boost::asio::execution::blocking_t
  query(boost::asio::execution::blocking_t) noexcept
  {
    return boost::asio::execution::blocking.never;
  }

  fussy_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    faults.call(failing::execution);
    if (mood_->refusals > 0)
    {
      --mood_->refusals;
      throw std::domain_error("executor");
    }
    if (faults.strikes(failing::delivery))
    {
      [[maybe_unused]] const auto gone = std::move(function);
      return;
    }
    boost::asio::post(*context_, std::forward<Function>(function));
  }

  friend bool operator==(const fussy_executor& a,
                         const fussy_executor& b) noexcept
  {
    return a.context_ == b.context_ && a.mood_ == b.mood_;
  }

private:
  boost::asio::io_context* context_;
  moods* mood_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_FUSSY_EXECUTOR_HPP
