// SPDX-License-Identifier: BSL-1.0
// Room, subscriptions and readers, destroyed before and after the primitive
// that they are of, and before and after its context.
#include <toro/broadcast.hpp>
#include <toro/delay_queue.hpp>
#include <toro/queue.hpp>
#include <toro/room.hpp>
#include <toro/watch.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "robustness/lifetime/counting_handler.hpp"
#include "support/case_template.hpp"
#include "support/manual_clock.hpp"
#include "support/world.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(parts)

namespace {

// The items count themselves, so that one that is left or destroyed twice
// shows.
using shared_item = std::shared_ptr<int>;

// What ends.
enum class actor
{
  primitive,
  context,
  part
};

// Where the operation is when that begins.
enum class progress
{
  waiting,
  granted,  // its delivery is on its way
  elsewhere // the same, to a context of its own
};

// Calls a function with every order, for every progress, and whether handlers
// run in between.
template <class Function>
void for_each_order(Function function)
{
  for (progress how_far :
       {progress::waiting, progress::granted, progress::elsewhere})
  {
    for (bool runs_in_between : {false, true})
    {
      std::array<actor, 3> order = {actor::primitive, actor::context,
                                    actor::part};
      do
      {
        BOOST_TEST_INFO_SCOPE("first "
                              << static_cast<int>(order[0]) << ", then "
                              << static_cast<int>(order[1]) << ", progress "
                              << static_cast<int>(how_far));
        function(order, how_far, runs_in_between);
      } while (std::next_permutation(order.begin(), order.end()));
    }
  }
}

// The context of a primitive, and another one for handlers.
class two_contexts
{
public:
  two_contexts()
  {
    clock.install(*here_);
  }

  asio::io_context& here()
  {
    return *here_;
  }

  asio::any_io_executor executor_of(progress how_far)
  {
    return how_far == progress::elsewhere ? there_.get_executor()
                                          : here_->get_executor();
  }

  void turn()
  {
    for (asio::io_context* io : {here_ ? &*here_ : nullptr, &there_})
    {
      if (!io)
        continue;
      io->restart();
      io->poll();
    }
  }

  void end()
  {
    here_.reset();
  }

  manual_clock clock;

private:
  asio::io_context there_;
  std::optional<asio::io_context> here_ =
      std::optional<asio::io_context>(std::in_place);
};

} // namespace

TORO_TEST_CASE_TEMPLATE(subscription_ends_in_every_order, Threading, policies)
{
  const auto item = std::make_shared<int>(1);
  for_each_order(
      [&](const std::array<actor, 3>& order, progress how_far,
          bool runs_in_between)
      {
        end_count get;
        end_count put;
        two_contexts contexts;
        {
          using broadcast_type =
              toro::basic_broadcast<shared_item, any_executor, Threading>;
          std::optional<broadcast_type> room(std::in_place, contexts.here(), 1,
                                             toro::overflow::wait);
          std::optional client(room->subscribe());
          std::optional slow(room->subscribe());
          if (how_far == progress::waiting)
          {
            // The slow one leaves no room for the put.
            BOOST_TEST(room->try_put(item));
            BOOST_TEST(client->try_get().has_value());
          }
          client->async_get(asio::bind_executor(contexts.executor_of(how_far),
                                                counting_handler(get)));
          room->async_put(item, counting_handler(put));
          for (actor who : order)
          {
            if (who == actor::primitive)
              room.reset();
            else if (who == actor::part)
            {
              client.reset();
              slow.reset();
            }
            else
              contexts.end();
            if (runs_in_between)
              contexts.turn();
          }
          contexts.turn();
        }
        BOOST_TEST(get.is_over());
        BOOST_TEST(put.is_over());
        BOOST_TEST(item.use_count() == 1);
      });
}

TORO_TEST_CASE_TEMPLATE(reader_ends_in_every_order, Threading, policies)
{
  const auto item = std::make_shared<int>(1);
  for_each_order(
      [&](const std::array<actor, 3>& order, progress how_far,
          bool runs_in_between)
      {
        end_count next;
        two_contexts contexts;
        {
          using watch_type =
              toro::basic_watch<shared_item, any_executor, Threading>;
          std::optional<watch_type> watch(std::in_place, contexts.here(), item);
          std::optional reader(watch->read());
          reader->async_next(asio::bind_executor(contexts.executor_of(how_far),
                                                 counting_handler(next)));
          if (how_far != progress::waiting)
            watch->set(item);
          for (actor who : order)
          {
            if (who == actor::primitive)
              watch.reset();
            else if (who == actor::part)
              reader.reset();
            else
              contexts.end();
            if (runs_in_between)
              contexts.turn();
            if (reader)
              BOOST_TEST(reader->get() == item);
          }
          contexts.turn();
        }
        BOOST_TEST(next.is_over());
        BOOST_TEST(item.use_count() == 1);
      });
}

