// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_SERVICE_HPP
#define TORO_EXAMPLE_RECIPES_SERVICE_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

#include "../http_server/http_server.hpp"

namespace recipes {

namespace options = boost::program_options;

/// What every one of the servers can be told on its command line.
struct service_options
{
  unsigned short port = 0; // 0: one that is free
  std::size_t threads = 2;
  server_limits limits;
};

/// Store an option where its default is.
template <class T>
options::typed_value<T>* stored_in(T& where)
{
  return options::value(&where)->default_value(where);
}

/// Store an option that is a number of milliseconds.
options::typed_value<unsigned>* stored_in(std::chrono::milliseconds& where);

/// Read a command line with these options and a program's own.
/** Ends the program if the command line asks for help, or is wrong. */
service_options
parse_command_line(int argc, char** argv,
                   const options::options_description& own = {});

/// Run a server on several threads until SIGINT or SIGTERM has ended it.
/**
 * Prints the port, that it stops, and its statistics, a line each. At SIGUSR1
 * it writes a toro::dump() of the context to the standard error.
 *
 * @param at_end Ends what the handler uses, when no request is left.
 *
 * @param other A context of the handler's own, which is dumped as well.
 */
void run_service(asio::io_context& context, const service_options& chosen,
                 request_handler handler,
                 std::function<asio::awaitable<void>()> at_end = {},
                 asio::execution_context* other = nullptr);

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_SERVICE_HPP
