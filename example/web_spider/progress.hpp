// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PROGRESS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PROGRESS_HPP

#include <toro/event.hpp>

#include <boost/asio/awaitable.hpp>

#include "crawler.hpp"

namespace spider {

/// Keep a line on standard error up to date until @p over is set.
asio::awaitable<void> show_progress(const crawler& crawl, toro::event& over);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PROGRESS_HPP
