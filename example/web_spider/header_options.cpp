// SPDX-License-Identifier: BSL-1.0

#include "header_options.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "options.hpp"

namespace spider {

namespace {

bool has_control_character(std::string_view text)
{
  return std::ranges::any_of(text,
                             [](char c)
                             {
                               const auto octet = static_cast<unsigned char>(c);
                               return (octet < 0x20 && c != '\t') ||
                                      octet == 0x7f;
                             });
}

// The value is not repeated in a message: it may be a secret.
std::pair<std::string, std::string> header_of(const std::string& text)
{
  constexpr std::string_view token =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto colon = text.find(':');
  const std::string name = text.substr(0, colon);
  if (colon == std::string::npos || name.empty() ||
      name.find_first_not_of(token) != std::string::npos)
    throw bad_arguments("--header takes 'NAME: VALUE', with a name of letters, "
                        "digits and hyphens");
  for (const char* ours : {"Host", "Content-Length", "Transfer-Encoding",
                           "Connection", "Upgrade", "Expect"})
    if (boost::iequals(name, ours))
      throw bad_arguments("--header cannot set " + name +
                          ", which belongs to the connection");
  const std::string value = boost::trim_copy(text.substr(colon + 1));
  if (has_control_character(value))
    throw bad_arguments("--header " + name + " has a control character in it");
  return {name, value};
}

} // namespace

header_list headers_of(const option_values& values)
{
  header_list headers;
  for (const auto& each : texts_of(values, "header"))
    headers.push_back(header_of(each));
  std::string cookies;
  for (const auto& each : texts_of(values, "cookie"))
  {
    if (each.find('=') == std::string::npos || has_control_character(each))
      throw bad_arguments("--cookie takes NAME=VALUE, without control "
                          "characters");
    cookies += (cookies.empty() ? "" : "; ") + each;
  }
  if (!cookies.empty())
    headers.emplace_back("Cookie", cookies);
  return headers;
}

std::string user_agent_of(const option_values& values)
{
  const std::string agent = text_of(values, "user-agent");
  if (agent.empty() || has_control_character(agent))
    throw bad_arguments("--user-agent needs a text without control characters");
  return agent;
}

} // namespace spider
