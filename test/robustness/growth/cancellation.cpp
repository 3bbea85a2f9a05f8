// SPDX-License-Identifier: BSL-1.0
#include <toro/cancellation_source.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <vector>

#include "row.hpp"

namespace {

namespace asio = boost::asio;
using namespace growth;

void start(asio::io_context& context, const toro::cancellation_source& source)
{
  asio::post(context, toro::bind_cancellation(source, ignore));
}

void one_among_many(std::size_t n)
{
  asio::io_context context;
  const toro::cancellation_source source(context);
  std::size_t left = n;
  while (left-- != 0)
    start(context, source);
  counted(
      [&]
      {
        start(context, source);
        context.run_one();
      });
}

void come_and_go(std::size_t n)
{
  asio::io_context context;
  const toro::cancellation_source source(context);
  counted(
      [&]
      {
        for (std::size_t i = 0; i < n; ++i)
        {
          start(context, source);
          context.poll();
        }
      });
}

void children_come_and_go(std::size_t n)
{
  asio::io_context context;
  const toro::cancellation_source source(context);
  counted(
      [&]
      {
        for (std::size_t i = 0; i < n; ++i)
        {
          const auto child = source.child();
          start(context, child);
          context.poll();
        }
      });
}

void child_among_many(std::size_t n)
{
  asio::io_context context;
  const toro::cancellation_source source(context);
  std::vector<toro::cancellation_source> all;
  for (std::size_t i = 0; i < n; ++i)
    all.push_back(source.child());
  counted(
      [&]
      {
        auto child = source.child();
        start(context, child);
        context.poll();
      });
}

void cancel_of_all(std::size_t n)
{
  asio::io_context context;
  toro::cancellation_source source(context);
  for (std::size_t i = 0; i < n; ++i)
    start(context, source);
  counted(
      [&]
      {
        source.cancel();
        context.poll();
      });
}

void cancel_of_children(std::size_t n)
{
  asio::io_context context;
  toro::cancellation_source source(context);
  std::vector<toro::cancellation_source> all;
  for (std::size_t i = 0; i < n; ++i)
    all.push_back(source.child());
  counted(
      [&]
      {
        source.cancel();
      });
}

const rows of_cancellation{
    {"cancellation_source: an operation beside others", once, one_among_many},
    {"cancellation_source: operations that come and go", n_times, come_and_go},
    {"cancellation_source: children that come and go", n_times,
     children_come_and_go},
    {"cancellation_source: a child beside others", once, child_among_many},
    {"cancellation_source: cancel() of all operations", n_times, cancel_of_all},
    {"cancellation_source: cancel() of all children", n_times,
     cancel_of_children}};

} // namespace
