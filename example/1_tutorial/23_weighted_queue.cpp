// SPDX-License-Identifier: BSL-1.0
// Downloaded pages wait in a queue until they are saved: 100 bytes at most,
// however many pages that is. A page is fetched only when there is room for it.
#include <toro/weighted_queue.hpp>

#include <boost/asio.hpp>

#include <cstddef>
#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;

struct page
{
  std::string name;
  std::string text;
};

struct bytes
{
  std::size_t operator()(const page& p) const
  {
    return p.text.size();
  }
};

using page_queue = toro::weighted_queue<page, bytes>;

asio::awaitable<void> download(page_queue& pages)
{
  struct announced
  {
    const char* name;
    std::size_t size;
  };
  // The last page is larger than the bound. It waits until it is alone.
  for (const auto& [name, size] :
       {announced{"index", 60}, announced{"news", 30}, announced{"map", 50},
        announced{"film", 500}})
  {
    auto room = co_await pages.async_reserve(size, asio::use_awaitable);
    std::cout << "fetch " << name << '\n';
    std::move(room).put(page{name, std::string(size, '.')});
  }
  pages.close();
}

asio::awaitable<void> save(page_queue& pages)
{
  while (const auto next = co_await pages.async_next(asio::use_awaitable))
    std::cout << "save " << next->name << ", " << next->text.size()
              << " bytes\n";
  std::cout << "all are saved\n";
}

int main()
{
  asio::io_context context;
  page_queue pages(context, 100);
  asio::co_spawn(context, download(pages), asio::detached);
  context.poll(); // The disk is busy.
  std::cout << pages.size() << " pages, " << pages.weight() << " of "
            << pages.max_weight() << " bytes\n";
  asio::co_spawn(context, save(pages), asio::detached);
  context.restart();
  context.run();
}
