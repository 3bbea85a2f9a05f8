// SPDX-License-Identifier: BSL-1.0

#include "host_table.hpp"

#include <utility>

#include "site.hpp"

namespace spider {

host_table::host_table(asio::any_io_executor ex, const proxies& by_way_of,
                       toro::event& end)
  : executor_(std::move(ex)),
    proxies_(by_way_of),
    end_(end),
    look_ups_(executor_)
{
}

host& host_table::find(const urls::url& url, const host_limits& limits)
{
  std::string origin = origin_of(url);
  const std::scoped_lock guard(mutex_);
  return hosts_
      .try_emplace(std::move(origin), executor_, url, limits,
                   proxies_.find(url), end_, look_ups_)
      .first->second;
}

bool host_table::is_looking_up() const
{
  return look_ups_.count() != 0;
}

} // namespace spider
