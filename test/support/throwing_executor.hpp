// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_THROWING_EXECUTOR_HPP
#define TORO_TEST_SUPPORT_THROWING_EXECUTOR_HPP

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>

#include "support/faults.hpp"

namespace toro_test {

// How many of the next functions an executor throws at.
struct planned_throws
{
  int left = 0;
};

// Runs functions in a context, later, or throws if that is planned.
template <class Context>
class basic_throwing_executor
{
public:
  basic_throwing_executor(Context& context, planned_throws& throws) noexcept
    : context_(&context),
      throws_(&throws)
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

  basic_throwing_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    faults.call(failing::execution);
    if (throws_->left > 0)
    {
      --throws_->left;
      throw std::domain_error("executor");
    }
    if (faults.strikes(failing::delivery))
    {
      [[maybe_unused]] const auto gone = std::move(function);
      return;
    }
    boost::asio::post(*context_, std::forward<Function>(function));
  }

  friend bool operator==(const basic_throwing_executor& a,
                         const basic_throwing_executor& b) noexcept
  {
    return a.context_ == b.context_ && a.throws_ == b.throws_;
  }

private:
  Context* context_;
  planned_throws* throws_;
};

using throwing_executor = basic_throwing_executor<boost::asio::io_context>;

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_THROWING_EXECUTOR_HPP
