// What both shared objects offer.
#ifndef MODULE_HPP
#define MODULE_HPP

#include <toro/delay_queue.hpp>
#include <toro/lock.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <map>
#include <string>

using unique_things = std::map<std::string, const void*>;

#define DECLARE_MODULE(name)                                                   \
  namespace name {                                                             \
  /* Counts calls of the handler in called, and its ends in ended. */          \
  __attribute__((visibility("default"))) void                                  \
  start_acquire(toro::lock& lock, int& called, int& ended);                    \
  __attribute__((visibility("default"))) void reset(toro::guard& held);        \
  __attribute__((visibility("default"))) unique_things                         \
  list_unique_things(boost::asio::execution_context& context);                 \
  __attribute__((visibility("default"))) toro::delay_queue<int>                \
  make_queue(const boost::asio::any_io_executor& executor);                    \
  }

DECLARE_MODULE(host)
DECLARE_MODULE(plugin)

#endif // MODULE_HPP
