// SPDX-License-Identifier: BSL-1.0
// Threads put and get items whose moves throw now and then.
#include <toro/first_of.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(throwing_moves)

namespace {

namespace asio = boost::asio;

class move_failed : public std::exception
{
};

bool one_in(std::size_t n)
{
  thread_local std::minstd_rand random(
      static_cast<std::minstd_rand::result_type>(
          std::hash<std::thread::id>()(std::this_thread::get_id())));
  return random() / 7 % n == 0;
}

// Can be in one place only, and is written to where it goes.
class throwing_item
{
public:
  explicit throwing_item(std::size_t number)
    : number_(std::make_unique<std::size_t>(number))
  {
  }

  throwing_item(throwing_item&& other)
    : number_(std::move(other.about_to_move().number_))
  {
  }

  std::size_t take()
  {
    return *std::exchange(number_, nullptr);
  }

  friend bool operator<(const throwing_item& a, const throwing_item& b)
  {
    return *a.number_ < *b.number_;
  }

private:
  throwing_item& about_to_move()
  {
    ++*number_;
    --*number_;
    if (one_in(4))
      throw move_failed();
    return *this;
  }

  std::unique_ptr<std::size_t> number_;
};

template <class Function>
void persist(Function function)
{
  for (;;)
  {
    try
    {
      return function();
    }
    catch (const move_failed&)
    {
    }
  }
}

template <class Queue>
class exchange
{
public:
  exchange()
    : queue_(io_, 4),
      times_got_(2 * count_)
  {
  }

  void run()
  {
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n != 2; ++n)
    {
      threads.emplace_back(
          [this]
          {
            persist(
                [this]
                {
                  io_.run();
                });
          });
      threads.emplace_back(
          [this, n]
          {
            for (std::size_t i = 0; i != count_; ++i)
              put(2 * i + n);
          });
      threads.emplace_back(
          [this]
          {
            consume();
          });
    }
    while (left_ != 0)
    {
      queue_.cancel();
      std::this_thread::yield();
    }
    queue_.close();
    work_.reset();
    for (std::thread& t : threads)
      t.join();
    BOOST_TEST(queue_.unfinished() == 2 * count_);
    BOOST_TEST(queue_.size() == 0u);
    BOOST_TEST(queue_.waiters() == 0u);
    for (const auto& times : times_got_)
      BOOST_TEST_REQUIRE(times == 1u);
  }

private:
  // Counts the gets that are under way.
  class get_handler
  {
  public:
    explicit get_handler(exchange& all)
      : all_(&all)
    {
      ++all_->gets_;
    }

    get_handler(get_handler&& other) noexcept
      : all_(std::exchange(other.all_, nullptr))
    {
    }

    ~get_handler()
    {
      if (all_)
        --all_->gets_;
    }

    // Moves no item.
    void operator()(error_code ec, auto&& item)
    {
      if (!ec)
        all_->note(item->take());
    }

    // Of two gets one takes effect at most.
    void operator()(std::size_t, error_code first, auto&& item,
                    error_code second, auto&& other)
    {
      (*this)(first, item);
      (*this)(second, other);
    }

  private:
    exchange* all_;
  };

  void put(std::size_t number)
  {
    persist(
        [&]
        {
          if (one_in(2) && queue_.try_put(throwing_item(number)))
            return;
          queue_.async_put(throwing_item(number),
                           [this, number](error_code ec)
                           {
                             // Somebody cancels all the time.
                             if (ec)
                               put(number);
                           });
        });
  }

  void consume()
  {
    while (left_ != 0)
    {
      if (one_in(2))
      {
        if (gets_ < 8)
          get();
        continue;
      }
      try
      {
        // One move, into what is here.
        if (auto got = queue_.try_get())
          note(got->take());
      }
      catch (const move_failed&)
      {
      }
    }
  }

  void get()
  {
    if (one_in(2))
      queue_.async_get(get_handler(*this));
    else
      async_first_of(queue_.async_get(asio::deferred),
                     queue_.async_get(asio::deferred), get_handler(*this));
  }

  void note(std::size_t number)
  {
    expect(++times_got_[number] == 1, "an item was got twice");
    --left_;
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ =
      asio::make_work_guard(io_);
  Queue queue_;
  std::size_t count_ = rounds(1000);
  std::vector<std::atomic<unsigned>> times_got_;
  std::atomic<std::size_t> left_ = 2 * count_;
  std::atomic<std::size_t> gets_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(queue_loses_no_item_whose_move_throws)
{
  exchange<toro::queue<throwing_item>>().run();
}

BOOST_AUTO_TEST_CASE(lifo_queue_loses_no_item_whose_move_throws)
{
  exchange<toro::lifo_queue<throwing_item>>().run();
}

BOOST_AUTO_TEST_CASE(priority_queue_loses_no_item_whose_move_throws)
{
  exchange<toro::priority_queue<throwing_item>>().run();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
