// SPDX-License-Identifier: BSL-1.0
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/threading.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/asio/any_io_executor.hpp>

#include "model/differential/one_by_one.hpp"
#include "model/differential/subject.hpp"

namespace toro_test {

namespace {

using boost::asio::any_io_executor;
using boost::system::error_code;

// Items have equal priority where they differ in units only.
struct by_priority
{
  bool operator()(int a, int b) const
  {
    return a / 10 < b / 10;
  }
};

// The weight of an item.
struct one
{
  std::size_t operator()(int) const
  {
    return 1;
  }
};

template <class Queue>
class queue_subject final : public subject
{
public:
  queue_subject(const object& what, boost::asio::io_context& context)
    : is_joinable_(what.kind.starts_with("joinable")),
      queue_(one_by_one(context), what.size.value())
  {
  }

  std::string call(const step& s) override
  {
    if (s.verb == "try_put")
      return queue_.try_put(int(s.value)) ? "ok" : "full";
    if (s.verb == "try_get")
    {
      const std::optional<int> item = queue_.try_get();
      return item ? std::to_string(*item) : "empty";
    }
    if (s.verb == "close")
      return std::to_string(queue_.close());
    if (s.verb != "task_done")
      refuse(s);
    error_code ec;
    queue_.task_done(ec);
    return word_of(ec);
  }

  void start(const step& s, toro::deadline limit, completion done) override
  {
    if (s.verb == "put")
      queue_.async_put(s.value, limit, std::move(done));
    else if (s.verb == "get")
      queue_.async_get(limit, std::move(done));
    else if (s.verb == "next")
      queue_.async_next(limit, std::move(done));
    else if (s.verb == "join")
      queue_.async_join(limit, std::move(done));
    else
      refuse(s);
  }

  std::vector<std::size_t> state() const override
  {
    std::vector<std::size_t> parts = {queue_.size(),    queue_.empty(),
                                      queue_.full(),    queue_.is_open(),
                                      queue_.getters(), queue_.putters()};
    if constexpr (requires { queue_.weight(); })
      parts.push_back(queue_.weight());
    if (is_joinable_)
    {
      parts.push_back(queue_.unfinished());
      parts.push_back(queue_.waiters() - queue_.getters() - queue_.putters());
    }
    return parts;
  }

private:
  bool is_joinable_;
  Queue queue_;
};

template <class Threading>
std::unique_ptr<subject> make_queue(const object& what,
                                    boost::asio::io_context& context)
{
  using fifo = toro::basic_queue<int, any_io_executor, Threading>;
  using lifo = toro::basic_lifo_queue<int, any_io_executor, Threading>;
  using priority =
      toro::basic_priority_queue<int, by_priority, any_io_executor, Threading>;
  using weighted =
      toro::basic_weighted_queue<int, one, any_io_executor, Threading>;

  if (what.kind == "queue" || what.kind == "joinable")
    return std::make_unique<queue_subject<fifo>>(what, context);
  if (what.kind.ends_with("lifo"))
    return std::make_unique<queue_subject<lifo>>(what, context);
  if (what.kind.ends_with("priority"))
    return std::make_unique<queue_subject<priority>>(what, context);
  if (what.kind.ends_with("weighted"))
    return std::make_unique<queue_subject<weighted>>(what, context);
  return nullptr;
}

} // namespace

std::unique_ptr<subject> make_queue(const object& what, threading policy,
                                    boost::asio::io_context& context)
{
  return policy == threading::thread_safe
             ? make_queue<toro::thread_safe>(what, context)
             : make_queue<toro::strand_bound>(what, context);
}

} // namespace toro_test
