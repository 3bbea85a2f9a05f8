// SPDX-License-Identifier: BSL-1.0

// A server that works through a pipeline: parse, compute, record.
//
//   POST /     a number up to a million; answers how many steps its Collatz
//              sequence takes
//   POST /job  the same, answered as soon as the job is in the pipeline
//   /pause     stops the computations, for trying out what a full one does
//   /resume    restarts them

#include <toro/async_result.hpp>
#include <toro/event.hpp>

#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "../service/service.hpp"
#include "promise.hpp"
#include "stage.hpp"

namespace {

namespace asio = boost::asio;
using recipes::error_code;
using recipes::text_response;
using recipes::http::status;
using std::chrono::milliseconds;

struct pipeline_options
{
  std::size_t capacity = 16; // of each stage
  std::size_t workers = 2;   // of each stage but the last
  milliseconds room{1000};   // until there is room for a job
  milliseconds finish{10'000};
};

recipes::options::options_description describe(pipeline_options& to)
{
  using recipes::stored_in;
  recipes::options::options_description own("Of the pipeline");
  own.add_options()                                                    //
      ("capacity", stored_in(to.capacity), "of each stage")            //
      ("workers", stored_in(to.workers), "of each stage but the last") //
      ("room", stored_in(to.room), "until there is room for a job")    //
      ("finish", stored_in(to.finish), "for what is in the pipeline");
  return own;
}

struct job
{
  std::string text;
  recipes::promise<std::size_t> reply;
  std::uint64_t number = 0;
  std::size_t steps = 0;
};

// No sequence that starts below leaves 64 bits.
constexpr std::uint64_t max_number = 1'000'000;

std::size_t collatz_steps(std::uint64_t number)
{
  std::size_t steps = 0;
  for (; number > 1; ++steps)
    number = number % 2 == 0 ? number / 2 : 3 * number + 1;
  return steps;
}

class pipeline
{
public:
  pipeline(asio::any_io_executor io, asio::any_io_executor computing,
           const pipeline_options& chosen)
    : running_(io),
      record_(io, "record", chosen.capacity, 1,
              [this](job done)
              {
                return record(std::move(done));
              }),
      compute_(computing, "compute", chosen.capacity, chosen.workers,
               [this](job next)
               {
                 return compute(std::move(next));
               }),
      parse_(io, "parse", chosen.capacity, chosen.workers,
             [this](job next)
             {
               return parse(std::move(next));
             })
  {
    running_.set_name("running");
    running_.set();
  }

  asio::awaitable<error_code> put(job next, toro::deadline limit)
  {
    auto ec = co_await parse_.put(std::move(next), limit);
    if (!ec)
      ++accepted_;
    co_return ec;
  }

  void pause()
  {
    running_.clear();
  }

  void resume()
  {
    running_.set();
  }

  // Order: from the first stage to the last, so that no worker finds the next
  // stage closed.
  asio::awaitable<void> close(std::chrono::steady_clock::time_point limit)
  {
    for (auto* next : {&parse_, &compute_, &record_})
      co_await next->close(limit);
  }

  std::size_t accepted() const noexcept
  {
    return accepted_;
  }

  std::size_t done() const noexcept
  {
    return done_;
  }

private:
  asio::awaitable<void> parse(job next)
  {
    const auto& text = next.text;
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), next.number);
    if (read.ec == std::errc() && next.number != 0 && next.number <= max_number)
    {
      co_await compute_.put(std::move(next));
      co_return;
    }
    ++done_;
    next.reply.break_off(asio::error::invalid_argument);
  }

  asio::awaitable<void> compute(job next)
  {
    co_await running_.async_wait(asio::use_awaitable);
    next.steps = collatz_steps(next.number);
    co_await record_.put(std::move(next));
  }

  asio::awaitable<void> record(job next)
  {
    ++done_;
    next.reply.keep(next.steps);
    co_return;
  }

  std::atomic<std::size_t> accepted_ = 0;
  std::atomic<std::size_t> done_ = 0;
  toro::event running_;
  recipes::stage<job> record_;
  recipes::stage<job> compute_;
  recipes::stage<job> parse_;
};

asio::awaitable<recipes::response> do_job(const recipes::request& asked,
                                          pipeline& jobs, milliseconds room)
{
  const auto ex = co_await asio::this_coro::executor;
  const auto steps = std::make_shared<toro::async_result<std::size_t>>(ex);
  job next{asked.body(), recipes::promise(steps)};
  const error_code ec = co_await jobs.put(std::move(next), room);
  if (ec)
    co_return text_response(status::service_unavailable, ec.message() + '\n');
  if (asked.target() == "/job")
    co_return text_response(status::accepted, "");
  const auto [failure, count] = co_await steps->async_get(recipes::as_result);
  if (failure)
    co_return text_response(status::bad_request, failure.message() + '\n');
  co_return text_response(status::ok, std::to_string(count) + '\n');
}

asio::awaitable<recipes::response> answer(const recipes::request& asked,
                                          pipeline& jobs, milliseconds room)
{
  if (asked.method() == recipes::http::verb::post)
  {
    auto reply = co_await do_job(asked, jobs, room);
    co_return reply;
  }
  if (asked.target() == "/pause")
    jobs.pause();
  else if (asked.target() == "/resume")
    jobs.resume();
  co_return text_response(status::ok, "");
}

} // namespace

int main(int argc, char** argv)
{
  pipeline_options own;
  const auto chosen = recipes::parse_command_line(argc, argv, describe(own));
  asio::io_context context;
  asio::thread_pool computing(own.workers);
  pipeline jobs(context.get_executor(), computing.get_executor(), own);
  recipes::run_service(
      context, chosen,
      [&](const recipes::request& asked)
      {
        return answer(asked, jobs, own.room);
      },
      [&]
      {
        return jobs.close(std::chrono::steady_clock::now() + own.finish);
      },
      &computing);
  std::cout << "accepted " << jobs.accepted() << ", done " << jobs.done()
            << std::endl;
}
