// SPDX-License-Identifier: BSL-1.0

#include <boost/config.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/version.hpp>

#include <optional>
#include <ostream>

#include "report.hpp"

namespace bench {

namespace {

namespace json = boost::json;

template <class T>
json::value or_null(const std::optional<T>& value)
{
  return value ? json::value(*value) : json::value(nullptr);
}

json::object described(const result& r)
{
  const work& what = r.what.what;
  const figures& is = r.is;
  return {
      {"workload", what.workload},
      {"variant", what.variant},
      {"contender", name_of(r.what.who)},
      {"unit", name_of(what.told_in)},
      {"median", is.median},
      {"min", is.least},
      {"max", is.most},
      {"nanoseconds", is.nanoseconds},
      {"operations", is.operations},
      {"allocations", is.allocations_per},
      {"base_allocations", is.base_allocations_per},
      {"requested_bytes", is.requested_bytes_per},
      {"heap_bytes", is.heap_bytes_per},
      {"epoll_waits", is.epoll_waits_per},
      {"timer_sets", is.timer_sets_per},
      {"instructions", or_null(is.instructions_per)},
      {"target", or_null(r.what.target())},
      {"reached", or_null(is.reached)},
  };
}

} // namespace

void write_json(std::ostream& out, const results& all)
{
  json::array lines;
  for (const result& r : all)
    lines.push_back(described(r));
  out << json::serialize(json::object{
             {"boost", BOOST_LIB_VERSION},
             {"compiler", BOOST_COMPILER},
             {"rows", std::move(lines)},
         })
      << '\n';
}

} // namespace bench
