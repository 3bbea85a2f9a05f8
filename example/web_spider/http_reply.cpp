// SPDX-License-Identifier: BSL-1.0

#include "http_reply.hpp"

#include <boost/beast/http/status.hpp>

#include <string_view>
#include <utility>

#include "gzip.hpp"
#include "is_one_of.hpp"

namespace spider {

media media_of(const http_reply& reply)
{
  const std::string_view all = reply.content_type;
  const auto type = all.substr(0, all.find_first_of(",; \t"));
  if (is_one_of(type, "text/html", "application/xhtml+xml"))
    return media::page;
  if (is_one_of(type, "text/css"))
    return media::style_sheet;
  if (is_one_of(type, "text/xml", "application/xml"))
    return media::xml;
  return media::other;
}

void unpack_body(http_reply& reply, std::size_t limit)
{
  const std::string& encoding = reply.content_encoding;
  const bool is_packed = is_one_of(encoding, "gzip", "x-gzip");
  if (!is_packed && !encoding.empty() && !is_one_of(encoding, "identity"))
    reply.unreadable = "the server has encoded it, by a way that was not "
                       "asked for";
  if (!is_packed || reply.body.empty())
    return;
  unpacked_text all = unpack_gzip(reply.body, limit);
  // What was cut off in front of its end is no damage.
  if (all.is_damaged && !reply.too_large)
    reply.unreadable = "its gzip data is damaged";
  reply.too_large = reply.too_large || all.is_larger;
  reply.body = std::move(all.text);
}

bool is_html(const http_reply& reply)
{
  return media_of(reply) == media::page;
}

std::string status_text(unsigned status)
{
  namespace http = boost::beast::http;
  const auto known = http::int_to_status(status);
  return std::to_string(status) + ' ' +
         (known == http::status::unknown
              ? "unknown status"
              : std::string(http::obsolete_reason(known)));
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
