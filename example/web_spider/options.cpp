// SPDX-License-Identifier: BSL-1.0

#include "options.hpp"

#include <toro/version.hpp>

#include <boost/program_options/errors.hpp>

#include <ostream>
#include <utility>

#include "header_options.hpp"
#include "option_list.hpp"
#include "option_values.hpp"
#include "site.hpp"

namespace spider {

namespace {

// The text of the URL, which may have a password in it.
std::string start_text_of(const option_values& values)
{
  const string_list all = texts_of(values, "url");
  if (all.empty())
    return {};
  if (all.size() != 1)
    throw bad_arguments("more than one URL");
  if (const auto problem = why_no_start(all[0]); !problem.empty())
    throw bad_arguments(problem);
  return all[0];
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

std::vector<std::string> hosts_of(const option_values& values)
{
  const string_list hosts = texts_of(values, "also");
  site probe(canonical("http://localhost/").value());
  for (const auto& host : hosts)
    if (!probe.add_host(host))
      throw bad_arguments(why_no_host(host));
  return hosts;
}

url_filter filter_of(const option_values& values)
{
  url_filter filter;
  const char* option = "--include ";
  std::string expression;
  try
  {
    for (const auto& each : texts_of(values, "include"))
      filter.include(expression = each);
    option = "--exclude ";
    for (const auto& each : texts_of(values, "exclude"))
      filter.exclude(expression = each);
  }
  catch (const std::runtime_error&)
  {
    throw bad_arguments(option + ('\'' + expression) +
                        "' is no regular expression");
  }
  return filter;
}

findings fail_on_of(const option_values& values)
{
  findings wanted;
  if (flag_of(values, "fail-on-broken"))
    wanted.broken = wanted.external = true;
  for (std::string kinds : texts_of(values, "fail-on"))
  {
    kinds += ',';
    for (auto end = kinds.find(','); end != std::string::npos;
         kinds.erase(0, end + 1), end = kinds.find(','))
    {
      const std::string kind = kinds.substr(0, end);
      const bool is_any = kind == "any";
      if (!is_any && kind != "broken" && kind != "external" &&
          kind != "anchors" && kind != "notices")
        throw bad_arguments(
            "--fail-on takes broken, external, anchors, notices "
            "or any, and not '" +
            kind + "'");
      wanted.broken |= is_any || kind == "broken";
      wanted.external |= is_any || kind == "external";
      wanted.anchors |= is_any || kind == "anchors";
      wanted.notices |= is_any || kind == "notices";
    }
  }
  return wanted;
}

crawl_options crawl_of(const option_values& values)
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
  crawl.with_external = flag_of(values, "external");
  crawl.external_per_host = count_of(values, "external-per-host", 1, 10'000);
  crawl.external_pause = time_of(values, "external-pause", "0");
  crawl.pause = time_of(values, "pause", "0");
  crawl.longest_crawl_delay = time_of(values, "crawl-delay-limit", "0");
  crawl.ignore_robots = flag_of(values, "ignore-robots");
  if (values.contains("depth"))
    crawl.depth = count_of(values, "depth", 0, 1'000'000'000);
  crawl.max_links = count_of(values, "links-limit", 1, 1'000'000'000);
  crawl.filter = filter_of(values);
  crawl.user_agent = user_agent_of(values);
  crawl.headers = headers_of(values);
  if (values.contains("read-timeout"))
    crawl.read_timeout = time_of(values, "read-timeout");
  else if (!values.contains("url"))
    crawl.read_timeout = std::chrono::seconds(1);
  return crawl;
}

// The name of a file for a report; several cannot have standard output.
void set_files(options& chosen, const option_values& values)
{
  int to_output = 0;
  for (const auto& [name, file] : {std::pair("json", &chosen.json_file),
                                   std::pair("csv", &chosen.csv_file),
                                   std::pair("junit", &chosen.junit_file)})
  {
    *file = text_of(values, name);
    if (values.contains(name) && file->empty())
      throw bad_arguments(std::string("--") + name +
                          " needs the name of a file");
    to_output += *file == "-";
  }
  if (to_output > 1)
    throw bad_arguments("only one of --json, --csv and --junit can be '-'");
}

options interpreted(const option_values& values)
{
  options chosen;
  chosen.crawl = crawl_of(values);
  if (const std::string start = start_text_of(values); !start.empty())
  {
    chosen.start = canonical(start);
    chosen.crawl.credentials = credentials_of(start);
    chosen.crawl.credentials_origin = origin_of(*chosen.start);
  }
  chosen.threads = count_of(values, "threads", 1, 256);
  chosen.slowest = count_of(values, "slowest", 0, 1'000'000);
  set_files(chosen, values);
  chosen.fail_on = fail_on_of(values);
  chosen.quiet = flag_of(values, "quiet");
  chosen.tls.is_insecure = flag_of(values, "insecure");
  chosen.tls.ca_file = text_of(values, "ca-file");
  return chosen;
}

} // namespace

std::string default_user_agent()
{
  return "toro-web-spider/" + std::to_string(TORO_VERSION_MAJOR) + '.' +
         std::to_string(TORO_VERSION_MINOR);
}

std::optional<options> parse_options(int argc, const char* const* argv,
                                     std::ostream& out)
try
{
  const auto values = values_of(argc, argv);
  if (values.contains("help"))
    write_help(out);
  else if (values.contains("version"))
    out << "web_spider, an example of toro for Boost.Asio "
        << TORO_VERSION_MAJOR << '.' << TORO_VERSION_MINOR << '.'
        << TORO_VERSION_PATCH << '\n';
  else
    return interpreted(values);
  return std::nullopt;
}
catch (const boost::program_options::error& error)
{
  throw bad_arguments(error.what());
}

} // namespace spider
