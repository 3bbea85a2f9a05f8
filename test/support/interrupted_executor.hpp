// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_INTERRUPTED_EXECUTOR_HPP
#define TORO_TEST_SUPPORT_INTERRUPTED_EXECUTOR_HPP

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <utility>

namespace toro_test {

// Runs functions in an io_context, later. The next time that it is given one,
// something else happens at once, which may be whatever a thread does
// meanwhile.
class interrupted_executor
{
public:
  interrupted_executor(boost::asio::io_context& context,
                       std::function<void()>& first)
    : context_(&context),
      first_(&first)
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

  interrupted_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    // Safety: the function may end what this executor is part of.
    boost::asio::io_context& context = *context_;
    const auto first = std::exchange(*first_, nullptr);
    boost::asio::post(context, std::forward<Function>(function));
    if (first)
      first();
  }

  friend bool operator==(const interrupted_executor& a,
                         const interrupted_executor& b) noexcept
  {
    return a.context_ == b.context_ && a.first_ == b.first_;
  }

private:
  boost::asio::io_context* context_;
  std::function<void()>* first_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_INTERRUPTED_EXECUTOR_HPP
