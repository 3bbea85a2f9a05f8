// SPDX-License-Identifier: BSL-1.0

#include "session.hpp"

#include <toro/task_group.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <iostream>

#include "progress.hpp"

namespace spider {

session::session(asio::any_io_executor strand, crawler& crawl)
  : crawl_(crawl),
    signals_(std::move(strand), SIGINT, SIGTERM)
{
}

asio::awaitable<crawl_end> session::run(bool with_progress)
{
  with_progress_ = with_progress;
  const auto crawl =
      [this](toro::task_group& others) -> asio::awaitable<crawl_end>
  {
    others.spawn(watch_signals());
    if (with_progress_)
      others.spawn(show_progress(crawl_));
    const crawl_end end = co_await crawl_.run();
    others.cancel();
    co_return end;
  };
  const crawl_end end = co_await toro::with_task_group({}, crawl);
  signals_.clear(); // they end the program while it writes the report
  if (end == crawl_end::out_of_time)
    std::cerr << "web_spider: stopped: --crawl-timeout has passed" << std::endl;
  co_return end;
}

asio::awaitable<void> session::watch_signals()
{
  caught_ = co_await signals_.async_wait(asio::use_awaitable);
  signals_.clear(); // the next one meets the system's own handler
  std::cerr << (with_progress_ ? clear_line : "")
            << "web_spider: stopping: waiting for requests in flight ("
            << crawl_.in_flight() << "), but no longer than --grace; "
            << "the same signal again ends the program at once" << std::endl;
  crawl_.stop();
}

} // namespace spider
