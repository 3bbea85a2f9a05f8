// SPDX-License-Identifier: BSL-1.0
// There are five jobs, and at most two run at a time.
#include <toro/semaphore.hpp>

#include <boost/asio.hpp>

#include <algorithm>
#include <iostream>

namespace asio = boost::asio;

struct count
{
  int now = 0;
  int most = 0;
};

asio::awaitable<void> work(toro::semaphore& places, count& busy)
{
  auto permit = co_await places.async_acquire(asio::use_awaitable);
  busy.most = std::max(busy.most, ++busy.now);
  co_await asio::post(asio::use_awaitable);
  --busy.now;
}

int main()
{
  asio::io_context context;
  toro::semaphore places(context, 2);
  count busy;
  for (int i = 0; i != 5; ++i)
    asio::co_spawn(context, work(places, busy), asio::detached);
  context.run();
  std::cout << "at most " << busy.most << ", free again " << places.value()
            << '\n';
}
