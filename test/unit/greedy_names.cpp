// SPDX-License-Identifier: BSL-1.0
// A user's namespace may have functions of any name that take anything. Those
// of the library are called all the same.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include "unit/greedy.hpp"

BOOST_AUTO_TEST_SUITE(greedy_names)

namespace {

using namespace toro_test;

namespace asio = boost::asio;

BOOST_AUTO_TEST_CASE(users_functions_are_not_called_instead_of_the_librarys)
{
  asio::io_context io;
  const user_executor user(io.get_executor());
  run_all<toro::thread_safe>(io, user);
  run_all<toro::strand_bound>(io, user);
  run_all<toro::thread_safe>(io, asio::any_io_executor(user));
  run_all<toro::thread_safe>(io, io.get_executor());
  run_all<toro::strand_bound>(io, asio::make_strand(user));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
