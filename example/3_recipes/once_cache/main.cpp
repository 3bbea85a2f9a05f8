// SPDX-License-Identifier: BSL-1.0

// A caching proxy. With the header "Prefer: wait=2" a client says how many
// seconds it waits. When they are over, it gets status 504.

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/system/system_error.hpp>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "../service/http_connection.hpp"
#include "../service/service.hpp"
#include "once_cache.hpp"

namespace {

namespace asio = boost::asio;
namespace http = recipes::http;
using boost::system::system_error;
using http::status;
using std::chrono::milliseconds;
using page_cache = recipes::once_cache<recipes::response>;

struct cache_options
{
  unsigned short backend_port = 0;
  std::size_t max_entries = 10'000;
  milliseconds lifetime{60'000};
  milliseconds fetch{5000};
};

recipes::options::options_description describe(cache_options& to)
{
  namespace options = recipes::options;
  using recipes::stored_in;
  options::options_description own("Of the cache");
  own.add_options() //
      ("backend-port", options::value(&to.backend_port)->required(),
       "of the server behind it")                                       //
      ("max-entries", stored_in(to.max_entries), "pages that are kept") //
      ("lifetime", stored_in(to.lifetime), "of a page")                 //
      ("fetch", stored_in(to.fetch), "for an answer of the backend");
  return own;
}

// A page that is not there is an error, and so is not kept.
asio::awaitable<recipes::response>
fetch(asio::any_io_executor ex, const cache_options& chosen, std::string target)
{
  recipes::http_connection connection(
      ex, {asio::ip::address_v4::loopback(), chosen.backend_port});
  auto reply = co_await connection.get(target, chosen.fetch);
  if (reply.result() != status::ok)
    throw system_error(make_error_code(http::error::bad_status));
  co_return reply;
}

toro::deadline patience_of(const recipes::request& asked)
{
  constexpr std::string_view wait = "wait=";
  const std::string_view prefer = asked["Prefer"];
  unsigned seconds = 0;
  if (!prefer.starts_with(wait) ||
      std::from_chars(prefer.begin() + wait.size(), prefer.end(), seconds).ec !=
          std::errc())
    return {};
  return std::chrono::seconds(seconds);
}

status status_of(const boost::system::error_code& ec)
{
  return ec == asio::error::timed_out ? status::gateway_timeout
                                      : status::bad_gateway;
}

asio::awaitable<recipes::response> answer(const recipes::request& asked,
                                          page_cache& pages)
{
  status verdict = status::bad_gateway;
  std::string reason;
  try
  {
    const auto page =
        co_await pages.get(std::string(asked.target()), patience_of(asked));
    co_return *page;
  }
  catch (const system_error& error)
  {
    verdict = status_of(error.code());
    reason = error.code().message();
  }
  catch (const std::exception& error)
  {
    reason = error.what();
  }
  co_return recipes::text_response(verdict, reason + '\n');
}

} // namespace

int main(int argc, char** argv)
{
  cache_options own;
  const auto chosen = recipes::parse_command_line(argc, argv, describe(own));
  asio::io_context context;
  page_cache pages(context.get_executor(), own.max_entries, own.lifetime,
                   [&](std::string target)
                   {
                     return fetch(context.get_executor(), own,
                                  std::move(target));
                   });
  recipes::run_service(
      context, chosen,
      [&](const recipes::request& asked)
      {
        return answer(asked, pages);
      },
      [&]() -> asio::awaitable<void>
      {
        pages.close(); // else fetches that nobody waits for would go on
        co_return;
      });
}
