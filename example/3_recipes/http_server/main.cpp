// SPDX-License-Identifier: BSL-1.0

// A server with a connection limit, a limit per client, and a graceful end.
//
//   /         says hello
//   /hold     is answered once a client asks for /release
//   /release  does that

#include <toro/event.hpp>

#include <boost/asio/use_awaitable.hpp>

#include "../service/service.hpp"

namespace {

namespace asio = boost::asio;

asio::awaitable<recipes::response> answer(const recipes::request& asked,
                                          toro::event& released)
{
  if (asked.target() == "/hold")
    co_await released.async_wait(asio::use_awaitable);
  else if (asked.target() == "/release")
    released.set();
  co_return recipes::text_response(recipes::http::status::ok, "hello\n");
}

} // namespace

int main(int argc, char** argv)
{
  const auto chosen = recipes::parse_command_line(argc, argv);
  asio::io_context context;
  toro::event released(context);
  released.set_name("released");
  recipes::run_service(context, chosen,
                       [&released](const recipes::request& asked)
                       {
                         return answer(asked, released);
                       });
}
