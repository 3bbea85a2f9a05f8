// SPDX-License-Identifier: BSL-1.0
#include <toro/task_group.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "row.hpp"

namespace {

namespace asio = boost::asio;
using namespace growth;

asio::awaitable<void> returns()
{
  co_return;
}

// Children that run until they are destroyed.
std::vector<std::shared_ptr<void>> children_of(toro::task_group& group,
                                               std::size_t n)
{
  std::vector<std::shared_ptr<void>> children;
  const auto token = group.child();
  while (children.size() != n)
    asio::async_initiate<decltype(token), void()>(
        [&](auto handler)
        {
          children.push_back(
              std::make_shared<decltype(handler)>(std::move(handler)));
        },
        token);
  return children;
}

void task_among_many(std::size_t n)
{
  asio::io_context context;
  toro::task_group group(context);
  const auto others = children_of(group, n);
  counted(
      [&]
      {
        asio::post(context, group.child());
        context.poll();
      });
}

void tasks_that_come_and_go(std::size_t n)
{
  asio::io_context context;
  toro::task_group group(context);
  counted(
      [&]
      {
        for (std::size_t i = 0; i < n; ++i)
        {
          group.spawn(returns());
          context.poll();
        }
      });
}

void wait_for_places(std::size_t n)
{
  asio::io_context context;
  toro::task_group group(context, {.limit = 1});
  counted(
      [&]
      {
        for (std::size_t i = 0; i < n; ++i)
          group.async_spawn(returns, ignore);
        context.poll();
      });
}

void first_failure(std::size_t n)
{
  asio::io_context context;
  toro::task_group group(context);
  const auto others = children_of(group, n);
  const auto token = group.child();
  counted(
      [&]
      {
        asio::async_initiate<decltype(token), void(std::exception_ptr)>(
            [](auto handler)
            {
              std::move(handler)(std::make_exception_ptr(0));
            },
            token);
        context.poll();
      });
}

const rows of_task_group{
    {"task_group: a child beside others", once, task_among_many},
    {"task_group: children that come and go", n_times, tasks_that_come_and_go},
    {"task_group: children that wait for a place", n_times, wait_for_places},
    {"task_group: the first failure", n_times, first_failure}};

} // namespace
