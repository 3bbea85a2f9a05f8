// SPDX-License-Identifier: BSL-1.0

#include "robots.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "is_one_of.hpp"
#include "url_text.hpp"

namespace spider {

namespace {

constexpr std::size_t max_rules = 2000;
constexpr std::size_t max_rule_length = 512;
constexpr std::size_t max_patterns = 100;
constexpr std::size_t max_pattern_length = 128;

std::string_view trimmed(std::string_view text)
{
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct line
{
  std::string_view name;
  std::string_view value;
};

// Take the first line from the text.
line next_line(std::string_view& text)
{
  const auto end = std::min(text.find_first_of("\r\n"), text.size());
  std::string_view all = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  all = all.substr(0, all.find('#'));
  const auto colon = all.find(':');
  if (colon == std::string_view::npos)
    return {};
  return {trimmed(all.substr(0, colon)), trimmed(all.substr(colon + 1))};
}

// A number of seconds, which may have a fraction. What is no number is no
// delay.
std::chrono::milliseconds delay_of(std::string_view text)
{
  constexpr double longest = 365 * 24 * 3600;
  double value = longest; // if the number is out of range
  const char* end = text.data() + text.size();
  const auto [last, error] =
      std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error == std::errc::invalid_argument || last != end ||
      text.starts_with('-') || !(value > 0)) // true for NaN, too
    return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(
      std::min(value, longest) * 1000));
}

// Calls `use` with each line of the groups for `agent`; returns whether there
// is such a group.
template <class Use>
bool for_each_line(std::string_view text, std::string_view agent, Use use)
{
  bool is_found = false;
  bool is_ours = false;
  bool is_in_agents = false;
  while (!text.empty())
  {
    const auto [name, value] = next_line(text);
    if (boost::iequals(name, "user-agent"))
    {
      is_ours = (is_in_agents && is_ours) || boost::iequals(value, agent);
      is_found = is_found || is_ours;
      is_in_agents = true;
      continue;
    }
    if (!is_one_of(name, "allow", "disallow", "crawl-delay"))
      continue;
    is_in_agents = false;
    if (is_ours)
      use(name, value);
  }
  return is_found;
}

// Whether a pattern with "*", and with "$" at its end, matches a prefix.
bool matches(std::string_view pattern, std::string_view text)
{
  const bool is_to_end = pattern.ends_with('$');
  if (is_to_end)
    pattern.remove_suffix(1);
  auto star = std::min(pattern.find('*'), pattern.size());
  if (!text.starts_with(pattern.substr(0, star)))
    return false;
  text.remove_prefix(star);
  while (star != pattern.size())
  {
    pattern.remove_prefix(star + 1);
    star = std::min(pattern.find('*'), pattern.size());
    const auto part = pattern.substr(0, star);
    if (is_to_end && star == pattern.size())
      return text.ends_with(part);
    const auto found = text.find(part);
    if (found == std::string_view::npos)
      return false;
    text.remove_prefix(found + part.size());
  }
  return !is_to_end || text.empty();
}

} // namespace

robots_rules::robots_rules(std::string_view text)
{
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  const auto use_line = [this](std::string_view name, std::string_view value)
  {
    use(name, value);
  };
  if (!for_each_line(text, robots_name, use_line))
    for_each_line(text, "*", use_line);
}

robots_rules robots_rules::deny_all()
{
  robots_rules none;
  none.add("/", false);
  return none;
}

void robots_rules::use(std::string_view name, std::string_view value)
{
  if (boost::iequals(name, "crawl-delay"))
    crawl_delay_ = std::max(crawl_delay_, delay_of(value));
  else
    add(value, boost::iequals(name, "allow"));
}

void robots_rules::add(std::string_view path, bool allows)
{
  const bool is_pattern = path.find('*') != std::string_view::npos;
  if (path.empty() || rules_.size() == max_rules ||
      path.size() > (is_pattern ? max_pattern_length : max_rule_length) ||
      (is_pattern && patterns_ == max_patterns))
    return;
  patterns_ += is_pattern;
  rules_.push_back({cleaned_link(path), allows});
}

bool robots_rules::allows(std::string_view target) const
{
  if (target == "/robots.txt")
    return true;
  const rule* strongest = nullptr;
  for (const rule& each : rules_)
  {
    const bool is_stronger =
        !strongest || each.path.size() > strongest->path.size() ||
        (each.path.size() == strongest->path.size() && each.allows);
    if (is_stronger && matches(each.path, target))
      strongest = &each;
  }
  return !strongest || strongest->allows;
}

} // namespace spider
