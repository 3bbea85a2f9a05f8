// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_UNIT_TESTING_REFUSING_EXECUTOR_HPP
#define TORO_TEST_UNIT_TESTING_REFUSING_EXECUTOR_HPP

#include <toro/testing/simulation.hpp>

#include <boost/asio/execution.hpp>

#include <stdexcept>
#include <utility>

namespace toro_test {

// An executor of a simulation that throws at functions, as many as are planned.
class refusing_executor
{
public:
  refusing_executor(toro::testing::simulation& context, int& refusals) noexcept
    : context_(&context),
      refusals_(&refusals)
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

  refusing_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    if (*refusals_ != 0)
    {
      --*refusals_;
      throw std::domain_error("refused");
    }
    context_->get_executor().execute(std::forward<Function>(function));
  }

  friend bool operator==(const refusing_executor& a,
                         const refusing_executor& b) noexcept
  {
    return a.context_ == b.context_ && a.refusals_ == b.refusals_;
  }

private:
  toro::testing::simulation* context_;
  int* refusals_;
};

} // namespace toro_test

#endif // TORO_TEST_UNIT_TESTING_REFUSING_EXECUTOR_HPP
