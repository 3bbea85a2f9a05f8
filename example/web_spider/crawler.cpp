// SPDX-License-Identifier: BSL-1.0

// How a crawl runs: its beginning, its workers and its end. What a worker does
// with a page is in crawler_visit.cpp.

#include "crawler.hpp"

#include <toro/first_of.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace spider {

namespace {

constexpr auto as_tuple_awaitable = asio::as_tuple(asio::use_awaitable);

// How long a worker may take to notice that it is cut off.
constexpr std::chrono::seconds time_to_end{2};

site site_of(const urls::url& start, const crawl_options& options)
{
  site all(start);
  for (const auto& host : options.more_hosts)
    all.add_host(host);
  return all;
}

} // namespace

crawler::crawler(asio::any_io_executor ex, const urls::url& start,
                 const crawl_options& options)
  : executor_(ex),
    options_(options),
    start_(start),
    site_(site_of(start, options)),
    pages_(ex, options.max_pages),
    rounds_(options.depth),
    frontier_(ex),
    stop_(ex),
    cut_(ex),
    fetcher_(ex, options_, site_, stop_, cut_),
    workers_(ex)
{
}

asio::awaitable<crawl_end> crawler::run()
{
  (void)frontier_.try_put(pages_.add(start_, nullptr).first);
  for (std::size_t i = 0; i != options_.workers; ++i)
    workers_.spawn(asio::make_strand(executor_), work());

  const crawl_end end = co_await until_over(options_.crawl_timeout);
  frontier_.close(); // ends the workers that wait for a page
  frontier_.clear();
  if (end == crawl_end::interrupted)
    co_await workers_.async_join(options_.grace, as_tuple_awaitable);
  cut_.set();        // ends the pauses between requests
  workers_.cancel(); // ends the others
  co_await workers_.async_join(time_to_end, as_tuple_awaitable);
  if (const auto failure = workers_.failure())
    std::rethrow_exception(failure);
  co_return end;
}

void crawler::stop()
{
  stop_.set();
  cut_.set(); // pages that wait for a turn take it, too late
}

std::size_t crawler::waiting() const
{
  return frontier_.size() + rounds_.size();
}

std::size_t crawler::in_flight() const
{
  return fetcher_.requests().size();
}

std::string crawler::oldest_in_flight() const
{
  return fetcher_.requests().oldest();
}

std::size_t crawler::retrying() const
{
  return fetcher_.retrying();
}

bool crawler::is_stuck() const
{
  return workers_.size() != 0 || fetcher_.is_looking_up();
}

const page_table& crawler::pages() const
{
  return pages_;
}

asio::awaitable<void> crawler::work()
{
  const request_limits limits{options_.connect_timeout, options_.read_timeout};
  http_client client(co_await asio::this_coro::executor, limits, options_.tls);
  try
  {
    for (;;)
    {
      const auto [closed, next] =
          co_await frontier_.async_get(as_tuple_awaitable);
      if (closed)
        co_return;
      if (pages_.claim(*next)) // else a redirect has led here before
        co_await visit_chain(*next, client);
      frontier_.task_done();
    }
  }
  catch (...)
  {
    stop_.set(); // the group cancels the other workers
    throw;
  }
}

// The join is the barrier between the rounds.
asio::awaitable<boost::system::error_code>
crawler::until_all_visited(toro::deadline deadline)
{
  for (;;)
  {
    const auto [too_late] =
        co_await frontier_.async_join(deadline, as_tuple_awaitable);
    if (too_late)
      co_return too_late;
    const auto round = rounds_.next();
    if (round.empty())
      co_return too_late;
    for (page* each : round)
      (void)frontier_.try_put(std::move(each));
  }
}

asio::awaitable<crawl_end> crawler::until_over(toro::deadline deadline)
{
  const auto ex = co_await asio::this_coro::executor;
  const auto [first, stopped, failure, too_late] =
      co_await toro::async_first_of(
          stop_.async_wait(asio::deferred),
          co_spawn(ex, until_all_visited(deadline), asio::deferred),
          asio::use_awaitable);
  if (first == 0)
    co_return crawl_end::interrupted;
  if (failure)
    std::rethrow_exception(failure);
  if (too_late)
    co_return crawl_end::out_of_time;
  co_return crawl_end::complete;
}

} // namespace spider
