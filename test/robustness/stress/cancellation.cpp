// SPDX-License-Identifier: BSL-1.0
#include <toro/cancellation_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>

#include "runners.hpp"
#include "worker_threads.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(cancellation)

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using types = asio::cancellation_type_t;
using local = asio::local::stream_protocol;

// An operation that completes in any thread of a context that no strand
// serializes, and notices an emission that overlaps or follows its handler's
// call.
class bare_operation
{
public:
  explicit bare_operation(asio::io_context& context)
    : context_(&context)
  {
  }

  template <class Token>
  auto async_run(Token&& token)
  {
    return asio::async_initiate<Token, void()>(
        [self = this](auto handler)
        {
          auto slot = asio::get_associated_cancellation_slot(handler);
          slot.assign(
              [self](types)
              {
                self->note_emission();
              });
          asio::post(*self->context_,
                     [handler = std::move(handler)]() mutable
                     {
                       std::move(handler)();
                     });
        },
        token);
  }

  auto handler(pending& all)
  {
    return [this, call = one_call(all)]() mutable
    {
      expect(emitting_ == 0, "an emission overlapped the handler's call");
      called_ = true;
      call();
    };
  }

private:
  void note_emission()
  {
    ++emitting_;
    std::this_thread::yield();
    expect(!called_, "an emission followed the handler's call");
    --emitting_;
  }

  asio::io_context* context_;
  std::atomic<int> emitting_ = 0;
  std::atomic<bool> called_ = false;
};

} // namespace

BOOST_AUTO_TEST_CASE(foreign_cancels_race_with_timers_and_sockets)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(300);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      toro::cancellation_source parent(all.context);
      const toro::cancellation_source source = parent.child();
      const auto strand = asio::make_strand(all.context);
      std::array<asio::steady_timer, 4> timers{
          asio::steady_timer(strand), asio::steady_timer(strand),
          asio::steady_timer(strand), asio::steady_timer(strand)};
      local::socket reader(strand);
      local::socket writer(all.context);
      asio::local::connect_pair(reader, writer);
      std::array<char, 1> byte{'x'};
      asio::cancellation_signal signal;
      open.add();
      asio::post(strand,
                 [&]
                 {
                   for (std::size_t t = 0; t < timers.size(); ++t)
                   {
                     timers[t].expires_after(std::chrono::microseconds(t * 10));
                     timers[t].async_wait(asio::bind_cancellation_slot(
                         t == 0 ? signal.slot() : asio::cancellation_slot(),
                         toro::bind_cancellation(t % 2 == 0 ? parent : source,
                                                 one_call(open))));
                   }
                   reader.async_read_some(
                       asio::buffer(byte),
                       toro::bind_cancellation(source, one_call(open)));
                   signal.emit(types::terminal);
                   open.remove();
                 });
      if (i % 2 == 0)
        writer.write_some(asio::buffer("x", 1));
      for (std::size_t pause = 0; pause < i % 7; ++pause)
        std::this_thread::yield();
      parent.cancel(types::partial);
      parent.cancel();
      open.wait();
    }
  }
}

BOOST_AUTO_TEST_CASE(no_emission_overlaps_or_follows_the_handlers_call)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(1000);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      toro::cancellation_source source(all.context);
      const auto first = std::make_unique<bare_operation>(all.context);
      const auto second = std::make_unique<bare_operation>(all.context);
      const auto third = std::make_unique<bare_operation>(all.context);
      asio::post(all.context,
                 [&, call = one_call(open)]() mutable
                 {
                   first->async_run(
                       toro::bind_cancellation(source, first->handler(open)));
                   call();
                 });
      second->async_run(toro::bind_cancellation(
          source, asio::bind_executor(asio::make_strand(all.context),
                                      second->handler(open))));
      third->async_run(toro::bind_cancellation(source, third->handler(open)));
      source.cancel(types::partial);
      source.cancel();
      open.wait();
    }
  }
}

BOOST_AUTO_TEST_CASE(children_come_and_go_while_the_parent_is_cancelled)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(60);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      toro::cancellation_source root(all.context);
      for (std::size_t t = 0; t < threads + 1; ++t)
      {
        asio::post(all.context,
                   [&, call = one_call(open)]() mutable
                   {
                     for (int n = 0; n < 20; ++n)
                     {
                       toro::cancellation_source child = root.child();
                       child.async_wait(one_call(open));
                       const auto grandchild = child.child();
                       asio::post(all.context, toro::bind_cancellation(
                                                   grandchild, one_call(open)));
                       if (n % 5 == 4)
                         child.cancel(types::partial);
                       child = root.child();
                       expect(!child.cancelled() || root.cancelled(),
                              "a child is cancelled and its parent is not");
                     }
                     call();
                   });
      }
      root.cancel(types::total);
      root.cancel();
      open.wait();
      BOOST_TEST(root.cancel() == 0u);
    }
  }
}

#if defined(__cpp_lib_jthread)
BOOST_AUTO_TEST_CASE(stop_requests_race_with_operations_that_end)
{
  for (const std::size_t threads : thread_counts)
  {
    runners all(threads);
    const std::size_t count = rounds(300);
    for (std::size_t i = 0; i < count; ++i)
    {
      pending open;
      std::stop_source stop;
      const auto strand = asio::make_strand(all.context);
      asio::steady_timer timer(strand);
      open.add();
      asio::post(
          strand,
          [&]
          {
            toro::cancellation_source source(all.context, stop.get_token());
            timer.expires_after(20us);
            timer.async_wait(
                toro::bind_cancellation(stop.get_token(), one_call(open)));
            timer.async_wait(toro::bind_cancellation(source, one_call(open)));
            source.async_wait(one_call(open));
            open.remove();
          });
      for (std::size_t pause = 0; pause < i % 7; ++pause)
        std::this_thread::yield();
      stop.request_stop();
      open.wait();
    }
  }
}
#endif

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
