// SPDX-License-Identifier: BSL-1.0
// Objects of the standard library, of Asio and of Beast whose moves may throw,
// as far as their types tell, travel through queues.
#include <toro/async_result.hpp>
#include <toro/eager.hpp>
#include <toro/queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#ifdef TORO_TEST_BEAST
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#endif
#ifdef TORO_TEST_OPENSSL
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#endif
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_objects_as_items)

namespace {

using namespace toro_test;

namespace asio = boost::asio;

template <class T, class Threading>
using queue_of = toro::basic_queue<T, any_executor, Threading>;

// Puts and gets in each way, one after the other. Returns what came out.
template <class T, class Threading>
asio::awaitable<T> send(queue_of<T, Threading>& q, T item)
{
  co_await q.async_put(std::move(item), asio::use_awaitable);
  // A plain T where it has a default value.
  std::optional<T> got = co_await q.async_get(asio::use_awaitable);
  co_await q.async_put(std::move(*got), toro::eager);
  got.reset();
  std::optional<T> again = co_await q.async_get(toro::eager);
  BOOST_TEST(q.try_put(std::move(*again)));
  co_return *q.try_get();
}

// Sends an item, and looks at what came of it. Returns what happened besides.
template <class T, class Threading>
std::string travel(world& w, T item, std::function<void(T&)> look)
{
  queue_of<T, Threading> q(w.context(), 1);
  const auto go = [&]() -> asio::awaitable<void>
  {
    T arrived = co_await send(q, std::move(item));
    look(arrived);
  };
  w.spawn("arrived", go());
  return w.run();
}

} // namespace

TORO_TEST_CASE_TEMPLATE(deque_travels, Threading, policies)
{
  world w;
  const auto look = [](std::deque<int>& arrived)
  {
    BOOST_TEST(arrived.size() == 3u);
    BOOST_TEST(arrived.back() == 3);
  };
  BOOST_TEST((travel<std::deque<int>, Threading>(w, {1, 2, 3}, look)) ==
             "arrived");
}

TORO_TEST_CASE_TEMPLATE(deque_is_a_result, Threading, policies)
{
  world w;
  toro::basic_async_result<std::deque<int>, any_executor, Threading> result(
      w.context());
  result.async_get(w.on("1st",
                        [](const std::deque<int>& value)
                        {
                          BOOST_TEST(value.size() == 2u);
                        }));
  result.set(std::deque<int>(2));
  BOOST_TEST(w.poll() == "1st");
  BOOST_TEST(result.get().size() == 2u);
}

TORO_TEST_CASE_TEMPLATE(timer_travels_with_its_wait, Threading, policies)
{
  world w;
  asio::steady_timer timer(w.context(), std::chrono::hours(1));
  timer.async_wait(w.on("timer"));
  const auto look = [](asio::steady_timer& arrived)
  {
    BOOST_TEST(arrived.cancel() == 1u);
  };
  BOOST_TEST((travel<asio::steady_timer, Threading>(
                 w, std::move(timer), look)) == "arrived timer:AB");
}

#ifdef TORO_TEST_BEAST
TORO_TEST_CASE_TEMPLATE(stream_travels_with_its_connection, Threading, policies)
{
  using asio::ip::tcp;
  world w;
  tcp::acceptor acceptor(w.context(), {asio::ip::address_v4::loopback(), 0});
  tcp::socket peer(w.context());
  peer.connect(acceptor.local_endpoint());
  boost::beast::tcp_stream stream(acceptor.accept());
  const std::string sent = "hello";
  asio::write(peer, asio::buffer(sent));
  const auto look = [&](boost::beast::tcp_stream& arrived)
  {
    std::string got(sent.size(), ' ');
    asio::read(arrived.socket(), asio::buffer(got));
    BOOST_TEST(got == sent);
  };
  BOOST_TEST((travel<boost::beast::tcp_stream, Threading>(w, std::move(stream),
                                                          look)) == "arrived");
}
#endif

#ifdef TORO_TEST_OPENSSL
TORO_TEST_CASE_TEMPLATE(encrypted_stream_travels, Threading, policies)
{
  using stream_type = asio::ssl::stream<boost::beast::tcp_stream>;
  world w;
  asio::ssl::context context(asio::ssl::context::tls);
  stream_type stream(boost::beast::tcp_stream(w.context()), context);
  const auto native = stream.native_handle();
  const auto look = [&](stream_type& arrived)
  {
    BOOST_TEST(arrived.native_handle() == native);
  };
  BOOST_TEST((travel<stream_type, Threading>(w, std::move(stream), look)) ==
             "arrived");
}
#endif

BOOST_AUTO_TEST_SUITE_END()
