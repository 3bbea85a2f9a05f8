// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_SESSION_HPP
#define TORO_EXAMPLE_WEB_SPIDER_SESSION_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>

#include "crawler.hpp"

namespace spider {

/// A crawl that SIGINT and SIGTERM end, and that shows its progress.
/** All of it runs on the executor, which must be a strand. */
class session
{
public:
  session(asio::any_io_executor strand, crawler& crawl);

  asio::awaitable<crawl_end> run(bool with_progress);

  /// The signal that has ended the crawl, or 0.
  int caught_signal() const noexcept
  {
    return caught_;
  }

private:
  asio::awaitable<void> watch_signals();

  crawler& crawl_;
  asio::signal_set signals_;
  int caught_ = 0;
  bool with_progress_ = false;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_SESSION_HPP
