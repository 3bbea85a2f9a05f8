// SPDX-License-Identifier: BSL-1.0

#include "callgrind.hpp"

#include <string>

#include "measure.hpp"
#include "support/callgrind.hpp"

namespace bench {

namespace {

constexpr std::size_t operations_wanted = 500;

double collected(const std::string& selection, std::size_t operations)
{
  return toro_test::instructions_of(selection + " --operations " +
                                    std::to_string(operations));
}

double per_operation(const std::string& selection, std::size_t once)
{
  return (collected(selection, 2 * once) - collected(selection, once)) /
         static_cast<double>(once);
}

} // namespace

double instructions_per_operation(const row& what)
{
  const std::size_t once = whole_batches(what, operations_wanted);
  const std::string selection = "--only " + toro_test::quoted(what.name());
  const double own = per_operation(selection, once);
  if (what.what.told_in != unit::posts_beyond)
    return own;
  return own - per_operation(selection + " --base", once);
}

} // namespace bench
