// SPDX-License-Identifier: BSL-1.0
// Does not compile, since a thread that runs no loop is not on the strand.

#include <toro/blocking.hpp>
#include <toro/event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>

int main()
{
  boost::asio::io_context io;
#if defined(TORO_TEST_ACCEPTED)
  using threading = toro::thread_safe;
#else
  using threading = toro::strand_bound;
#endif
  toro::basic_event<boost::asio::any_io_executor, threading> event(io);
  event.set();
#if defined(TORO_TEST_ADAPTER)
  event.async_wait(boost::asio::as_tuple(toro::blocking));
#else
  event.async_wait(toro::blocking);
#endif
}
