// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_EMBEDDED_SITE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_EMBEDDED_SITE_HPP

#include <chrono>
#include <string>
#include <string_view>

namespace spider {

/// How the embedded server treats a request.
enum class behaviour
{
  answer,    ///< Sends the whole answer.
  chunked,   ///< Sends it with chunked transfer encoding.
  close,     ///< Sends it, and closes the connection.
  hang,      ///< Never answers.
  drop,      ///< Closes the connection without an answer.
  cut_short, ///< Closes it in the middle of the body.
  endless,   ///< Sends a body without end.
  banner,    ///< Greets as a server of another protocol does.
};

/// The answer of the embedded site to one request.
struct site_answer
{
  unsigned status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string location{}; ///< Of a redirect.
  std::string body{};
  behaviour how = behaviour::answer;
  std::chrono::milliseconds delay{0};
};

/// A site of some three hundred pages with everything that goes wrong.
/**
 * Twelve sections of twenty-four pages, some of them slow, chunked, or reached
 * by odd but valid links; and a page of troubles with one link to each
 * trouble. The same target gets the same answer, always.
 *
 * @param target The path and query of the request.
 */
site_answer embedded_answer(std::string_view target);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_EMBEDDED_SITE_HPP
