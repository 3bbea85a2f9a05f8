// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_OPTIONS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_OPTIONS_HPP

#include <boost/url/url.hpp>

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "connection.hpp"
#include "http_client.hpp"
#include "proxy.hpp"
#include "report.hpp"
#include "url_filter.hpp"

namespace spider {

namespace urls = boost::urls;

/// What the spider calls itself: its name and the version of the library.
std::string default_user_agent();

/// What the program ends with; --help lists them, too.
enum exit_status
{
  exit_complete = 0,
  exit_failed = 1,
  exit_bad_arguments = 2,
  exit_broken_links = 3,
  exit_out_of_time = 4,
  exit_signal = 128, // plus the signal's number
};

/// How a crawl is done.
struct crawl_options
{
  std::size_t workers = 12;
  std::size_t per_host = 8;
  std::size_t max_pages = 100'000;
  std::size_t max_redirects = 10;
  std::size_t max_body_bytes = 8u << 20;
  std::size_t retries = 2;
  std::chrono::milliseconds retry_wait{30'000};
  std::chrono::milliseconds retry_total{60'000};
  std::vector<std::string> more_hosts; // "name" or "name:port"
  std::chrono::milliseconds resolve_timeout{5'000};
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds read_timeout{10'000};
  std::chrono::milliseconds crawl_timeout{300'000};
  std::chrono::milliseconds grace{2'000};

  bool with_external = false; // check links off the site
  std::size_t external_per_host = 2;
  std::chrono::milliseconds external_pause{100};
  std::chrono::milliseconds pause{0}; // on the site
  bool ignore_robots = false;
  std::chrono::milliseconds longest_crawl_delay{10'000}; // of robots.txt

  std::optional<std::size_t> depth{}; // links from the start; none: any
  std::size_t max_links = 100'000;    // of one page
  url_filter filter{};

  std::string user_agent = default_user_agent();
  header_list headers{};            // to the hosts of the site
  std::string credentials{};        // "user:password", or empty
  std::string credentials_origin{}; // to which alone they are sent

  proxies by_way_of{};
  std::shared_ptr<tls_settings> tls{}; // null without TLS
};

/// What the command line asks for.
struct options
{
  std::optional<urls::url> start; // none: the embedded site
  crawl_options crawl;
  std::size_t threads = 2;
  std::size_t slowest = 10;
  std::string json_file; // empty: none; "-": standard output
  std::string csv_file;
  std::string junit_file;
  findings fail_on;
  tls_options tls;
  bool quiet = false;
};

/// The command line cannot be understood; what() is one line.
struct bad_arguments : std::runtime_error
{
  using std::runtime_error::runtime_error;
};

/// Read the command line.
/**
 * @returns Nothing if --help or --version was asked for: the answer has
 * been written to @p out.
 * @throws bad_arguments
 */
std::optional<options> parse_options(int argc, const char* const* argv,
                                     std::ostream& out);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_OPTIONS_HPP
