// SPDX-License-Identifier: BSL-1.0
// Debug builds notice when a strand_bound object is entered while it is in use.
// A comparison runs under the lock, so that one that calls its own queue stands
// for a second thread.

#include <toro/priority_queue.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/assert.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace boost {

void assertion_failed(const char*, const char*, const char*, long)
{
  std::puts("an assertion without a message");
}

void assertion_failed_msg(const char*, const char* message, const char*,
                          const char*, long)
{
  std::puts(message);
  const bool expected =
      std::string_view(message).find("two threads") != std::string_view::npos;
  std::fflush(stdout);
  std::_Exit(expected ? EXIT_SUCCESS : EXIT_FAILURE);
}

} // namespace boost

int main()
{
  using order = std::function<bool(int, int)>;
  using pile = toro::basic_priority_queue<
      int, order, boost::asio::io_context::executor_type, toro::strand_bound>;
  boost::asio::io_context io;
  pile items(io, 0,
             [&](int a, int b)
             {
               return items.empty() || a < b;
             });
  static_cast<void>(items.try_put(2));
  static_cast<void>(items.try_put(1));
  std::puts("the second entry was not noticed");
  return EXIT_FAILURE;
}
