// SPDX-License-Identifier: BSL-1.0
// The same items in three orders: first in first out, last in first out, and
// the smallest first.
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

template <class Queue>
void show(const char* name)
{
  asio::io_context context;
  Queue numbers(context);
  for (int number : {2, 3, 1})
    (void)numbers.try_put(number);
  std::cout << name;
  while (const auto number = numbers.try_get())
    std::cout << ' ' << *number;
  std::cout << '\n';
}

int main()
{
  show<toro::queue<int>>("queue");
  show<toro::lifo_queue<int>>("lifo_queue");
  show<toro::priority_queue<int>>("priority_queue");
}
