// SPDX-License-Identifier: BSL-1.0

// How a crawl runs: its beginning, its workers and its end. What a worker does
// with a page is in crawler_visit.cpp.

#include "crawler.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace spider {

using asio::experimental::awaitable_operators::operator||;

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
    ended_workers_(ex, 0),
    fetcher_(ex, options_, site_, stop_, cut_)
{
}

asio::awaitable<crawl_end> crawler::run()
{
  (void)frontier_.try_put(pages_.add(start_, nullptr).first);
  for (std::size_t i = 0; i != options_.workers; ++i)
    start_worker();

  const crawl_end end = co_await until_over(options_.crawl_timeout);
  frontier_.close(); // ends the workers that wait for a page
  discard_waiting();
  if (end == crawl_end::interrupted)
    co_await until_workers_end(options_.grace);
  cut_.set(); // ends the others
  workers_ended_ = co_await until_workers_end(time_to_end);
  rethrow_failure();
  co_return end;
}

void crawler::stop()
{
  stop_.set();
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
  return !workers_ended_ || fetcher_.is_looking_up();
}

const page_table& crawler::pages() const
{
  return pages_;
}

void crawler::start_worker()
{
  co_spawn(asio::make_strand(executor_), work(),
           [this](std::exception_ptr error)
           {
             if (error)
               fail(error);
             ended_workers_.release();
           });
}

asio::awaitable<void> crawler::work()
{
  const request_limits limits{options_.connect_timeout, options_.read_timeout};
  http_client client(co_await asio::this_coro::executor, limits, options_.tls);
  while (!cut_.is_set())
  {
    const auto [closed, next] =
        co_await frontier_.async_get(as_tuple_awaitable);
    if (closed)
      co_return;
    co_await (visit_or_fail(*next, client) ||
              cut_.async_wait(asio::use_awaitable));
    frontier_.task_done();
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
  const auto over = co_await (until_all_visited(deadline) ||
                              stop_.async_wait(asio::use_awaitable));
  if (over.index() == 1)
    co_return crawl_end::interrupted;
  if (std::get<0>(over))
    co_return crawl_end::out_of_time;
  co_return crawl_end::complete;
}

asio::awaitable<bool> crawler::until_workers_end(toro::deadline deadline)
{
  const auto [too_late, all] = co_await ended_workers_.async_acquire(
      options_.workers, deadline, as_tuple_awaitable);
  co_return !too_late;
}

void crawler::discard_waiting()
{
  while (frontier_.try_get())
    frontier_.task_done();
}

void crawler::fail(std::exception_ptr error)
{
  const std::scoped_lock guard(failure_mutex_);
  if (!failure_)
    failure_ = error;
  stop_.set();
  cut_.set();
}

void crawler::rethrow_failure()
{
  const std::scoped_lock guard(failure_mutex_);
  if (failure_)
    std::rethrow_exception(failure_);
}

} // namespace spider
