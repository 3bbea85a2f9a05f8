// SPDX-License-Identifier: BSL-1.0
// Two workers share a lock, with callbacks.
#include <toro/lock.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <iostream>
#include <utility>

namespace asio = boost::asio;

class worker
{
public:
  worker(toro::lock& mutex, const char* name)
    : mutex_(mutex),
      name_(name)
  {
  }

  void start()
  {
    mutex_.async_acquire(std::chrono::seconds(5),
                         [this](boost::system::error_code ec, toro::guard guard)
                         {
                           if (!ec)
                             work(std::move(guard));
                         });
  }

private:
  void work(toro::guard guard)
  {
    std::cout << name_ << " begins\n";
    asio::post(mutex_.get_executor(),
               [this, guard = std::move(guard)]
               {
                 std::cout << name_ << " ends\n";
               });
  }

  toro::lock& mutex_;
  const char* name_;
};

int main()
{
  asio::io_context context;
  toro::lock mutex(context);
  worker first(mutex, "first");
  worker second(mutex, "second");
  first.start();
  second.start();
  context.run();
}
