// SPDX-License-Identifier: BSL-1.0

#include "host.hpp"

#include <toro/first_of.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "site.hpp"

namespace spider {

using boost::system::error_code;

host::host(asio::any_io_executor ex, const urls::url& url,
           const host_limits& limits, const proxy* by_way_of, toro::event& end,
           toro::wait_group& look_ups)
  : via(by_way_of),
    requests(ex, limits.at_once),
    turns(ex, limits.pause, end),
    robots(ex),
    name_((via ? via->url : url).host_address()),
    port_(port_of(via ? via->url : url)),
    end_(end),
    look_ups_(look_ups),
    resolver_(ex),
    found_(ex)
{
}

asio::awaitable<std::tuple<error_code, addresses>>
host::look_up(toro::deadline deadline)
{
  std::call_once(started_,
                 [this]
                 {
                   start_look_up();
                 });
  auto [first, ended, error, where] = co_await toro::async_first_of(
      end_.async_wait(asio::deferred),
      found_.async_get(deadline, asio::deferred), asio::use_awaitable);
  if (first == 0)
    error = asio::error::operation_aborted;
  co_return std::tuple(error, std::move(where));
}

bool host::claim_robots()
{
  return !robots_claimed_.exchange(true);
}

// Why not co_await: a look-up under way cannot be cancelled. This way all wait
// for its result, each with a deadline, and it ends whenever it does.
void host::start_look_up()
{
  resolver_.async_resolve(name_, port_,
                          [this, under_way = look_ups_.enter()](
                              error_code error, const auto& where) mutable
                          {
                            under_way.reset();
                            if (error)
                              found_.set_error(error);
                            else
                              found_.set(addresses(where.begin(), where.end()));
                          });
}

} // namespace spider
