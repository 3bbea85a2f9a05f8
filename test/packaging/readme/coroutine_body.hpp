// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_PACKAGING_README_COROUTINE_BODY_HPP
#define TORO_TEST_PACKAGING_README_COROUTINE_BODY_HPP

// What is around a piece of documentation that is the body of a coroutine.

#include <toro.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

// The pieces check what they say, in every build.
#undef NDEBUG
#include <cassert>

namespace asio = boost::asio;

// Ends the program where the body throws, or waits for something that nobody
// will do.
inline void run_to_end(asio::awaitable<void> body)
{
  asio::io_context context;
  bool ended = false;
  asio::co_spawn(context, std::move(body),
                 [&](std::exception_ptr failure)
                 {
                   if (failure)
                     std::rethrow_exception(failure);
                   ended = true;
                 });
  context.run_for(std::chrono::seconds(30));
  if (!ended)
    std::abort();
}

#endif // TORO_TEST_PACKAGING_README_COROUTINE_BODY_HPP
