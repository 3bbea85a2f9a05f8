// SPDX-License-Identifier: BSL-1.0

#include "http_reply.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <string_view>
#include <utility>

namespace spider {

media media_of(const http_reply& reply)
{
  const std::string_view all = reply.content_type;
  const auto type = all.substr(0, all.find_first_of("; \t"));
  const auto is_one_of = [type](auto... names)
  {
    return (boost::iequals(type, names) || ...);
  };
  if (is_one_of("text/html", "application/xhtml+xml"))
    return media::page;
  if (is_one_of("text/css"))
    return media::style_sheet;
  if (is_one_of("text/xml", "application/xml"))
    return media::xml;
  return media::other;
}

bool is_html(const http_reply& reply)
{
  return media_of(reply) == media::page;
}

http_reply failed_reply(std::string step, boost::system::error_code error,
                        std::string text)
{
  http_reply reply;
  reply.failed_step = std::move(step);
  reply.error = error;
  reply.error_text = std::move(text);
  return reply;
}

} // namespace spider
