// SPDX-License-Identifier: BSL-1.0
#include <toro/broadcast.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <thread>

#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(broadcast_items)

namespace {

namespace asio = boost::asio;

// An item with memory of its own, so that a race on it shows.
std::string text_of(std::size_t number)
{
  return "item number " + std::to_string(number);
}

std::size_t number_in(const std::string& text)
{
  return static_cast<std::size_t>(std::stoul(text.substr(12)));
}

// A subscription that is read on a strand of its own. Its gets are cancelled
// now and then.
class client
{
public:
  client(asio::io_context& context, toro::broadcast<std::string>& room,
         std::size_t number)
    : worker_(asio::make_strand(context), number),
      subscription_(room.subscribe())
  {
    asio::post(worker_.strand(),
               [this]
               {
                 get();
               });
  }

  std::size_t got() const
  {
    return got_;
  }

  std::size_t lost()
  {
    return subscription_.lost();
  }

private:
  void get()
  {
    signal_ = std::make_shared<asio::cancellation_signal>();
    subscription_.async_get(asio::bind_cancellation_slot(
        signal_->slot(),
        asio::bind_executor(worker_.strand(),
                            [this](error_code ec, std::string text)
                            {
                              end_get(ec, text);
                            })));
    if (worker_.one_in(3))
      worker_.emit_soon(signal_);
  }

  void end_get(error_code ec, const std::string& text)
  {
    count_race();
    if (ec == toro::error::closed)
      return;
    if (!ec)
    {
      const std::size_t number = number_in(text);
      expect(number >= next_, "items come in order");
      next_ = number + 1;
      ++got_;
    }
    get();
  }

  worker worker_;
  toro::subscription<std::string> subscription_;
  std::shared_ptr<asio::cancellation_signal> signal_;
  std::size_t next_ = 0;
  std::size_t got_ = 0;
};

// Subscriptions that come and go.
void come_and_go(toro::broadcast<std::string>& room,
                 const std::atomic<bool>& over)
{
  while (!over)
  {
    auto guest = room.subscribe();
    guest.async_get([](error_code, std::string) {});
    while (guest.try_get())
    {
    }
    guest.skip_to_newest();
    std::this_thread::yield();
  }
}

void test_clients(toro::overflow rule)
{
  const std::size_t count = rounds(2000);
  asio::io_context context(4);
  toro::broadcast<std::string> room(context, 8, rule, 2);
  std::array<client, 4> clients{
      client(context, room, 0), client(context, room, 1),
      client(context, room, 2), client(context, room, 3)};
  std::atomic<bool> over = false;
  std::size_t put = 0;
  context_threads runners(context);
  std::thread guests(
      [&]
      {
        come_and_go(room, over);
      });
  for (std::size_t i = 0; i != count;)
  {
    if (room.try_put(text_of(i)))
    {
      ++put;
      ++i;
    }
    else if (rule == toro::overflow::drop_newest)
      ++i;
    else
      std::this_thread::yield();
  }
  over = true;
  guests.join();
  room.close();
  runners.join();
  for (client& c : clients)
    BOOST_TEST(c.got() + c.lost() == put);
  BOOST_TEST(room.size() <= 2u);
  report_failures();
}

} // namespace

// Each client gets each item or loses it, whatever else goes on.
BOOST_AUTO_TEST_CASE(no_item_is_lost_uncounted)
{
  for (const toro::overflow rule :
       {toro::overflow::drop_oldest, toro::overflow::drop_newest,
        toro::overflow::wait})
    test_clients(rule);
}

// Puts that wait for the slowest, in two threads, and are cancelled: what
// succeeded has been got.
BOOST_AUTO_TEST_CASE(withdrawn_items_are_got_by_nobody)
{
  const std::size_t count = rounds(500);
  asio::io_context context(4);
  toro::broadcast<std::string> room(context, 2, toro::overflow::wait);
  std::array<client, 3> clients{client(context, room, 0),
                                client(context, room, 1),
                                client(context, room, 2)};
  std::atomic<std::size_t> put = 0;
  std::size_t next = 0;
  worker producer(asio::make_strand(context), 7);
  const std::function<void()> put_next = [&]
  {
    if (next == count)
    {
      room.close();
      return;
    }
    const auto signal = std::make_shared<asio::cancellation_signal>();
    room.async_put(
        text_of(next++),
        asio::bind_cancellation_slot(
            signal->slot(), asio::bind_executor(producer.strand(),
                                                [&, signal](error_code ec)
                                                {
                                                  put += !ec;
                                                  count_race();
                                                  put_next();
                                                })));
    if (producer.one_in(2))
      producer.emit_soon(signal);
  };
  asio::post(producer.strand(), put_next);
  context_threads runners(context);
  runners.join();
  for (client& c : clients)
    BOOST_TEST(c.got() + c.lost() == put);
  report_failures();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
