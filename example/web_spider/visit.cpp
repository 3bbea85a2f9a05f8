// SPDX-License-Identifier: BSL-1.0

#include "visit.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/status.hpp>

namespace spider {

namespace {

namespace http = boost::beast::http;

bool is_time_out(const boost::system::error_code& error)
{
  return error == boost::beast::error::timeout ||
         error == asio::error::timed_out;
}

bool is_redirect(unsigned status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

visit unanswered(const http_reply& reply)
{
  visit made;
  made.took = reply.took;
  made.problem = reply.failed_step;
  if (is_time_out(reply.error))
  {
    made.how = ending::timed_out;
    made.problem += " timed out";
  }
  else
    made.problem += " failed: " + reply.error.message();
  return made;
}

std::string problem_of(const http_reply& reply)
{
  if (reply.status >= 400)
    return std::to_string(reply.status) + ' ' +
           std::string(
               http::obsolete_reason(http::int_to_status(reply.status)));
  if (is_redirect(reply.status))
    return reply.location.empty() ? "redirect without a location" : "";
  return reply.too_large ? "body over the limit" : "";
}

} // namespace

visit visit_of(const http_reply& reply)
{
  if (reply.error)
    return unanswered(reply);
  visit made;
  made.how = ending::answered;
  made.status = reply.status;
  made.is_html = boost::istarts_with(reply.content_type, "text/html");
  made.too_large = reply.too_large;
  made.bytes = reply.body.size();
  made.took = reply.took;
  if (is_redirect(reply.status))
    made.redirects_to = reply.location;
  made.problem = problem_of(reply);
  return made;
}

} // namespace spider
