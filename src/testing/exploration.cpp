// SPDX-License-Identifier: BSL-1.0
#include <toro/testing/exploration.hpp>

#include <toro/testing/failure.hpp>

#include <cstdio>

namespace toro::testing::detail {

namespace {

std::string percent(double part)
{
  char text[16];
  std::snprintf(text, sizeof(text), "%.3g %%", 100 * part);
  return text;
}

} // namespace

void verdict::fail_by_exception()
{
  error = std::current_exception();
  try
  {
    throw;
  }
  catch (const injected_failure& e)
  {
    fail(e.what());
    is_injected = true;
  }
  catch (const std::exception& e)
  {
    fail(e.what());
  }
  catch (...)
  {
    fail("an exception that is no std::exception");
  }
}

void throw_failed(std::string text, const verdict& first, const verdict& again,
                  bool is_same, std::string replay)
{
  const verdict& found = again.has_failed ? again : first;
  text = "toro::testing::" + text + ": " + found.reason;
  if (!again.has_failed || !is_same)
    text += "\nThe replay differs: the test depends on something besides the "
            "schedule, such as addresses, a real clock or another thread";
  const exploration_failed failure(
      text, replay);
  if (!found.error)
    throw failure;
  try
  {
    std::rethrow_exception(found.error);
  }
  catch (...)
  {
    std::throw_with_nested(failure);
  }
}

std::string incomplete_text(const exploration& done,
                            const explore_all_options& options,
                            const choices& next)
{
  std::string text =
      "toro::testing::explore_all: " + std::to_string(done.schedules) +
      " schedules do not fail, but there are more: ";
  if (!next.empty())
    text += "these were " + percent(progress(next)) +
            " of all, estimated by their decisions (option schedules)";
  else
    text += "only orders of the first " + std::to_string(options.handlers) +
            " handlers were tried (option handlers)";
  return text;
}

} // namespace toro::testing::detail
