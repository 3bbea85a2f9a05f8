// SPDX-License-Identifier: BSL-1.0

#include "session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <iostream>

#include "progress.hpp"

namespace spider {

using asio::experimental::awaitable_operators::operator&&;

session::session(asio::any_io_executor strand, crawler& crawl)
  : crawl_(crawl),
    signals_(std::move(strand), SIGINT, SIGTERM)
{
}

asio::awaitable<crawl_end> session::run(bool with_progress)
{
  toro::event over(co_await asio::this_coro::executor);
  with_progress_ = with_progress;
  if (with_progress)
    co_return co_await (crawl_until(over) && watch_signals() &&
                        show_progress(crawl_, over));
  co_return co_await (crawl_until(over) && watch_signals());
}

asio::awaitable<crawl_end> session::crawl_until(toro::event& over)
{
  const crawl_end end = co_await crawl_.run();
  over.set();
  signals_.cancel();
  if (end == crawl_end::out_of_time)
    std::cerr << (with_progress_ ? clear_line : "")
              << "web_spider: stopped: --crawl-timeout has passed" << std::endl;
  co_return end;
}

asio::awaitable<void> session::watch_signals()
{
  const auto [cancelled, number] =
      co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
  if (cancelled)
    co_return;
  caught_ = number;
  signals_.clear(); // the next one meets the system's own handler
  std::cerr << (with_progress_ ? clear_line : "")
            << "web_spider: stopping: waiting for requests in flight ("
            << crawl_.in_flight() << "), but no longer than --grace; "
            << "the same signal again ends the program at once" << std::endl;
  crawl_.stop();
}

} // namespace spider
