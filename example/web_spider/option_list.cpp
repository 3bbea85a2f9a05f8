// SPDX-License-Identifier: BSL-1.0

#include "option_list.hpp"

#include <boost/program_options/value_semantic.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

#include "connection.hpp"
#include "options.hpp"

namespace spider {

namespace {

namespace po = boost::program_options;

constexpr const char* about = R"(Usage: web_spider [OPTION]... [URL]

Crawls the web site at URL and checks the links within it. Without a URL it
serves itself a small site with all kinds of trouble, and crawls that. URL may
be a sitemap, and may name a user and a password (http://USER:PASSWORD@HOST/),
which are sent to that host only, and are never printed.

Checked: every URL of the site, that is of the scheme, host and port of URL and
of --also; with --external, links to other hosts, too. Each is fetched once with
GET, pages as well as images, scripts and style sheets. Only pages, style sheets
and sitemaps are read, for further links; of anything else the status decides,
and its body is not read. Redirects are followed. A link to "#fragment" is
checked against the ids of its page. What the robots.txt of a host does not allow
is not fetched.
Not checked: mailto: and the like, and links to other hosts without --external.
The report counts them. User names and passwords in links are not sent.

A link is broken if it ends with 4xx, 5xx, a time-out, a failed connection, a
certificate that is not accepted or a redirect without end, or if it is no URL at
all. A page that exceeds --body-limit is not broken, but its links are not
followed; the report says so. A missing anchor is a finding of its own.
A server that answers 429 or 503 is asked again after the time that its
Retry-After header names, or else after 0.5 s, 1 s, 2 s and so on.
The variables http_proxy, https_proxy and no_proxy name proxies, as usual; this
machine itself is never asked through one.

)";

constexpr const char* exit_codes = R"(
Exit status:
  0  the crawl is complete
  1  it could not begin (unreachable, or nothing to crawl there), or its result
     could not be written
  2  bad arguments
  3  complete, but it has findings that --fail-on names
  4  --crawl-timeout has passed; the report is partial
  130, 143  ended by SIGINT or SIGTERM: the first one ends the crawl with a
     partial report, the second one ends the program

Examples:
  web_spider
  web_spider --workers 4 --json result.json http://127.0.0.1:8000/
  web_spider --json - http://127.0.0.1:8000/ | jq .broken
  web_spider --external --fail-on broken,anchors --junit links.xml \
      --exclude '/archive/' http://127.0.0.1:8000/
)";

auto seconds(std::chrono::milliseconds standard)
{
  return po::value<double>()->value_name("SECONDS")->default_value(
      std::chrono::duration<double>(standard).count());
}

auto count(std::size_t standard)
{
  return po::value<std::int64_t>()->value_name("N")->default_value(
      static_cast<std::int64_t>(standard));
}

auto text(const char* name)
{
  return po::value<std::string>()->value_name(name);
}

auto texts(const char* name)
{
  return po::value<std::vector<std::string>>()->value_name(name)->composing();
}

auto flag()
{
  return po::bool_switch();
}

po::options_description what_is_crawled(const crawl_options& crawl)
{
  po::options_description group("What is crawled");
  auto add = group.add_options();
  add("also", texts("HOST[:PORT]"),
      "a further host of the site (may be repeated)");
  add("depth", po::value<std::int64_t>()->value_name("N"),
      "visit what is no more than N links away from URL");
  add("include", texts("REGEX"),
      "follow only links whose URL matches (may be repeated)");
  add("exclude", texts("REGEX"),
      "do not follow links whose URL matches (may be repeated)");
  add("external", flag(), "check links to other hosts, without crawling them");
  add("ignore-robots", flag(), "fetch what robots.txt does not allow, too");
  add("max-pages", count(crawl.max_pages), "visit no more than N URLs");
  add("max-redirects", count(crawl.max_redirects),
      "follow no more than N redirects in a row");
  add("body-limit", count(crawl.max_body_bytes / 1024),
      "read no more than N KiB of a page");
  add("links-limit", count(crawl.max_links),
      "follow no more than N links of a page");
  return group;
}

po::options_description how_fast(const options& standard)
{
  const crawl_options& crawl = standard.crawl;
  po::options_description group("How fast");
  auto add = group.add_options();
  add("workers,w", count(crawl.workers), "pages worked on at once");
  add("threads,t", count(standard.threads), "threads of the io_context");
  add("per-host", count(crawl.per_host),
      "requests at once to one host of the site");
  add("pause", seconds(crawl.pause),
      "between the beginnings of two requests to one host of the site");
  add("crawl-delay-limit", seconds(crawl.longest_crawl_delay),
      "the longest Crawl-delay of a robots.txt that is kept");
  add("external-per-host", count(crawl.external_per_host),
      "requests at once to one other host");
  add("external-pause", seconds(crawl.external_pause),
      "between the beginnings of two requests to one other host");
  add("retries", count(crawl.retries), "retries of a page after 429 or 503");
  add("retry-wait", seconds(crawl.retry_wait),
      "the longest wait before a retry; if the server asks for more, there is "
      "none");
  add("retry-total", seconds(crawl.retry_total),
      "for all waits of one host; waits at the same time count once");
  add("resolve-timeout", seconds(crawl.resolve_timeout),
      "for the look-up of a host");
  add("connect-timeout", seconds(crawl.connect_timeout), "for a connection");
  add("read-timeout", po::value<double>()->value_name("SECONDS"),
      "for a whole answer (=10; =1 without a URL)");
  add("crawl-timeout", seconds(crawl.crawl_timeout), "for the whole crawl");
  add("grace", seconds(crawl.grace), "for pages in flight after a signal");
  return group;
}

po::options_description what_is_sent()
{
  po::options_description group("What is sent");
  auto add = group.add_options();
  add("user-agent", text("TEXT")->default_value(default_user_agent()),
      "what the spider calls itself");
  add("header", texts("NAME: VALUE"),
      "a header for the hosts of the site (may be repeated)");
  add("cookie", texts("NAME=VALUE"),
      "a cookie for the hosts of the site (may be repeated)");
  add("insecure", flag(), "accept whatever certificate a server shows");
  add("ca-file", text("FILE"),
      "trust the certificates in FILE (PEM), and not those of the system");
  return group;
}

po::options_description what_is_reported(const options& standard)
{
  po::options_description group("What is reported");
  auto add = group.add_options();
  add("slowest", count(standard.slowest), "list the N slowest pages");
  add("json,j", text("FILE"),
      "write the result as JSON ('-': standard output, and no table)");
  add("csv", text("FILE"), "write the findings as CSV, in the same way");
  add("junit", text("FILE"), "write a test suite of JUnit, in the same way");
  add("fail-on", texts("KIND"),
      "end with status 3 if there are such findings: broken (links within the "
      "site), external, anchors, notices, or any (a list, or repeated)");
  add("fail-on-broken", flag(), "the same as --fail-on broken,external");
  add("quiet,q", flag(), "show no progress (only a terminal shows it)");
  return group;
}

po::options_description what_else()
{
  po::options_description group("Others");
  auto add = group.add_options();
  add("config", text("FILE"),
      "read options from FILE, a line each: \"workers = 4\", \"external = "
      "true\", \"url = http://...\"; \"#\" begins a comment, and the command "
      "line overrides it");
  add("help,h", "show this and exit");
  add("version", "show the version of the library and exit");
  return group;
}

} // namespace

std::vector<po::options_description> option_groups()
{
  const options standard;
  return {what_is_crawled(standard.crawl), how_fast(standard), what_is_sent(),
          what_is_reported(standard), what_else()};
}

void write_help(std::ostream& out)
{
  out << about;
  if (!has_tls())
    out << "This web_spider was built without OpenSSL: it knows no https.\n\n";
  for (const auto& group : option_groups())
    out << group << '\n';
  out << exit_codes + 1;
}

} // namespace spider
