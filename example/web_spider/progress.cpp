// SPDX-License-Identifier: BSL-1.0

#include "progress.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iomanip>
#include <iostream>
#include <sstream>

#include <sys/ioctl.h>
#include <unistd.h>

namespace spider {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds interval{200};
constexpr std::chrono::seconds window{10};

std::size_t terminal_width()
{
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 80;
  return size.ws_col;
}

std::string line_of(const crawler& crawl, std::size_t visited, double a_second)
{
  std::ostringstream line;
  line << visited << " URLs, " << crawl.waiting() << " waiting, "
       << crawl.in_flight() << " in flight, ";
  if (const std::size_t retrying = crawl.retrying(); retrying != 0)
    line << retrying << " to be retried, ";
  line << rate_text(a_second) << " URLs/s";
  return with_url(line.str(), crawl.oldest_in_flight(), terminal_width());
}

// The line of the progress, which is erased however the coroutine ends.
struct progress_line
{
  ~progress_line()
  {
    std::cerr << clear_line << std::flush;
  }
};

} // namespace

std::string with_url(const std::string& line, const std::string& url,
                     std::size_t width)
{
  constexpr std::size_t shortest = 16;      // of a URL that tells anything
  const std::size_t used = line.size() + 3; // the last column stays free
  if (url.empty() || used + shortest > width)
    return line;
  const std::size_t room = width - used;
  if (url.size() <= room)
    return line + ": " + url;
  return line + ": ..." + url.substr(url.size() - (room - 3));
}

rate_meter::rate_meter(time_point now)
  : samples_{{now, 0}}
{
}

double rate_meter::update(time_point now, std::size_t count)
{
  samples_.emplace_back(now, count);
  // The oldest sample that stays is at least as old as the window.
  while (samples_.size() > 2 && samples_[1].first <= now - window)
    samples_.pop_front();
  const auto& [since, before] = samples_.front();
  const double seconds = std::chrono::duration<double>(now - since).count();
  return seconds > 0 ? static_cast<double>(count - before) / seconds : 0;
}

std::string rate_text(double a_second)
{
  const int digits = a_second >= 10 ? 0 : a_second >= 0.1 ? 1 : 3;
  std::ostringstream text;
  text << std::fixed << std::setprecision(a_second > 0 ? digits : 0)
       << a_second;
  return text.str();
}

asio::awaitable<void> show_progress(const crawler& crawl)
{
  const progress_line line;
  rate_meter rate(steady_clock::now());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;)
  {
    timer.expires_after(interval);
    co_await timer.async_wait(asio::use_awaitable);
    const std::size_t visited = crawl.pages().visited();
    std::cerr << clear_line
              << line_of(crawl, visited,
                         rate.update(steady_clock::now(), visited))
              << std::flush;
  }
}

} // namespace spider
