// SPDX-License-Identifier: BSL-1.0

#include "visit.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

namespace spider {

namespace asio = boost::asio;

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

// The error in words for people who do not know Beast.
std::string described(const boost::system::error_code& error)
{
  if (error == http::error::end_of_stream)
    return "the server closed the connection without an answer";
  if (error == http::error::partial_message)
    return "the server closed the connection within its answer";
  if (error == http::error::bad_version)
    return "the server does not speak HTTP/1 (its answer does not begin with "
           "\"HTTP/1.\"); is the port right?";
  if (error == http::error::header_limit ||
      error == http::error::buffer_overflow)
    return "a header of the answer is too long";
  if (error == asio::error::host_not_found || error == asio::error::no_data)
    return "there is no such host";
  if (error == asio::error::host_not_found_try_again)
    return "no name server gave an answer";
  if (error.category() ==
      http::make_error_code(http::error::bad_version).category())
    return "the answer is not valid HTTP (" + error.message() + ")";
  return error.message();
}

visit unanswered(const http_reply& reply)
{
  visit made;
  made.took = reply.took;
  if (is_time_out(reply.error))
  {
    made.how = ending::timed_out;
    made.problem = reply.failed_step + " timed out";
  }
  else
    made.problem =
        reply.failed_step + " failed: " +
        (reply.error_text.empty() ? described(reply.error) : reply.error_text);
  return made;
}

visit disallowed(const http_reply& reply)
{
  visit made;
  made.how = ending::disallowed;
  std::string notice = "not fetched: robots.txt does not allow it";
  if (!reply.no_retry.empty())
    notice += " (" + reply.no_retry + ")";
  made.notice = std::move(notice);
  return made;
}

std::string problem_of(const http_reply& reply)
{
  if (is_redirect(reply.status))
    return reply.location.empty() ? "redirect without a location" : "";
  if (reply.status < 400)
    return "";
  std::string problem = status_text(reply.status);
  if (reply.tries > 1)
    problem += ", tried " + std::to_string(reply.tries) + " times";
  if (!reply.no_retry.empty())
    problem += "; " + reply.no_retry;
  return problem;
}

} // namespace

link_counts& link_counts::operator+=(const link_counts& more)
{
  on_site += more.on_site;
  external += more.external;
  off_site += more.off_site;
  not_http += more.not_http;
  malformed += more.malformed;
  with_user += more.with_user;
  excluded += more.excluded;
  too_deep += more.too_deep;
  return *this;
}

visit visit_of(const http_reply& reply)
{
  if (reply.is_disallowed)
    return disallowed(reply);
  if (reply.error)
    return unanswered(reply);
  visit made;
  made.how = ending::answered;
  made.status = static_cast<unsigned short>(reply.status);
  made.is_html = is_html(reply);
  made.too_large = reply.too_large;
  made.bytes = reply.bytes;
  made.took = reply.took;
  if (is_redirect(reply.status))
    made.redirects_to = reply.location;
  made.problem = problem_of(reply);
  if (!reply.notice.empty())
    made.notice = reply.notice;
  if (!reply.unreadable.empty())
    made.notice = reply.unreadable + ": its links were not followed";
  if (made.too_large)
    made.notice =
        std::string(reply.bytes == reply.body.size() ? "the page"
                                                     : "unpacked, it") +
        " exceeds --body-limit: its links were not followed";
  return made;
}

} // namespace spider
