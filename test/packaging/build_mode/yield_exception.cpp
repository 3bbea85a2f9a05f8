// SPDX-License-Identifier: BSL-1.0
// Does not compile before Asio 1.29, where a stackful coroutine rethrows a null
// exception if the operation succeeds.

#include <toro/for_each.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/version.hpp>

#include <chrono>
#include <vector>

#if BOOST_ASIO_VERSION >= 102900 && !defined(TORO_TEST_ACCEPTED)
#error "There is nothing to refuse: use as_tuple(yield)"
#endif

namespace {

namespace asio = boost::asio;

asio::awaitable<void> ignore(int)
{
  co_return;
}

void run(asio::io_context& io, asio::yield_context yield)
{
  toro::task_group group(io);
#if defined(TORO_TEST_JOIN)
  group.async_join(yield);
#elif defined(TORO_TEST_DEADLINE)
  group.async_join(std::chrono::seconds(1), yield);
#elif defined(TORO_TEST_FOR_EACH)
  toro::async_for_each(io, std::vector<int>{1}, 1, &ignore, yield);
#else
  group.async_join(asio::as_tuple(yield));
  toro::async_for_each(io, std::vector<int>{1}, 1, &ignore,
                       asio::as_tuple(yield));
#endif
}

} // namespace

int main()
{
  asio::io_context io;
  asio::spawn(
      io,
      [&io](asio::yield_context yield)
      {
        run(io, yield);
      },
      [](std::exception_ptr) {});
  io.run();
}
