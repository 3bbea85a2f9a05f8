// SPDX-License-Identifier: BSL-1.0

// web_spider: crawls a web site and checks its links. README.md has a map.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "crawler.hpp"
#include "embedded_server.hpp"
#include "open_files.hpp"
#include "options.hpp"
#include "report.hpp"
#include "report_files.hpp"
#include "session.hpp"
#include "site.hpp"

#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace urls = boost::urls;
using spider::crawl_end;
using spider::crawl_report;

// The threads that run a context; the destructor takes them from it.
class context_threads
{
public:
  context_threads(asio::io_context& context, std::size_t count)
    : context_(context)
  {
    for (std::size_t i = 0; i != count; ++i)
      threads_.emplace_back(
          [this]
          {
            context_.run();
          });
  }

  context_threads(const context_threads&) = delete;
  context_threads& operator=(const context_threads&) = delete;

  ~context_threads()
  {
    context_.stop();
    for (auto& thread : threads_)
      thread.join();
  }

private:
  asio::io_context& context_;
  std::vector<std::thread> threads_;
};

std::string describe(crawl_end end)
{
  switch (end)
  {
  case crawl_end::interrupted:
    return "interrupted";
  case crawl_end::out_of_time:
    return "out of time";
  default:
    return "complete";
  }
}

crawl_report make_report(const spider::page_table& pages,
                         const urls::url& start, crawl_end end)
{
  auto report = spider::report_of(pages);
  report.start = start.buffer();
  report.end = describe(end);
  if (pages.is_full())
    report.end += ", but for what is beyond --max-pages";
  return report;
}

int status_of(crawl_end end, int caught_signal, bool has_failed)
{
  switch (end)
  {
  case crawl_end::interrupted:
    return spider::exit_signal + caught_signal;
  case crawl_end::out_of_time:
    return spider::exit_out_of_time;
  default:
    return has_failed ? spider::exit_broken_links : spider::exit_complete;
  }
}

int complain(const std::string& what, int status)
{
  std::cerr << "web_spider: " << what << '\n';
  return status;
}

// Crawl, and leave with a status: the context may have to be left as it is.
int crawl_site(const urls::url& start, const spider::options& chosen)
{
  spider::report_files files(chosen);
  asio::io_context context;
  const auto strand = asio::make_strand(context);
  spider::crawler crawl(context.get_executor(), start, chosen.crawl);
  spider::session session(strand, crawl);
  const bool with_progress = !chosen.quiet && isatty(STDERR_FILENO);

  const auto begin = std::chrono::steady_clock::now();
  auto ended = co_spawn(strand, session.run(with_progress), asio::use_future);
  const context_threads threads(context, chosen.threads);
  const crawl_end end = ended.get();
  auto report = make_report(crawl.pages(), start, end);
  report.elapsed = std::chrono::steady_clock::now() - begin;

  int status = status_of(end, session.caught_signal(),
                         spider::has_one_of(report, chosen.fail_on));
  const std::string nothing = spider::why_empty(report);
  if (nothing.empty())
    files.write(report);
  else
    status = complain(nothing, spider::exit_failed);
  if (crawl.is_stuck())
    std::quick_exit(status);
  return status;
}

// A worker has one connection at a time. The rest is for the server of the
// embedded site, the resolver, the context and the reports.
void require_open_files(std::size_t workers)
{
  constexpr std::size_t others = 50;
  const std::size_t wanted = 2 * workers + others;
  if (const auto allowed = spider::permit_open_files(wanted); allowed < wanted)
    throw spider::bad_arguments("--workers " + std::to_string(workers) +
                                " needs up to " + std::to_string(wanted) +
                                " open files, and the system allows " +
                                std::to_string(allowed) + " (ulimit -n)");
}

void use_environment(spider::options& chosen)
try
{
  if (chosen.start) // else nothing leaves this machine
    chosen.crawl.by_way_of = spider::proxies(
        [](const char* name)
        {
          return std::getenv(name);
        });
  chosen.crawl.tls = spider::make_tls_settings(chosen.tls);
  require_open_files(chosen.crawl.workers);
}
catch (const std::runtime_error& error)
{
  throw spider::bad_arguments(error.what());
}

int crawl_as_chosen(const spider::options& chosen)
{
  if (chosen.start)
    return crawl_site(*chosen.start, chosen);
  const spider::embedded_server server;
  return crawl_site(spider::canonical(server.url()).value(), chosen);
}

} // namespace

int main(int argc, char** argv)
try
{
  auto chosen = spider::parse_options(argc, argv, std::cout);
  if (!chosen)
    return spider::exit_complete;
  use_environment(*chosen);
  return crawl_as_chosen(*chosen);
}
catch (const spider::bad_arguments& error)
{
  return complain(std::string(error.what()) + " (see --help)",
                  spider::exit_bad_arguments);
}
catch (const std::exception& error)
{
  return complain(error.what(), spider::exit_failed);
}
