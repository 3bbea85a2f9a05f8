// SPDX-License-Identifier: BSL-1.0
// A fixed total finds two mistakes: to acquire more than there is, and to
// release more than was acquired.
#include <toro/bounded_semaphore.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

int main()
{
  asio::io_context context;
  toro::bounded_semaphore seats(context, 4);

  seats.async_acquire(5,
                      [](boost::system::error_code ec, toro::permit)
                      {
                        std::cout << "five: " << ec.message() << '\n';
                      });
  context.run();

  boost::system::error_code ec;
  seats.release(1, ec);
  std::cout << "one too many: " << ec.message() << '\n';
  std::cout << "left: " << seats.value() << '\n';
}
