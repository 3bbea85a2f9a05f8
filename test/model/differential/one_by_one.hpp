// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_DIFFERENTIAL_ONE_BY_ONE_HPP
#define TORO_TEST_MODEL_DIFFERENTIAL_ONE_BY_ONE_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>

#include <memory>

namespace toro_test {

// An executor that the library does not recognise as one of Asio's, so that it
// delivers a broadcast one by one, as Toro does, and a step runs one handler.
inline boost::asio::any_io_executor one_by_one(boost::asio::io_context& context)
{
  return boost::asio::any_io_executor(boost::asio::prefer(
      context.get_executor(),
      boost::asio::execution::allocator(std::allocator<char>())));
}

} // namespace toro_test

#endif // TORO_TEST_MODEL_DIFFERENTIAL_ONE_BY_ONE_HPP