TORO_TEST_CASE_TEMPLATE(room_ends_in_every_order, Threading, policies)
{
  const auto item = std::make_shared<int>(1);
  for (bool is_used : {false, true})
  {
    for_each_order(
        [&](const std::array<actor, 3>& order, progress how_far,
            bool runs_in_between)
        {
          end_count get;
          end_count put;
          two_contexts contexts;
          {
            using queue_type =
                toro::basic_queue<shared_item, any_executor, Threading>;
            std::optional<queue_type> queue(std::in_place, contexts.here(), 1);
            std::optional room(queue->try_reserve());
            BOOST_TEST(static_cast<bool>(*room));
            queue->async_get(asio::bind_executor(contexts.executor_of(how_far),
                                                 counting_handler(get)));
            queue->async_put(item, counting_handler(put));
            if (how_far != progress::waiting)
            {
              // The put is admitted, and its item granted to the get.
              room->reset();
              room = queue->try_reserve();
            }
            for (actor who : order)
            {
              if (who == actor::primitive)
                queue.reset();
              else if (who == actor::context)
                contexts.end();
              else if (is_used && *room)
                std::move(*room).put(item);
              else
                room.reset();
              if (runs_in_between)
                contexts.turn();
            }
            room.reset();
            contexts.turn();
          }
          BOOST_TEST(get.is_over());
          BOOST_TEST(put.is_over());
          BOOST_TEST(item.use_count() == 1);
        });
  }
}

// The other subscription has its get served, and the put has room at once.
TORO_TEST_CASE_TEMPLATE(subscription_ends_while_a_delivery_is_on_its_way,
                        Threading, policies)
{
  world w;
  toro::basic_broadcast<int, any_executor, Threading> room(
      w.context(), 1, toro::overflow::wait);
  std::optional first(room.subscribe());
  auto second = room.subscribe();
  first->async_get(w.on("1st"));
  second.async_get(w.on("2nd"));
  BOOST_TEST(room.try_put(1));
  BOOST_TEST(room.try_put(2));
  room.async_put(3, w.on("put"));
  BOOST_TEST(room.putters() == 1u);
  first.reset();
  BOOST_TEST(room.putters() == 1u);
  BOOST_TEST(w.poll() == "1st:AB 2nd=1");
  BOOST_TEST(second.try_get().value() == 2);
  BOOST_TEST(w.poll() == "put");
  BOOST_TEST(second.try_get().value() == 3);
  BOOST_TEST(room.size() == 0u);
}

TORO_TEST_CASE_TEMPLATE(reader_moves_while_it_waits, Threading, policies)
{
  world w;
  toro::basic_watch<int, any_executor, Threading> watch(w.context(), 1);
  auto reader = watch.read();
  auto other = watch.read();
  reader.async_next(w.on("1st"));
  other.async_next(w.on("2nd"));
  auto moved = std::move(reader);
  // The waits of what is assigned to end.
  other = std::move(moved);
  BOOST_TEST(w.poll() == "2nd:AB");
  watch.set(2);
  // Also between the grant and the handler.
  reader = std::move(other);
  BOOST_TEST(w.poll() == "1st=2");
  BOOST_TEST(!reader.has_news());
}

TORO_TEST_CASE_TEMPLATE(delay_queue_ends_with_an_alarm_set, Threading, policies)
{
  const auto item = std::make_shared<int>(1);
  for (bool is_due : {false, true})
  {
    for (bool queue_first : {false, true})
    {
      end_count get;
      two_contexts contexts;
      {
        std::optional<
            toro::basic_delay_queue<shared_item, any_executor, Threading>>
            queue(std::in_place, contexts.here());
        const toro::delay_key key = queue->put(item, 1s);
        queue->async_get(counting_handler(get));
        contexts.turn();
        BOOST_TEST(contexts.clock.pending() == 1u);
        if (is_due)
          contexts.clock.advance(1s);
        if (queue_first)
          queue.reset();
        contexts.end();
        BOOST_TEST(get.drops == 1);
        if (!queue)
          continue;
        BOOST_TEST(queue->size() == 1u);
        BOOST_TEST(queue->erase(key));
        BOOST_TEST(item.use_count() == 1);
        queue->put(item, 1s);
        queue->async_get(counting_handler(get));
        BOOST_TEST(get.drops == 2);
      }
      BOOST_TEST(item.use_count() == 1);
      BOOST_TEST(contexts.clock.alarms() == 0u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
