// SPDX-License-Identifier: BSL-1.0

#include "service.hpp"

#include <toro/diagnostics.hpp>
#include <toro/first_of.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <thread>
#include <utility>
#include <vector>

namespace recipes {

namespace {

options::options_description
all_options(service_options& to, const options::options_description& own)
{
  server_limits& limits = to.limits;
  options::options_description all("Options; times are in milliseconds");
  all.add_options()                                              //
      ("help", "print this")                                     //
      ("port", stored_in(to.port), "0 for one that is free")     //
      ("threads", stored_in(to.threads), "that run the context") //
      ("connections", stored_in(limits.connections), "at once")  //
      ("connections-per-client", stored_in(limits.connections_per_client),
       "more of them get a status of 429")                     //
      ("patience", stored_in(limits.patience), "before that")  //
      ("idle", stored_in(limits.idle), "between two requests") //
      ("transfer", stored_in(limits.transfer),
       "for a request, for an answer") //
      ("linger", stored_in(limits.linger),
       "for a last request at the end") //
      ("grace", stored_in(limits.grace),
       "for the end, before connections are cut");
  all.add(own);
  return all;
}

using context_list = std::vector<asio::execution_context*>;

void write_dump(const context_list& contexts)
try
{
  for (auto* context : contexts)
    toro::dump(*context, std::cerr);
}
catch (const std::bad_alloc&)
{
  std::cerr << "no memory for a dump\n"; // no reason to stop serving
}

// Until it is cancelled.
asio::awaitable<void> heed(asio::signal_set& signals, http_server& server,
                           const context_list& contexts)
{
  for (;;)
  {
    const int number = co_await signals.async_wait(asio::use_awaitable);
    if (number == SIGUSR1)
    {
      write_dump(contexts);
      continue;
    }
    signals.remove(SIGINT); // the next one kills
    signals.remove(SIGTERM);
    server.stop();
    std::cout << "stopping" << std::endl;
  }
}

asio::awaitable<void>
serve(http_server& server, const std::function<asio::awaitable<void>()>& at_end)
{
  co_await server.run();
  if (at_end)
    co_await at_end();
}

// An exception that comes this far is a fault of the program, which it ends.
void run_on_threads(asio::io_context& context, std::size_t threads)
{
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i)
    others.emplace_back(
        [&context]
        {
          context.run();
        });
  context.run();
}

} // namespace

options::typed_value<unsigned>* stored_in(std::chrono::milliseconds& where)
{
  return options::value<unsigned>()
      ->default_value(static_cast<unsigned>(where.count()))
      ->notifier(
          [&where](unsigned count)
          {
            where = std::chrono::milliseconds(count);
          });
}

service_options parse_command_line(int argc, char** argv,
                                   const options::options_description& own)
try
{
  service_options chosen;
  const auto all = all_options(chosen, own);
  options::variables_map given;
  store(options::parse_command_line(argc, argv, all), given);
  if (given.count("help") != 0)
  {
    std::cout << all;
    std::exit(EXIT_SUCCESS);
  }
  notify(given);
  return chosen;
}
catch (const options::error& error)
{
  std::cerr << error.what() << '\n';
  std::exit(2);
}

void run_service(asio::io_context& context, const service_options& chosen,
                 request_handler handler,
                 std::function<asio::awaitable<void>()> at_end,
                 asio::execution_context* other)
{
  context_list contexts{&context};
  if (other != nullptr)
    contexts.push_back(other);
  for (auto* each : contexts)
    toro::enable_diagnostics(*each);

  const auto strand = asio::make_strand(context);
  http_server server(strand, chosen.port, chosen.limits, std::move(handler));
  asio::signal_set signals(strand, SIGINT, SIGTERM, SIGUSR1);
  // Whichever ends first ends the other one.
  toro::async_first_of(
      asio::co_spawn(strand, serve(server, at_end), asio::deferred),
      asio::co_spawn(strand, heed(signals, server, contexts), asio::deferred),
      [](std::size_t first, std::exception_ptr served,
         std::exception_ptr heeded)
      {
        if (const auto failure = first == 0 ? served : heeded)
          std::rethrow_exception(failure);
      });
  std::cout << "port " << server.port() << std::endl;
  run_on_threads(context, chosen.threads);
  const auto& counts = server.statistics();
  std::cout << "served " << counts.served << ", refused " << counts.refused
            << ", cut " << counts.cut << std::endl;
}

} // namespace recipes
