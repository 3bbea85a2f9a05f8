// SPDX-License-Identifier: BSL-1.0

#include "retry.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <system_error>

namespace spider {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr seconds longest_time{1'000'000'000};
constexpr std::chrono::milliseconds first_back_off{500};

// The three forms of RFC 9110, section 5.6.7; the first one is today's.
constexpr const char* date_forms[] = {"%a, %d %b %Y %H:%M:%S GMT",
                                      "%A, %d-%b-%y %H:%M:%S GMT",
                                      "%a %b %e %H:%M:%S %Y"};

std::optional<sys_seconds> http_date(std::string_view text)
{
  for (const char* form : date_forms)
  {
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    // What the text ends before stays as it is: libstdc++ does not say so.
    std::tm read{};
    read.tm_year = read.tm_sec = -1;
    in >> std::get_time(&read, form);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof() ||
        read.tm_year < 0 || read.tm_sec < 0)
      continue;
    const std::chrono::year_month_day day{
        std::chrono::year(read.tm_year + 1900),
        std::chrono::month(static_cast<unsigned>(read.tm_mon + 1)),
        std::chrono::day(static_cast<unsigned>(read.tm_mday))};
    if (day.ok())
      return std::chrono::sys_days(day) + std::chrono::hours(read.tm_hour) +
             std::chrono::minutes(read.tm_min) + seconds(read.tm_sec);
  }
  return std::nullopt;
}

std::string_view without_blanks(std::string_view text)
{
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<seconds> number_of_seconds(std::string_view text)
{
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (last != end || error == std::errc::invalid_argument)
    return std::nullopt;
  const auto most = static_cast<std::uint64_t>(longest_time.count());
  if (error == std::errc::result_out_of_range || number > most)
    return longest_time;
  return seconds(number);
}

bool is_busy(unsigned status)
{
  return status == 429 || status == 503;
}

// Doubled for each try; the exponent is bounded, and so is the wait.
std::chrono::milliseconds back_off(std::size_t tries)
{
  return first_back_off * (1LL << std::min<std::size_t>(tries - 1, 20));
}

} // namespace

std::optional<seconds> retry_after(std::string_view value,
                                   std::string_view date)
{
  const std::string_view text = without_blanks(value);
  if (const auto number = number_of_seconds(text))
    return number;
  const auto when = http_date(text);
  if (!when)
    return std::nullopt;
  const auto now = http_date(without_blanks(date))
                       .value_or(std::chrono::time_point_cast<seconds>(
                           std::chrono::system_clock::now()));
  return std::clamp(seconds(*when - now), seconds(0), longest_time);
}

bool retry_account::take(time_point now, duration wait, duration total)
{
  const std::scoped_lock guard(mutex_);
  const time_point until = std::max(taken_until_, now + wait);
  const duration more = until - std::max(taken_until_, now);
  if (more > total - taken_)
    return false;
  taken_until_ = until;
  taken_ += more;
  return true;
}

retry_decision decide_retry(const http_reply& reply, std::size_t tries,
                            const retry_limits& limits, retry_account& account,
                            retry_account::time_point now)
{
  if (reply.error || !is_busy(reply.status))
    return {};
  if (tries > limits.retries)
    return {};
  const auto asked = retry_after(reply.retry_after, reply.date);
  if (asked && *asked > limits.longest_wait)
    return {{},
            "asks to wait " + std::to_string(asked->count()) +
                " s, which exceeds --retry-wait"};
  const std::chrono::milliseconds wait =
      asked ? *asked : std::min(back_off(tries), limits.longest_wait);
  if (!account.take(now, wait, limits.total))
    return {{}, "the waits for this host have used up --retry-total"};
  return {wait, {}};
}

} // namespace spider
