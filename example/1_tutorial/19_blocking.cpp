// SPDX-License-Identifier: BSL-1.0
// Threads that run no loop wait by plain calls. No thread runs the context,
// not even for the deadline.
#include <toro/blocking.hpp>
#include <toro/queue.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

namespace asio = boost::asio;

int main()
{
  asio::io_context context;
  toro::queue<std::string> jobs(context, 1);
  std::thread worker(
      [&]
      {
        boost::system::error_code ec;
        for (;;)
        {
          const std::string job = jobs.async_get(toro::blocking(ec));
          if (ec)
            break;
          std::cout << "did " << job << '\n';
        }
        std::cout << "no more jobs\n";
      });
  // The second put waits until the worker has made room.
  jobs.async_put("dishes", toro::blocking);
  jobs.async_put("laundry", toro::blocking);
  jobs.close();
  worker.join();

  toro::queue<int> never(context);
  try
  {
    (void)never.async_get(std::chrono::milliseconds(10), toro::blocking);
  }
  catch (const boost::system::system_error& e)
  {
    const bool late = e.code() == asio::error::timed_out;
    std::cout << (late ? "too late" : e.what()) << '\n';
  }
}
