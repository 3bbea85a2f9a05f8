// SPDX-License-Identifier: BSL-1.0

#include "service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

namespace recipes {

namespace {

template <class T>
auto in(T& where)
{
  return options::value(&where)->default_value(where);
}

options::options_description
all_options(service_options& to, const options::options_description& own)
{
  server_limits& limits = to.limits;
  options::options_description all("Options; times are in milliseconds");
  all.add_options()                                       //
      ("help", "print this")                              //
      ("port", in(to.port), "0 for one that is free")     //
      ("threads", in(to.threads), "that run the context") //
      ("connections", in(limits.connections), "at once")  //
      ("connections-per-client", in(limits.connections_per_client),
       "more of them get a status of 429")                           //
      ("patience", in_milliseconds(limits.patience), "before that")  //
      ("idle", in_milliseconds(limits.idle), "between two requests") //
      ("transfer", in_milliseconds(limits.transfer),
       "for a request, for an answer") //
      ("linger", in_milliseconds(limits.linger),
       "for a last request at the end") //
      ("grace", in_milliseconds(limits.grace),
       "for the end, before connections are cut");
  all.add(own);
  return all;
}

asio::awaitable<void>
serve(http_server& server, asio::signal_set& signals,
      const std::function<asio::awaitable<void>()>& at_end)
{
  co_await server.run();
  if (at_end)
    co_await at_end();
  signals.cancel();
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

options::typed_value<unsigned>* in_milliseconds(std::chrono::milliseconds& to)
{
  return options::value<unsigned>()
      ->default_value(static_cast<unsigned>(to.count()))
      ->notifier(
          [&to](unsigned count)
          {
            to = std::chrono::milliseconds(count);
          });
}

bool parse_command_line(int argc, char** argv, service_options& chosen,
                        options::options_description own)
try
{
  const auto all = all_options(chosen, own);
  options::variables_map given;
  store(options::parse_command_line(argc, argv, all), given);
  notify(given);
  if (given.count("help") != 0)
    std::cout << all;
  return given.count("help") == 0;
}
catch (const options::error& error)
{
  std::cerr << error.what() << '\n';
  return false;
}

void run_service(asio::io_context& context, const service_options& chosen,
                 request_handler handler,
                 std::function<asio::awaitable<void>()> at_end)
{
  const auto strand = asio::make_strand(context);
  http_server server(strand, chosen.port, chosen.limits, std::move(handler));
  asio::signal_set signals(strand, SIGINT, SIGTERM);
  signals.async_wait(
      [&](error_code cancelled, int)
      {
        if (cancelled)
          return;
        signals.clear(); // the next one kills
        server.stop();
        std::cout << "stopping" << std::endl;
      });
  asio::co_spawn(strand, serve(server, signals, at_end),
                 [](std::exception_ptr failure)
                 {
                   if (failure)
                     std::rethrow_exception(failure);
                 });
  std::cout << "port " << server.port() << std::endl;
  run_on_threads(context, chosen.threads);
  const auto& counts = server.statistics();
  std::cout << "served " << counts.served << ", refused " << counts.refused
            << ", cut " << counts.cut << std::endl;
}

} // namespace recipes
