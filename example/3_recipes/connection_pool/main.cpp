// SPDX-License-Identifier: BSL-1.0

// A proxy with a fixed number of connections to the server behind it. A request
// that gets none in time is answered with status 503.

#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "../service/http_connection.hpp"
#include "../service/service.hpp"
#include "connection_pool.hpp"

namespace {

namespace asio = boost::asio;
using pool_type = recipes::connection_pool<recipes::http_connection>;
using recipes::http::status;
using std::chrono::milliseconds;

struct pool_options
{
  unsigned short backend_port = 0;
  std::size_t size = 8;
  milliseconds check_out{1000};
  milliseconds answer{5000};
  milliseconds health_interval{1000};
};

recipes::options::options_description describe(pool_options& to)
{
  namespace options = recipes::options;
  using recipes::stored_in;
  options::options_description own("Of the pool");
  own.add_options() //
      ("backend-port", options::value(&to.backend_port)->required(),
       "of the server behind it")                                           //
      ("pool-size", stored_in(to.size), "connections to the backend")       //
      ("check-out", stored_in(to.check_out), "until there is a connection") //
      ("answer", stored_in(to.answer), "for an answer of the backend")      //
      ("health-interval", stored_in(to.health_interval),
       "between two checks of idle connections");
  return own;
}

asio::awaitable<recipes::response> answer(const recipes::request& asked,
                                          pool_type& pool,
                                          const pool_options& chosen)
{
  status problem = status::service_unavailable;
  std::string reason;
  try
  {
    auto connection = co_await pool.check_out(asked.target(), chosen.check_out);
    problem = status::bad_gateway;
    auto reply = co_await connection->get(asked.target(), chosen.answer);
    co_return reply;
  }
  catch (const boost::system::system_error& error)
  {
    reason = error.code().message() + '\n';
  }
  auto reply = recipes::text_response(problem, reason);
  reply.set(recipes::http::field::retry_after, "1");
  co_return reply;
}

} // namespace

int main(int argc, char** argv)
{
  pool_options own;
  const auto chosen = recipes::parse_command_line(argc, argv, describe(own));
  asio::io_context context;
  const asio::ip::tcp::endpoint backend(asio::ip::address_v4::loopback(),
                                        own.backend_port);
  const auto pool = std::make_shared<pool_type>(
      context.get_executor(), own.size,
      [&]
      {
        return std::make_unique<recipes::http_connection>(
            context.get_executor(), backend);
      });
  const auto check =
      [&](recipes::http_connection& idle) -> asio::awaitable<bool>
  {
    const auto reply = co_await idle.get("/health", own.answer);
    co_return reply.result() == status::ok;
  };
  pool->start_health_checks(check, own.health_interval);
  recipes::run_service(
      context, chosen,
      [&](const recipes::request& asked)
      {
        return answer(asked, *pool, own);
      },
      [&]() -> asio::awaitable<void>
      {
        pool->close(); // else its health checks would go on
        co_return;
      });
}
