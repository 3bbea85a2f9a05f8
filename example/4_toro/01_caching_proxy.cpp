// SPDX-License-Identifier: BSL-1.0
// A cache that asks its origin once for each page. If a page is on its way,
// other requests for it wait for the event in its entry. The example
// 3_recipes/once_cache has errors and deadlines as well.
#include <toro/event.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <map>
#include <string>

namespace asio = boost::asio;

struct entry
{
  explicit entry(const asio::any_io_executor& ex)
    : arrived(ex)
  {
  }

  toro::event arrived;
  std::string page;
};

asio::awaitable<std::string> fetch(std::string path)
{
  std::cout << "fetch " << path << '\n';
  co_await asio::post(asio::use_awaitable); // Where a real one would wait.
  co_return "page of " + path;
}

class proxy
{
public:
  explicit proxy(asio::any_io_executor ex)
    : executor_(std::move(ex))
  {
  }

  asio::awaitable<std::string> get(std::string path)
  {
    const auto [place, is_new] = entries_.try_emplace(path, executor_);
    entry& found = place->second;
    if (is_new)
    {
      found.page = co_await fetch(path);
      found.arrived.set();
    }
    else
      co_await found.arrived.async_wait(asio::use_awaitable);
    co_return found.page;
  }

private:
  asio::any_io_executor executor_;
  std::map<std::string, entry> entries_;
};

asio::awaitable<void> browse(proxy& through, std::string path)
{
  const std::string page = co_await through.get(path);
  std::cout << page << '\n';
}

int main()
{
  asio::io_context context;
  proxy cache(context.get_executor());
  for (const char* path : {"/news", "/news", "/sport"})
    asio::co_spawn(context, browse(cache, path), asio::detached);
  context.run();
}
