// SPDX-License-Identifier: BSL-1.0

#include "options.hpp"

#include <toro/version.hpp>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <cstdint>
#include <ostream>

#include "site.hpp"

namespace spider {

namespace {

namespace po = boost::program_options;

constexpr const char* about = R"(Usage: web_spider [OPTION]... [URL]

Crawls the web site at URL (http only) and checks the links within it. Without
a URL it serves itself a small site with all kinds of trouble, and crawls that.

Checked: every URL of the site, that is of the host and port of URL and of
--also. Each is fetched once with GET, pages as well as images, scripts and
style sheets. Only text/html is read, for further links; of anything else the
status decides. Redirects are followed on the site.
Not checked: links to other hosts, to https, and to mailto: and the like. The
report counts them. No user name or password is sent.

A link is broken if it ends with 4xx, 5xx, a time-out, a failed connection or a
redirect without end, or if it is no URL at all. A page that exceeds
--body-limit is not broken, but its links are not followed; the report says so.
A server that answers 429 or 503 is asked again after the time that its
Retry-After header names, or else after 0.5 s, 1 s, 2 s and so on.

)";

constexpr const char* exit_codes = R"(
Exit status:
  0  the crawl is complete
  1  it could not begin (unreachable, or nothing to crawl there), or its result
     could not be written
  2  bad arguments
  3  complete, but links are broken (only with --fail-on-broken)
  4  --crawl-timeout has passed; the report is partial
  130, 143  ended by SIGINT or SIGTERM: the first one ends the crawl with a
     partial report, the second one ends the program

Examples:
  web_spider
  web_spider --workers 4 --json result.json http://127.0.0.1:8000/
  web_spider --json - http://127.0.0.1:8000/ | jq .broken
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

po::options_description described()
{
  const options standard;
  const crawl_options& crawl = standard.crawl;
  po::options_description shown("Options");
  auto add = shown.add_options();
  add("workers,w", count(crawl.workers), "pages worked on at once");
  add("per-host", count(crawl.per_host), "requests at once to one host");
  add("threads,t", count(standard.threads), "threads of the io_context");
  add("also", po::value<std::vector<std::string>>()->value_name("HOST[:PORT]"),
      "a further host of the site (may be repeated)");
  add("max-pages", count(crawl.max_pages), "visit no more than N URLs");
  add("max-redirects", count(crawl.max_redirects),
      "follow no more than N redirects in a row");
  add("body-limit", count(crawl.max_body_bytes / 1024),
      "read no more than N KiB of a page");
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
  add("slowest", count(standard.slowest), "list the N slowest pages");
  add("json,j", po::value<std::string>()->value_name("FILE"),
      "write the result as JSON ('-': standard output, and no table)");
  add("fail-on-broken", "end with status 3 if links are broken");
  add("quiet,q", "show no progress (only a terminal shows it)");
  add("help,h", "show this and exit");
  add("version", "show the version of the library and exit");
  return shown;
}

po::variables_map parsed(int argc, const char* const* argv,
                         const po::options_description& shown)
{
  po::options_description all;
  all.add(shown);
  all.add_options()("url", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("url", -1);
  po::variables_map values;
  po::store(po::command_line_parser(argc, argv)
                .options(all)
                .positional(positional)
                .run(),
            values);
  po::notify(values);
  return values;
}

std::size_t count_of(const po::variables_map& values, const std::string& name,
                     std::int64_t least, std::int64_t most)
{
  const auto value = values[name].as<std::int64_t>();
  if (value < least || value > most)
    throw bad_arguments("--" + name + " must be between " +
                        std::to_string(least) + " and " + std::to_string(most));
  return static_cast<std::size_t>(value);
}

std::chrono::milliseconds time_of(const po::variables_map& values,
                                  const std::string& name)
{
  const double seconds = values[name].as<double>();
  if (!(seconds >= 0.001 && seconds <= 1e6)) // false for NaN, too
    throw bad_arguments("--" + name + " must be between 0.001 and 1000000");
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
}

std::optional<urls::url> start_of(const po::variables_map& values)
{
  if (!values.contains("url"))
    return std::nullopt;
  const auto& texts = values["url"].as<std::vector<std::string>>();
  if (texts.size() != 1)
    throw bad_arguments("more than one URL");
  if (const auto problem = why_no_start(texts[0]); !problem.empty())
    throw bad_arguments(problem);
  return canonical(texts[0]);
}

std::string why_no_host(const std::string& host)
{
  const auto problem = port_problem("http://" + host);
  if (!problem.empty() && host.find_first_of("/?#@") == std::string::npos)
    return problem + " in --also " + host;
  const auto at = host.rfind('@'); // what stands before it may be a password
  return "--also takes HOST or HOST:PORT, and no URL or user, which '" +
         (at == std::string::npos ? host : "..." + host.substr(at)) + "' is";
}

std::vector<std::string> hosts_of(const po::variables_map& values)
{
  if (!values.contains("also"))
    return {};
  auto hosts = values["also"].as<std::vector<std::string>>();
  site probe(canonical("http://localhost/").value());
  for (const auto& host : hosts)
    if (!probe.add_host(host))
      throw bad_arguments(why_no_host(host));
  return hosts;
}

crawl_options crawl_of(const po::variables_map& values)
{
  crawl_options crawl;
  crawl.workers = count_of(values, "workers", 1, 10'000);
  crawl.per_host = count_of(values, "per-host", 1, 10'000);
  crawl.max_pages = count_of(values, "max-pages", 1, 1'000'000'000);
  crawl.max_redirects = count_of(values, "max-redirects", 0, 100);
  crawl.max_body_bytes = 1024 * count_of(values, "body-limit", 1, 1 << 20);
  crawl.retries = count_of(values, "retries", 0, 100);
  crawl.retry_wait = time_of(values, "retry-wait");
  crawl.retry_total = time_of(values, "retry-total");
  crawl.more_hosts = hosts_of(values);
  crawl.resolve_timeout = time_of(values, "resolve-timeout");
  crawl.connect_timeout = time_of(values, "connect-timeout");
  crawl.crawl_timeout = time_of(values, "crawl-timeout");
  crawl.grace = time_of(values, "grace");
  if (values.contains("read-timeout"))
    crawl.read_timeout = time_of(values, "read-timeout");
  else if (!values.contains("url"))
    crawl.read_timeout = std::chrono::seconds(1);
  return crawl;
}

options interpreted(const po::variables_map& values)
{
  options chosen;
  chosen.start = start_of(values);
  chosen.crawl = crawl_of(values);
  chosen.threads = count_of(values, "threads", 1, 256);
  chosen.slowest = count_of(values, "slowest", 0, 1'000'000);
  if (values.contains("json"))
    chosen.json_file = values["json"].as<std::string>();
  if (values.contains("json") && chosen.json_file.empty())
    throw bad_arguments("--json needs the name of a file");
  chosen.fail_on_broken = values.contains("fail-on-broken");
  chosen.quiet = values.contains("quiet");
  return chosen;
}

} // namespace

std::optional<options> parse_options(int argc, const char* const* argv,
                                     std::ostream& out)
try
{
  const auto shown = described();
  const auto values = parsed(argc, argv, shown);
  if (values.contains("help"))
    out << about << shown << exit_codes;
  else if (values.contains("version"))
    out << "web_spider, an example of toro for Boost.Asio "
        << TORO_VERSION_MAJOR << '.' << TORO_VERSION_MINOR << '.'
        << TORO_VERSION_PATCH << '\n';
  else
    return interpreted(values);
  return std::nullopt;
}
catch (const po::error& error)
{
  throw bad_arguments(error.what());
}

} // namespace spider
